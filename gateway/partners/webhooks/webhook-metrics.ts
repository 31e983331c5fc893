import { Counter, Histogram, type Registry } from "../../../kit/metrics";
import type { MessageState } from "./webhook";

export interface WebhookMetrics {
  attempted(outcome: "delivered" | "failed", durationMs: number): void;
  /** Messages that came to an end. */
  ended(state: Exclude<MessageState, "queued" | "waiting">): void;
  disabled(): void;
}

export function createWebhookMetrics(registry: Registry): WebhookMetrics {
  const attempts = new Histogram({
    name: "gateway_webhook_attempt_duration_seconds",
    help: "Time of a webhook's POST, by what came of it.",
    labelNames: ["outcome"],
    buckets: [0.01, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 15],
    registers: [registry],
  });
  const messages = new Counter({
    name: "gateway_webhook_messages_total",
    help: "Messages of webhooks that came to an end, by which.",
    labelNames: ["state"],
    registers: [registry],
  });
  const endpoints = new Counter({
    name: "gateway_webhook_endpoints_disabled_total",
    help: "Endpoints of webhooks that were disabled because they failed.",
    registers: [registry],
  });
  return {
    attempted: (outcome, durationMs) => attempts.labels(outcome).observe(durationMs / 1_000),
    ended: (state) => messages.labels(state).inc(),
    disabled: () => endpoints.inc(),
  };
}
