import type { GraphQLError } from "graphql";
import { ClientError } from "../../../kit/errors";
import { createRequestContext } from "../../../kit/request-context";
import type { Identity, Viewer } from "../../../kit/viewer";
import type { Generation, Generations } from "../../generation";
import type { PreparedStream, PrepareStream } from "../../streams/core/prepared-stream";
import type { CheckedOperation } from "../../streams/stream";
import type { OperationRegistry } from "../registry/operation-registry";
import type { WebhookEndpoint } from "./webhook";

/** What an endpoint subscribes to. */
export type Subscribed = Pick<
  WebhookEndpoint,
  "partnerId" | "partnerSlug" | "operationId" | "operationName" | "variables"
>;

/** A subscription that cannot run, or not for this partner; the message is for the partner. */
export class SubscriptionRefused extends Error {
  override readonly name = "SubscriptionRefused";
}

/** The checks that every operation passes: parser, limits, validation, variables, access rules. */
export type CheckSubscription = (
  generation: Generation,
  sent: { readonly query: string; readonly operationName: string; readonly variables: Subscribed["variables"] },
  viewer: Viewer,
) => CheckedOperation | readonly GraphQLError[];

/** Registered subscriptions on the graph of now. */
export interface Subscriptions {
  /**
   * Checks and plans a subscription as the partner with these scopes, and keeps its graph for as long as it is used.
   * @throws SubscriptionRefused
   */
  use<Result>(
    subscribed: Subscribed,
    scopes: readonly string[],
    run: (prepared: PreparedStream) => Promise<Result>,
  ): Promise<Result>;
}

export function createSubscriptions(options: {
  generations: Pick<Generations, "current" | "enter">;
  registry: () => OperationRegistry;
  check: CheckSubscription;
  prepare: PrepareStream;
}): Subscriptions {
  const { generations, registry, check, prepare } = options;

  const prepareFor = async (subscribed: Subscribed, viewer: Identity): Promise<PreparedStream> => {
    const { partnerSlug, operationId } = subscribed;
    // The text that the partner chose for as long as it is registered, then the one that took its name.
    const operation =
      registry().find(partnerSlug, operationId) ?? registry().named(partnerSlug, subscribed.operationName);
    if (operation?.type !== "subscription")
      throw new SubscriptionRefused("The subscription is not registered any more.");
    const { body: query, name: operationName } = operation;
    const { variables } = subscribed;
    const checked = check(generations.current(), { query, operationName, variables }, viewer);
    if (isErrors(checked)) throw new SubscriptionRefused(checked.map(({ message }) => message).join(" "));
    try {
      const context = { ...createRequestContext(undefined, undefined), viewer };
      return await prepare({ checked, operationName, context });
    } catch (error) {
      // That something is away says nothing about the subscription.
      if (!(error instanceof ClientError) || error.code === "SERVICE_UNAVAILABLE") throw error;
      throw new SubscriptionRefused(error.message);
    }
  };

  return {
    use: async (subscribed, scopes, run) => {
      const leave = generations.enter();
      try {
        const viewer: Identity = { kind: "partner", subject: subscribed.partnerId, roles: [], scopes };
        return await run(await prepareFor(subscribed, viewer));
      } finally {
        leave();
      }
    },
  };
}

const isErrors = (value: CheckedOperation | readonly GraphQLError[]): value is readonly GraphQLError[] =>
  Array.isArray(value);
