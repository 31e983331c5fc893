import { type Receiver, startReceiver, verified } from "../../gateway/partners/webhooks/test/receiver";
import { DEMO_PARTNER_KEY, DEMO_VARIANT } from "../../schema/demo";
import { STAFF } from "../harness/demo";
import type { Platform } from "../harness/platform";
import { readPrice, reprice } from "../harness/price";
import { waitUntil } from "../harness/wait-until";

interface Told {
  readonly timestamp: string;
  readonly data: { readonly productPriceChanged: { readonly sku: string; readonly price: { amountMinor: number } } };
}

/** A message whose lease is lost with its gateway is free again after half a minute. */
const LEASE = { deadlineMs: 90_000 };

/**
 * Webhooks outlive the gateway that sends them, and whatever else is killed while the lost lease runs out.
 * @param meanwhile tells other stories, so that nobody waits for it
 */
export function tellWebhooksKilled(platform: () => Platform, meanwhile: () => void): void {
  describe("a gateway that is killed while it sends a webhook", () => {
    let receiver: Receiver;
    let secret: string;
    let amountMinor: number;
    beforeAll(async () => {
      receiver = await startReceiver();
    });
    afterAll(() => receiver.close());

    test("is followed by one that takes on what changes", async () => {
      const created = await fetch(`${platform().url}/partner/v1/webhooks`, {
        method: "POST",
        headers: { "x-api-key": DEMO_PARTNER_KEY, "content-type": "application/json" },
        body: JSON.stringify({
          url: receiver.url,
          operation: "PriceChanges",
          variables: { productIds: [DEMO_VARIANT.productId] },
        }),
      });
      expect(created.status).toBe(201);
      ({ secret } = (await created.json()) as { secret: string });
      const token = await platform().signIn(STAFF);
      ({ amountMinor } = await readPrice(platform()));

      // No answer: the message is under way when its gateway dies.
      receiver.answer = () => undefined;
      await reprice(platform(), token, amountMinor + 1);
      await waitUntil("the first request", () => receiver.received.length === 1);
      await platform().killChild("gateway");
      receiver.answer = 204;
      await waitUntil("the next gateway", () => platform().isReady(), LEASE);
      for (const more of [2, 3]) await reprice(platform(), token, amountMinor + more);
    });

    meanwhile();

    test("has it sent again by the next one, and what came after it in order", async () => {
      await waitUntil("all messages", () => receiver.received.length >= 4, LEASE);
      const sentAt = (headers: Record<string, unknown>) => Number(headers["webhook-timestamp"]) * 1_000;
      const told = receiver.received.map((one) => verified(secret, one, sentAt(one.headers)) as Told);
      const prices = told.map(({ data }) => data.productPriceChanged.price.amountMinor - amountMinor);
      // A body is made a moment after its event, and may show the next price already; it never shows an older one.
      expect([prices[0], prices[1], prices[3]]).toEqual([1, 1, 3]);
      expect([2, 3]).toContain(prices[2]);
      expect(new Set(receiver.received.map(({ id }) => id)).size).toBe(3);
      expect(receiver.received[0]?.id).toBe(receiver.received[1]?.id);
      const times = told.map(({ timestamp }) => timestamp);
      expect(times).toEqual([...times].sort());
      expect(told[0]?.data.productPriceChanged.sku).toBe(DEMO_VARIANT.sku);
    });
  });
}
