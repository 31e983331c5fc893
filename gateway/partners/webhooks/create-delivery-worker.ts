import { LRUCache } from "lru-cache";
import { newId } from "../../../kit/ids";
import type { Logger } from "../../../kit/log";
import type { Clock } from "../../streams/core/clock";
import { chooseDeliveries, type DeliveryLimits } from "./choose-deliveries";
import { createPump, type Pump } from "./pump";
import { nextRetry, type Retry } from "./retry-schedule";
import type { SendMessage } from "./send-message";
import type { Attempt, DeliveryLease } from "./webhook";
import type { WebhookMetrics } from "./webhook-metrics";
import type { Health, MessageStore, Verdict } from "./webhook-store";

export const DELIVERY_LIMITS: DeliveryLimits = { healthy: 128, perEndpoint: 4, troubled: 64 };
/** Longer than a request may take, with what belongs to it. */
const LEASE_MS = 30_000;
/** An endpoint that takes longer gets one delivery at a time, among those that fail. */
const SLOW_MS = 2_000;
const REMEMBERED_SLOW = 10_000;
/** Requests that take longer than this when the process ends are given up, and sent again by another one or by the next. */
const CLOSE_MS = 3_000;
const GONE = 410;

/** What is done about endpoints that fail. */
export interface EndpointGuard {
  /** @param status of the attempt that failed @param health undefined when it is not known */
  failed(lease: DeliveryLease, status: number | undefined, health: Health | undefined): Promise<void>;
}

/**
 * Sends what is due, at least once: a message whose sender dies is free again when its lease ends. One message of an entity is under way at a time, and
 * the next one has its turn when that is delivered or given up.
 * @param options.retryLater tells the processes when there will be something to do
 */
export function createDeliveryWorker(options: {
  messages: Pick<MessageStore, "due" | "lease" | "settle" | "release">;
  send: SendMessage;
  guard: EndpointGuard;
  retryLater: (retry: Retry) => void;
  delaysMs: readonly number[];
  limits?: DeliveryLimits;
  sweepMs: number;
  clock: Clock;
  metrics: WebhookMetrics;
  log: Logger;
}): Pump {
  const { messages, send, guard, retryLater, delaysMs, sweepMs, clock, metrics, log } = options;
  const limits = options.limits ?? DELIVERY_LIMITS;
  const running = new Map<string, { count: number; isTroubled: boolean }>();
  const work = new Map<DeliveryLease, Promise<void>>();
  const slow = new LRUCache<string, true>({ max: REMEMBERED_SLOW });
  let isGivenUp = false;

  const settle = async (lease: DeliveryLease, attempt: Attempt): Promise<void> => {
    const isDelivered = attempt.error === undefined;
    metrics.attempted(isDelivered ? "delivered" : "failed", attempt.durationMs);
    const retry = isDelivered || attempt.status === GONE ? undefined : nextRetry(delaysMs, lease.attempt, clock.now());
    const verdict: Verdict = retry ? { kind: "later", at: retry.at } : { kind: isDelivered ? "delivered" : "parked" };
    const health = await messages.settle(lease, attempt, verdict);
    if (verdict.kind !== "later" && health) metrics.ended(verdict.kind);
    if (retry && health) {
      retryLater(retry);
      pump.wakeAt(retry.at);
    }
    if (!isDelivered) await guard.failed(lease, attempt.status, health);
  };

  const deliver = async (lease: DeliveryLease): Promise<void> => {
    const { endpoint } = lease;
    const attempt = await send(endpoint, lease);
    // It was given back, and the database may be closed already.
    if (isGivenUp) return;
    if (attempt.durationMs <= SLOW_MS) slow.delete(endpoint.id);
    await settle(lease, attempt);
  };

  const begin = (lease: DeliveryLease, isTroubled: boolean) => {
    const { id } = lease.endpoint;
    const endpoint = running.get(id) ?? { count: 0, isTroubled };
    running.set(id, endpoint);
    endpoint.count++;
    // What takes long gives its place among the quick ones back before it ends.
    const stop = clock.after(SLOW_MS, () => {
      endpoint.isTroubled = true;
      slow.set(id, true);
      pump.wake();
    });
    const delivery = deliver(lease)
      .catch((err: unknown) => log.warn({ err, message: lease.id }, "a webhook will be sent again"))
      .finally(() => {
        stop();
        work.delete(lease);
        endpoint.count--;
        if (endpoint.count === 0) running.delete(id);
        pump.wake();
      });
    work.set(lease, delivery);
  };

  const look = async (): Promise<void> => {
    const at = new Date(clock.now());
    const due = (await messages.due(at, limits.perEndpoint)).map((message) => ({
      ...message,
      isTroubled: message.isFailing || slow.has(message.endpointId),
    }));
    const chosen = chooseDeliveries(due, running, limits);
    if (chosen.length === 0) return;
    const ids = chosen.map(({ id }) => id);
    const troubled = new Set(chosen.flatMap(({ isTroubled, endpointId }) => (isTroubled ? [endpointId] : [])));
    const leases = await messages.lease(ids, { at, until: new Date(clock.now() + LEASE_MS), token: newId() });
    for (const lease of leases) begin(lease, troubled.has(lease.endpoint.id));
  };

  const pump = createPump({ what: "messages to send", look, everyMs: sweepMs, clock, log });
  return {
    ...pump,
    close: async () => {
      await pump.close();
      let timer: NodeJS.Timeout | undefined;
      const late = new Promise((resolve) => (timer = setTimeout(resolve, CLOSE_MS)));
      await Promise.race([Promise.all(work.values()), late]);
      clearTimeout(timer);
      isGivenUp = true;
      if (work.size === 0) return;
      await messages
        .release([...work.keys()])
        // Then the leases end by themselves.
        .catch((err: unknown) => log.warn({ err }, "webhooks that were not sent could not be given back"));
    },
  };
}
