import type { Logger } from "../../../kit/log";
import type { EndpointGuard } from "./create-delivery-worker";
import { messageId } from "./message-id";
import type { SendMessage } from "./send-message";
import { webhookBody } from "./sign-webhook";
import type { WebhookMetrics } from "./webhook-metrics";
import type { EndpointStore, Health, MessageStore } from "./webhook-store";

/** One after another, with no delivery between them. */
export const MAX_PARKED_IN_A_ROW = 10;
export const MAX_FAILING_MS = 5 * 86_400_000;
const GONE = 410;
export const DISABLED = "tributary.webhook.disabled";

/**
 * Disables endpoints that are gone, or have failed for so long that nobody looks after them. The partner is told in the endpoint's log and by a last
 * message; the operators by a metric and a log line.
 */
export function createEndpointGuard(options: {
  endpoints: Pick<EndpointStore, "disable">;
  messages: Pick<MessageStore, "addSent">;
  send: SendMessage;
  now: () => Date;
  metrics: WebhookMetrics;
  log: Logger;
}): EndpointGuard {
  const { endpoints, messages, send, now, metrics, log } = options;

  const reasonFor = (status: number | undefined, health: Health | undefined): string | undefined => {
    if (status === GONE) return "The endpoint answered that it is gone (410).";
    if (!health) return undefined;
    if (health.parkedInARow >= MAX_PARKED_IN_A_ROW) {
      return `${health.parkedInARow} messages one after another could not be delivered.`;
    }
    const isLong = health.failingSince && now().getTime() - health.failingSince.getTime() >= MAX_FAILING_MS;
    return isLong ? `No delivery has succeeded since ${health.failingSince.toISOString()}.` : undefined;
  };

  return {
    failed: async ({ endpoint }, status, health) => {
      const reason = reasonFor(status, health);
      if (reason === undefined || !(await endpoints.disable(endpoint.id, reason, now()))) return;
      metrics.disabled();
      log.warn({ endpoint: endpoint.id, partner: endpoint.partnerSlug, reason }, "a webhook's endpoint is disabled");
      // Who says that it is gone wants to hear nothing more.
      if (status === GONE) return;
      const id = messageId();
      const timestamp = now().toISOString();
      const body = webhookBody({ type: DISABLED, timestamp, data: { endpointId: endpoint.id, reason } });
      const attempt = await send(endpoint, { id, body });
      await messages.addSent({ id, endpointId: endpoint.id, type: DISABLED, body, attempt });
    },
  };
}
