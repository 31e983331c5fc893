import { LRUCache } from "lru-cache";
import type { EventMessage } from "../../../kit/amqp/event-message";
import type { Logger } from "../../../kit/log";
import type { Generation } from "../../generation";
import { createEventIndex, type EventIndex } from "../../streams/core/event-index";
import { keyOf } from "../../streams/core/stream-event";
import type { PreparedStream } from "../../streams/core/prepared-stream";
import type { OperationRegistry } from "../registry/operation-registry";
import { SubscriptionRefused, type Subscriptions } from "./subscriptions";
import type { WebhookEndpoint } from "./webhook";
import type { EndpointStore } from "./webhook-store";

/** An endpoint that an event is for. */
export interface Subscriber {
  readonly endpoint: WebhookEndpoint;
  /** What keeps its order: JSON of the key of the entity that the event is about. */
  readonly entity: string;
}

type Interest = Pick<PreparedStream, "field" | "args" | "claims"> & { readonly endpoint: WebhookEndpoint };

/** Which endpoints an event is for, by the filters of their subscriptions. Whether the partner may see it is decided when its body is made. */
export interface Subscribers {
  of(event: EventMessage): Promise<readonly Subscriber[]>;
}

/** What an index was made of: when one of them is another, so is the index. */
interface Basis {
  readonly revision: string;
  readonly generation: Generation;
  readonly registry: OperationRegistry;
}

const REMEMBERED = 10_000;

/** Keeps the endpoints in memory, and asks with each event whether they are still the same: an endpoint that exists misses nothing. */
export function createSubscribers(options: {
  endpoints: Pick<EndpointStore, "revision" | "live" | "note">;
  subscriptions: Subscriptions;
  generation: () => Generation;
  registry: () => OperationRegistry;
  now: () => Date;
  log: Logger;
}): Subscribers {
  const { endpoints, subscriptions, generation, registry, now, log } = options;
  /** Why endpoints cannot be used, as it was told. */
  const told = new LRUCache<string, string>({ max: REMEMBERED });
  let known: { readonly basis: Basis; readonly index: Promise<EventIndex<Interest>> } | undefined;

  const interestOf = async (endpoint: WebhookEndpoint): Promise<Interest | undefined> => {
    try {
      return await subscriptions.use(endpoint, endpoint.scopes, ({ field, args, claims }) =>
        Promise.resolve({ field, args, claims, endpoint }),
      );
    } catch (error) {
      if (!(error instanceof SubscriptionRefused)) throw error;
      if (told.get(endpoint.id) === error.message) return undefined;
      told.set(endpoint.id, error.message);
      log.warn({ endpoint: endpoint.id, reason: error.message }, "a webhook's subscription cannot run");
      await endpoints.note(endpoint.id, { at: now(), kind: "unusable", detail: error.message });
      return undefined;
    }
  };

  const build = async (): Promise<EventIndex<Interest>> => {
    const index = createEventIndex<Interest>();
    for (const endpoint of await endpoints.live()) {
      const interest = await interestOf(endpoint);
      if (interest) index.add(interest);
    }
    return index;
  };

  const current = async (): Promise<EventIndex<Interest>> => {
    const basis: Basis = { revision: await endpoints.revision(), generation: generation(), registry: registry() };
    if (known && isSame(known.basis, basis)) return known.index;
    const made = { basis, index: build() };
    known = made;
    // What could not be made is made again with the next event.
    made.index.catch(() => {
      if (known === made) known = undefined;
    });
    return made.index;
  };

  return {
    of: async (event) => {
      const found = (await current()).match(event);
      return found.flatMap(({ field, endpoint }) => {
        const key = keyOf(field, event);
        if (key === undefined) return [];
        return [{ endpoint, entity: JSON.stringify([field.entities.get(event.type) ?? "", key]) }];
      });
    },
  };
}

const isSame = (a: Basis, b: Basis): boolean =>
  a.revision === b.revision && a.generation === b.generation && a.registry === b.registry;
