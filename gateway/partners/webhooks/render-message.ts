import { compileConditions } from "../../../schema/event-condition";
import { keyOf } from "../../streams/core/stream-event";
import { webhookBody } from "./sign-webhook";
import { SubscriptionRefused, type Subscriptions } from "./subscriptions";
import type { RenderLease } from "./webhook";
import type { EndpointStore } from "./webhook-store";

/** What becomes of a message before it is sent. */
export type Rendering =
  | { readonly kind: "body"; readonly body: string }
  /** Nothing is sent; the reason is for the partner. */
  | { readonly kind: "dropped"; readonly reason: string }
  /** Something is away. */
  | { readonly kind: "later"; readonly reason: string };

interface Answer {
  readonly data: Readonly<Record<string, unknown>> | null;
  readonly errors?: readonly { readonly message: string; readonly extensions?: { readonly code?: string } }[];
}

/** Of errors that may be gone a little later. */
const PASSING: ReadonlySet<string | undefined> = new Set([
  "SUBGRAPH_UNAVAILABLE",
  "SUBGRAPH_RESPONSE_INVALID",
  "SERVICE_UNAVAILABLE",
  "RATE_LIMITED",
  "INTERNAL_SERVER_ERROR",
]);

/**
 * Runs the endpoint's subscription for one event, as the partner with the scopes of now: what the key that made the endpoint could see and the
 * partner's keys still may.
 */
export function createRenderMessage(options: {
  subscriptions: Subscriptions;
  endpoints: Pick<EndpointStore, "scopesOf">;
  now: () => Date;
}): (lease: RenderLease) => Promise<Rendering> {
  const { subscriptions, endpoints, now } = options;
  return async ({ endpoint, event }) => {
    const valid = await endpoints.scopesOf(endpoint.partnerId, endpoint.mode, now());
    const scopes = endpoint.scopes.filter((scope) => valid.includes(scope));
    try {
      return await subscriptions.use(endpoint, scopes, async (prepared): Promise<Rendering> => {
        const { field } = prepared;
        const key = keyOf(field, event);
        const isWanted = field.types.includes(event.type) && compileConditions(field.where, prepared)(event.data);
        if (key === undefined || !isWanted) return dropped("The endpoint does not subscribe to this event any more.");
        if (!compileConditions(field.authorize, prepared)(event.data)) return dropped(NOT_VISIBLE);
        const text = await prepared.resolve({ key, event });
        if (text === undefined) return dropped(NOT_VISIBLE);
        return renderingOf(JSON.parse(text) as Answer, event);
      });
    } catch (error) {
      if (error instanceof SubscriptionRefused) return dropped(error.message);
      throw error;
    }
  };
}

const NOT_VISIBLE = "It is gone, or the partner may not see it.";
const dropped = (reason: string): Rendering => ({ kind: "dropped", reason });

function renderingOf({ data, errors = [] }: Answer, { type, time }: RenderLease["event"]): Rendering {
  const reason = errors.map(({ message }) => message).join(" ");
  if (errors.some(({ extensions }) => PASSING.has(extensions?.code))) return { kind: "later", reason };
  if (data === null) return dropped(reason === "" ? NOT_VISIBLE : reason);
  const content = { type, timestamp: time, data, ...(errors.length > 0 ? { errors } : {}) };
  return { kind: "body", body: webhookBody(content) };
}
