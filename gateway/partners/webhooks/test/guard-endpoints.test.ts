import { recordingLog } from "../../../test/harness/recording-log";
import { createEndpointGuard, MAX_FAILING_MS, MAX_PARKED_IN_A_ROW } from "../guard-endpoints";
import type { DeliveryLease, WebhookEndpoint } from "../webhook";
import type { Health } from "../webhook-store";
import { metrics } from "./webhook-database";

const SINCE = new Date("2026-11-01T12:00:00Z");
const endpoint = { id: "e1", partnerSlug: "acme", url: "https://hooks.example/" } as WebhookEndpoint;
const lease = { endpoint } as DeliveryLease;

/** The guard at a moment, and what it does. */
function at(now: Date, isActive = true) {
  const done: string[] = [];
  const { log } = recordingLog();
  const guard = createEndpointGuard({
    endpoints: {
      disable: (id, reason, when) => {
        done.push(`disabled ${id} at ${when.toISOString()}: ${reason}`);
        return Promise.resolve(isActive);
      },
    },
    messages: { addSent: ({ type }) => Promise.resolve(void done.push(`noted ${type}`)) },
    send: (_, { body }) => {
      const { type, data } = JSON.parse(body) as { type: string; data: { reason: string } };
      done.push(`sent ${type}: ${data.reason}`);
      return Promise.resolve({ at: now, status: 500, durationMs: 1, error: "no", response: undefined });
    },
    now: () => now,
    metrics: metrics(),
    log,
  });
  return {
    done,
    failed: (status: number | undefined, health: Health | undefined) => guard.failed(lease, status, health),
  };
}
const after = (ms: number) => new Date(SINCE.getTime() + ms);
const failing = (more: Partial<Health> = {}): Health => ({ failingSince: SINCE, parkedInARow: 0, ...more });

describe("an endpoint that fails", () => {
  it("is disabled with the first failure five days after the last delivery, and told so; not a millisecond sooner", async () => {
    const before = at(after(MAX_FAILING_MS - 1));
    await before.failed(500, failing());
    expect(before.done).toEqual([]);
    const { done, failed } = at(after(MAX_FAILING_MS));
    await failed(undefined, failing());
    const reason = "No delivery has succeeded since 2026-11-01T12:00:00.000Z.";
    expect(done).toEqual([
      `disabled e1 at 2026-11-06T12:00:00.000Z: ${reason}`,
      `sent tributary.webhook.disabled: ${reason}`,
      "noted tributary.webhook.disabled",
    ]);
  });

  it("is told once, by the gateway that disabled it", async () => {
    const { done, failed } = at(after(MAX_FAILING_MS), false);
    await failed(500, failing());
    expect(done).toEqual([expect.stringMatching(/^disabled /)]);
  });

  it("stays when something was delivered in between, and when nobody knows since when it fails", async () => {
    const { done, failed } = at(after(2 * MAX_FAILING_MS));
    await failed(500, failing({ failingSince: after(MAX_FAILING_MS + 1) }));
    await failed(500, failing({ failingSince: undefined }));
    await failed(500, undefined);
    expect(done).toEqual([]);
  });

  it("is disabled after so many parked messages, however short it fails", async () => {
    const { done, failed } = at(after(1));
    await failed(500, failing({ parkedInARow: MAX_PARKED_IN_A_ROW - 1 }));
    expect(done).toEqual([]);
    await failed(500, failing({ parkedInARow: MAX_PARKED_IN_A_ROW }));
    expect(done).toHaveLength(3);
  });

  it("is disabled at once when it says that it is gone, and hears nothing of it", async () => {
    const { done, failed } = at(after(1));
    await failed(410, undefined);
    expect(done).toEqual([expect.stringContaining("gone (410)")]);
  });
});
