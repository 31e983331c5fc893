import type { Logger } from "../../kit/log";
import type { Registry } from "../../kit/metrics";
import type { Shutdown } from "../../kit/shutdown";
import type { AccessControl } from "../access/enforcement/access-control";
import type { Generations } from "../generation";
import type { DocumentChecker } from "../operation/check-document";
import type { OperationRegistry } from "../partners/registry/operation-registry";
import { createWebhookStores } from "../partners/store/create-webhook-stores";
import type { PartnerStores } from "../partners/store/open-partner-stores";
import { type LiveEvents, openWebhooks } from "../partners/webhooks/open-webhooks";
import type { TargetRules } from "../partners/webhooks/target-address";
import type { WebhookApi } from "../partners/webhooks/webhook-api";
import { createOperationCheck } from "./check-operation";

/** Opens webhooks on the database of the partner API. @returns undefined where there are no events to send */
export type OpenPartnerWebhooks = (on: {
  readonly stores: Pick<PartnerStores, "source">;
  /** Fulfilled once the tables are there and the registry was read: an event before that would find no subscription. */
  readonly opened: Promise<void>;
  readonly registry: () => OperationRegistry;
  readonly rules: TargetRules;
  /** Encrypts the endpoints' secrets. */
  readonly secretKey: string;
  /** The one before, while it is replaced. */
  readonly formerSecretKey: string | undefined;
}) => WebhookApi | undefined;

/** @param options.live undefined where no broker is configured */
export const partnerWebhooksOf =
  (options: {
    live: LiveEvents | undefined;
    generations: Generations;
    checker: DocumentChecker;
    access: AccessControl;
    own: Pick<Shutdown, "add">;
    log: Logger;
    metrics: Registry;
  }): OpenPartnerWebhooks =>
  ({ stores, ...on }) => {
    const { live, generations, own, log, metrics } = options;
    if (!live) return undefined;
    const check = createOperationCheck(options);
    const opening = { ...on, ...createWebhookStores(stores.source), live, generations, check, log, metrics };
    return own.add("webhooks", openWebhooks(opening)).api;
  };
