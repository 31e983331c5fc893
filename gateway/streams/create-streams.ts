import { type DocumentNode, type ExecutionResult, getArgumentValues, GraphQLError } from "graphql";
import { LRUCache } from "lru-cache";
import type { EventMessage } from "../../kit/amqp/event-message";
import { ClientError } from "../../kit/errors";
import type { Logger } from "../../kit/log";
import { Counter, Gauge, type Registry } from "../../kit/metrics";
import type { Generation } from "../generation";
import type { UpstreamContext } from "../upstream/upstream-context";
import type { Upstreams } from "../upstream/upstreams";
import { type EventField, readEventFields, valueAt } from "./event-fields";
import { createLatestQueue } from "./latest-queue";
import { prepareSubscription, type PreparedSubscription } from "./prepare-subscription";
import { canSee, type EntityKey, resolveEvent } from "./resolve-event";
import { createSubscriptionIndex } from "./subscription-index";

/** One subscription operation, already parsed, validated, limited and authorised by the same rules as any other operation. */
export interface SubscriptionRequest {
  /** The graph that the document was validated on; the subscription stays on it to its end. */
  readonly generation: Generation;
  readonly document: DocumentNode;
  readonly operationName?: string | undefined;
  readonly variables: Readonly<Record<string, unknown>>;
  readonly context: UpstreamContext;
  /** When the viewer's token ends, in milliseconds since 1970: the subscription ends with it. */
  readonly expiresAtMs?: number | undefined;
}

/** The core of live data, without a transport: events in, results out. */
export interface Streams {
  /** @returns the running subscription, or why it cannot run (typed errors, for the client) */
  open(request: SubscriptionRequest): Promise<AsyncIterableIterator<ExecutionResult> | readonly GraphQLError[]>;
  /** Takes one event of the feed. */
  take(event: EventMessage): void;
  /** Ends every subscription; clients are told to come back. */
  close(): void;
}

/** An entity that a subscriber is to be shown: because of an event, or because it is what the subscription begins with. */
interface Change {
  readonly key: EntityKey;
  readonly event: EventMessage | undefined;
}

const PLANS = 500;
const REMEMBERED_EVENTS = 10_000;
/** Entities that may wait for one slow subscriber. */
const WAITING_ENTITIES = 256;
/** Timers of Node hold 31 bits of milliseconds. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

export function createStreams(options: { upstreams: Upstreams; log: Logger; metrics: Registry }): Streams {
  const { upstreams, log, metrics } = options;
  const index = createSubscriptionIndex();
  const fieldsByGraph = new WeakMap<Generation, ReadonlyMap<string, EventField>>();
  const plans = new LRUCache<string, PreparedSubscription>({ max: PLANS });
  // At-least-once publishers repeat an event now and then; subscribers see it once.
  const seen = new LRUCache<string, true>({ max: REMEMBERED_EVENTS });
  const endings = new Set<() => void>();
  const counters = createCounters(metrics, () => index.size);

  const fieldOf = (generation: Generation, name: string): EventField | undefined => {
    let fields = fieldsByGraph.get(generation);
    if (!fields) {
      fields = readEventFields(generation.supergraph.fullDocument);
      fieldsByGraph.set(generation, fields);
    }
    return fields.get(name);
  };

  const prepare = (
    { generation, document, operationName }: SubscriptionRequest,
    text: string,
  ): PreparedSubscription => {
    const planKey = JSON.stringify([generation.supergraph.version, operationName ?? null, text]);
    const known = plans.get(planKey);
    if (known) return known;
    const prepared = prepareSubscription(generation.supergraph, document, operationName);
    plans.set(planKey, prepared);
    return prepared;
  };

  /** Why the viewer may not watch the entity; `undefined` when they may. */
  const refuse = async (prepared: PreparedSubscription, key: EntityKey, context: UpstreamContext) => {
    const { visible, errors } = await canSee(prepared, key, context, upstreams);
    if (errors.length > 0) return errors;
    if (visible) return undefined;
    const { viewer } = context;
    return [
      viewer ? typed("FORBIDDEN", "You may not watch this.") : typed("UNAUTHENTICATED", "Sign in to watch this."),
    ];
  };

  const open: Streams["open"] = async (request) => {
    const prepared = prepare(request, request.document.loc?.source.body ?? JSON.stringify(request.document));
    const field = fieldOf(request.generation, prepared.field.name);
    if (!field) {
      return [typed("SUBSCRIPTION_NOT_SUPPORTED", `No event feeds the subscription field "${prepared.field.name}".`)];
    }
    const { args, expected } = readExpectations(prepared, field, request);
    const { context } = request;

    const queue = createLatestQueue<Change>(WAITING_ENTITIES, () => counters.dropped.inc());
    const leave = index.add({
      field,
      expected,
      deliver: (event) => {
        const key = valueAt(event.data, field.key);
        if (typeof key === "string" || typeof key === "number") queue.push(key, { key, event });
        else counters.unusable.inc();
      },
    });

    // A subscription to one entity, named by its key. Whoever may not see it is told now, not left waiting for ever; whoever may gets its
    // state of now first. The subscriber is in the index already, so no change can fall between that state and the events.
    const watched = field.conditions.find(({ path, source }) => source === "args" && samePath(path, field.key));
    if (watched) {
      const key = args[watched.name] as EntityKey;
      const refusal = await refuse(prepared, key, context);
      if (refusal) {
        leave();
        return refusal;
      }
      queue.push(key, { key, event: undefined });
    }

    const expiry = scheduleExpiry(request.expiresAtMs, () =>
      queue.fail(
        new ClientError("SUBSCRIPTION_TOKEN_EXPIRED", "The token has expired; sign in again and subscribe anew."),
      ),
    );
    const end = () => queue.end();
    endings.add(end);

    const stop = () => {
      clearTimeout(expiry);
      endings.delete(end);
      leave();
    };

    // Not a generator: a generator that waits for the next event cannot be returned from, so a client that leaves would never be noticed.
    const next = async (): Promise<IteratorResult<ExecutionResult>> => {
      try {
        for (;;) {
          const { value: change, done } = await queue.next();
          if (done) break;
          const result = await resolveOne(prepared, change, request);
          if (result) return { value: result, done: false };
        }
      } catch (error) {
        if (!(error instanceof ClientError)) throw error;
        queue.end();
        return { value: { errors: [typed(error.code, error.message)] }, done: false };
      }
      stop();
      return { value: undefined, done: true };
    };
    const results: AsyncIterableIterator<ExecutionResult> = {
      next,
      return: async () => {
        stop();
        await queue.return?.();
        return { value: undefined, done: true };
      },
      [Symbol.asyncIterator]: () => results,
    };
    return results;
  };

  /** A subgraph that fails during one event gives that event's errors to this subscriber; the subscription goes on. */
  const resolveOne = async (
    prepared: PreparedSubscription,
    { key, event }: Change,
    { variables, context }: SubscriptionRequest,
  ): Promise<ExecutionResult | undefined> => {
    try {
      const result = await resolveEvent(prepared, key, variables, { ...context, ...traceOf(event) }, upstreams);
      if (result) counters.delivered.inc();
      return result;
    } catch (err) {
      log.error({ err, eventId: event?.id, requestId: context.requestId }, "an event could not be resolved");
      return {
        data: null,
        errors: [typed("INTERNAL_SERVER_ERROR", "Unexpected error.", { requestId: context.requestId })],
      };
    }
  };

  return {
    open,
    take: (event) => {
      if (seen.has(event.id)) return;
      seen.set(event.id, true);
      counters.events.inc();
      index.dispatch(event);
    },
    close: () => [...endings].forEach((end) => end()),
  };
}

/** The values that the field's conditions compare with: from the operation's arguments, or from the viewer's claims. */
function readExpectations(prepared: PreparedSubscription, field: EventField, request: SubscriptionRequest) {
  const args = getArgumentValues(prepared.field, prepared.fieldNode, request.variables);
  const { viewer } = request.context;
  const claims: Readonly<Record<string, unknown>> = viewer ? { sub: viewer.subject, kind: viewer.kind } : {};
  const expected = field.conditions.map(({ source, name }) => (source === "args" ? args[name] : claims[name]));
  return { args, expected: expected as (string | number | boolean)[] };
}

const traceOf = (event: EventMessage | undefined): Partial<Pick<UpstreamContext, "traceparent">> =>
  event?.traceparent === undefined ? {} : { traceparent: event.traceparent };

const samePath = (a: readonly string[], b: readonly string[]) =>
  a.length === b.length && a.every((part, i) => part === b[i]);

const typed = (code: ClientError["code"], message: string, details: Record<string, unknown> = {}) =>
  new GraphQLError(message, { extensions: { ...details, code } });

function scheduleExpiry(expiresAtMs: number | undefined, expire: () => void): NodeJS.Timeout | undefined {
  if (expiresAtMs === undefined) return undefined;
  return setTimeout(expire, Math.min(Math.max(expiresAtMs - Date.now(), 0), LONGEST_TIMER_MS)).unref();
}

function createCounters(metrics: Registry, subscriptions: () => number) {
  const counter = (name: string, help: string) => new Counter({ name, help, registers: [metrics] });
  new Gauge({
    name: "gateway_subscriptions",
    help: "Subscriptions that run now.",
    registers: [metrics],
    collect() {
      this.set(subscriptions());
    },
  });
  return {
    events: counter("gateway_stream_events_total", "Events taken from the feed, without repetitions."),
    delivered: counter("gateway_stream_results_total", "Results given to subscribers."),
    dropped: counter("gateway_stream_dropped_total", "Waiting entities that a slow subscriber lost."),
    unusable: counter("gateway_stream_unusable_total", "Events whose body lacks the key that the schema promises."),
  };
}
