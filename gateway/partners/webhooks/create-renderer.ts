import { newId } from "../../../kit/ids";
import type { Logger } from "../../../kit/log";
import type { Clock } from "../../streams/core/clock";
import { createPump, type Pump } from "./pump";
import type { Rendering } from "./render-message";
import { nextRetry, RENDER_DELAYS_MS } from "./retry-schedule";
import type { RenderLease } from "./webhook";
import type { WebhookMetrics } from "./webhook-metrics";
import type { MessageStore } from "./webhook-store";

const MAX_RUNNING = 16;
/** Longer than an execution may take. */
const LEASE_MS = 60_000;

/**
 * Makes the bodies of new messages as soon as they are there, also of those that wait behind others: a body says how things were when the event was new.
 * @param options.onRendered called when there is something to send
 */
export function createRenderer(options: {
  messages: Pick<MessageStore, "leaseToRender" | "rendered" | "renderLater" | "drop">;
  render: (lease: RenderLease) => Promise<Rendering>;
  onRendered: () => void;
  sweepMs: number;
  clock: Clock;
  metrics: WebhookMetrics;
  log: Logger;
}): Pump {
  const { messages, render, onRendered, sweepMs, clock, metrics, log } = options;
  const running = new Set<Promise<void>>();
  const now = () => new Date(clock.now());

  const renderOne = async (lease: RenderLease): Promise<void> => {
    const rendering = await render(lease).catch((err: unknown): Rendering => {
      log.error({ err, message: lease.id, endpoint: lease.endpoint.id }, "a webhook's body could not be made");
      return { kind: "later", reason: "The body could not be made." };
    });
    if (rendering.kind === "body") {
      await messages.rendered(lease, rendering.body, now());
      return onRendered();
    }
    const { reason } = rendering;
    const retry = rendering.kind === "later" ? nextRetry(RENDER_DELAYS_MS, lease.renderings, clock.now()) : undefined;
    if (retry) {
      await messages.renderLater(lease, retry.at, reason);
      return pump.wakeAt(retry.at);
    }
    const state = rendering.kind === "dropped" ? "dropped" : "parked";
    await messages.drop(lease, state, reason, now());
    metrics.ended(state);
    // What waited behind it is next.
    onRendered();
  };

  const look = async (): Promise<void> => {
    const limit = MAX_RUNNING - running.size;
    if (limit <= 0) return;
    const until = new Date(clock.now() + LEASE_MS);
    for (const lease of await messages.leaseToRender({ at: now(), until, token: newId(), limit })) {
      const work = renderOne(lease)
        // The lease ends, and somebody makes the body then.
        .catch((err: unknown) => log.warn({ err, message: lease.id }, "a webhook's body could not be stored"))
        .finally(() => {
          running.delete(work);
          pump.wake();
        });
      running.add(work);
    }
  };

  const pump = createPump({ what: "bodies to make", look, everyMs: sweepMs, clock, log });
  return {
    ...pump,
    close: async () => {
      await pump.close();
      await Promise.all(running);
    },
  };
}
