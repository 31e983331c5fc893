import { createHash } from "node:crypto";
import { LRUCache } from "lru-cache";
import type { EventMessage } from "../../../kit/amqp/event-message";
import { newId } from "../../../kit/ids";
import { createRequestContext, type RequestContext } from "../../../kit/request-context";
import type { UpstreamContext } from "../../upstream/upstream-context";
import type { Caller } from "./caller";

/** Tells subgraphs what their answer is for, and keeps apart what must not share a call: answers from before an event and after it. */
export const EVENT_ID_HEADER = "x-event-id";

/** One change, as all executions on its account see it. */
export interface ChangeContext {
  /** By `Moments.now()`: an execution that begins later has seen the change. */
  readonly since: number;
  /** How its subgraph calls appear in logs and traces. A shared execution is nobody's request: it has an id of its own. */
  readonly ids: RequestContext;
  readonly eventId: string;
  /** What the log was told of it already: thousands of executions of one event fail for one reason. */
  readonly told: Set<string>;
}

/** Orders executions and changes. */
export interface Moments {
  /** Grows with every event. */
  now(): number;
  contextOf(event: EventMessage | undefined): ChangeContext;
}

const REMEMBERED_EVENTS = 10_000;
const HEADER_VALUE = /^[\w.:/-]{1,128}$/;

/** @param eventsTaken how many events the gateway has taken so far */
export function createMoments(eventsTaken: () => number): Moments {
  const known = new LRUCache<string, ChangeContext>({ max: REMEMBERED_EVENTS });
  const process = newId();
  let unseen = 0;
  const now = () => eventsTaken() + unseen;
  let present: ChangeContext | undefined;

  return {
    now,
    contextOf: (event) => {
      if (!event) {
        const since = now();
        if (present?.since !== since) {
          present = {
            since,
            ids: createRequestContext(undefined, undefined),
            eventId: `${process}.${since}`,
            told: new Set(),
          };
        }
        return present;
      }
      const found = known.get(event.id);
      if (found) return found;
      // Whoever counts events may count this one later; what is asked because of it is never answered by what began before.
      unseen++;
      const context: ChangeContext = {
        since: now(),
        // The event's own request id is of whoever caused the event, and no business of those who are shown it.
        ids: createRequestContext(undefined, event.traceparent),
        eventId: HEADER_VALUE.test(event.id) ? event.id : createHash("sha256").update(event.id).digest("hex"),
        told: new Set(),
      };
      known.set(event.id, context);
      return context;
    },
  };
}

/**
 * Who asks on account of a change. No client's signal: an execution is not given up because one of those who wait for it left. Callers that
 * are the same to every subgraph ask with one context, as long as it is for one change after the other.
 * @returns makes them; `traceparent` is that of the execution, where it is traced
 */
export function createCallContexts(): (caller: Caller, change: ChangeContext, traceparent?: string) => UpstreamContext {
  let last: ChangeContext | undefined;
  let known = new Map<string, UpstreamContext>();

  const create = ({ viewer, forwardedHeaders }: Caller, { ids, eventId }: ChangeContext, traceparent: string) => ({
    requestId: ids.requestId,
    traceparent,
    viewer,
    forwardedHeaders: { ...forwardedHeaders, [EVENT_ID_HEADER]: eventId },
  });

  return (caller, change, traceparent) => {
    if (traceparent !== undefined) return create(caller, change, traceparent);
    if (last !== change) {
      last = change;
      known = new Map();
    }
    const found = known.get(caller.fingerprint);
    if (found) return found;
    const context = create(caller, change, change.ids.traceparent);
    known.set(caller.fingerprint, context);
    return context;
  };
}
