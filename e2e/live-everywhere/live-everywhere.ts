import { chromium } from "playwright-core";
import { DEMO_VARIANT } from "../../schema/demo";
import { findChromium } from "../explorer-page/find-chromium";
import { CUSTOMER, STAFF } from "../harness/demo";
import type { Result } from "../harness/graphql-client";
import { type LiveMessages, openLive, type Transport, TRANSPORTS } from "../harness/live-transports";
import type { Platform } from "../harness/platform";
import { readPrice, reprice } from "../harness/price";
import { placeOrder, readOrder } from "../harness/shopping";
import { startTcpProxy } from "../harness/tcp-proxy";
import { waitUntil } from "../harness/wait-until";

const ORDER = "subscription Watch($orderId: ID!) { orderUpdated(orderId: $orderId) { id status customer { name } } }";
const MINE = "subscription Mine { myOrders { id status } }";
interface Watched {
  orderUpdated: { id: string; status: string; customer: { name: string } };
}
interface Mine {
  myOrders: { id: string; status: string };
}

/** Who resumes what another transport began. */
const NEXT: Record<Transport, Transport> = { websocket: "events", events: "parts", parts: "websocket" };
const executablePath = findChromium(process.env);

export function tellLiveEverywhere(platform: () => Platform): void {
  describe("live data, over WebSocket, server-sent events and multipart", () => {
    let token: string;
    const open: LiveMessages<unknown>[] = [];
    beforeAll(async () => {
      token = await platform().signIn(CUSTOMER);
    });
    afterEach(async () => {
      await Promise.all(open.splice(0).map((live) => live.close()));
      await platform().untilSubscriptions(0);
    });

    const openAll = async <Data>(
      query: string,
      variables: Record<string, unknown> = {},
      cursors?: readonly string[],
    ) => {
      const all = await Promise.all(
        TRANSPORTS.map((transport, i) =>
          openLive<Data>(cursors ? NEXT[transport] : transport, platform().url, {
            query,
            variables,
            token,
            ...(cursors ? { cursor: cursors[i] ?? "" } : {}),
          }),
        ),
      );
      open.push(...all);
      return all;
    };
    const untilAll = (all: readonly LiveMessages<Watched>[], status: string) =>
      Promise.all(all.map((live) => live.until(status, ({ data }) => data?.orderUpdated.status === status)));
    const cancel = async (orderId: string) => {
      const mutation = `mutation ($orderId: ID!) { cancelOrder(input: { orderId: $orderId }) { __typename } }`;
      const { body } = await platform().graphql(mutation, { orderId }, token);
      expect(body.data).toEqual({ cancelOrder: { __typename: "CancelOrderSuccess" } });
    };

    it("tells the same of an order on each, and on another one goes on where the first was cut off", async () => {
      const { order, all } = await platform().whileBrokerHolds(async () => {
        const order = await placeOrder(platform(), token, [{ variantId: DEMO_VARIANT.variantId, quantity: 1 }]);
        const all = await openAll<Watched>(ORDER, { orderId: order.id });
        await platform().untilSubscriptions(3);
        return { order, all };
      });
      // What the order is now, that it was placed and that it was confirmed. The state can be ahead of the events that tell of it.
      await Promise.all(all.map((live) => waitUntil("three messages", () => live.messages.length === 3)));
      const confirmed = all.map(({ messages }) => messages[2]);
      const orderUpdated = { id: order.id, status: "CONFIRMED", customer: { name: CUSTOMER.name } };
      expect(confirmed[0]).toEqual({ data: { orderUpdated }, extensions: { cursor: expect.any(String) } });
      const [first, ...others] = all.map(({ messages }) => messages);
      for (const messages of others) expect(messages).toEqual(first);

      await Promise.all(all.map((live) => live.close()));
      await platform().untilSubscriptions(0);
      await cancel(order.id);
      // The change is in the log when another subscriber has been told of it, or begins with it.
      const resumed = await openAll<Watched>(ORDER, { orderId: order.id }, confirmed.map(cursorOf));
      const missed = await untilAll(resumed, "CANCELLED");
      expect(resumed.map(({ transport }) => transport)).toEqual(["events", "parts", "websocket"]);
      for (const message of missed) {
        expect(message.data).toEqual({ orderUpdated: { ...orderUpdated, status: "CANCELLED" } });
        expect(message.extensions).toMatchObject({ cursor: cursorOf(missed[0]) });
      }
      for (const { messages } of resumed) {
        expect(messages).toHaveLength(1);
        expect(messages[0]?.extensions?.["recovered"]).toBe(true);
      }
    });

    it("tells a customer of each of their orders, and after an absence of exactly those that were missed", async () => {
      const all = await openAll<Mine>(MINE);
      await platform().untilSubscriptions(3);
      const place = async () =>
        (await placeOrder(platform(), token, [{ variantId: DEMO_VARIANT.variantId, quantity: 1 }])).id;
      const first = await place();
      const confirmations = (id: string) => (live: LiveMessages<Mine>) =>
        live.until("CONFIRMED", ({ data }) => data?.myOrders.id === id && data.myOrders.status === "CONFIRMED");
      const seen = await Promise.all(all.map(confirmations(first)));
      // Both of its events may show it confirmed: the last one is where to go on.
      await Promise.all(all.map((live) => waitUntil("both events of an order", () => live.messages.length === 2)));
      const cursors = all.map(({ messages }) => cursorOf(messages.at(-1)));
      expect(new Set(cursors).size).toBe(1);
      expect(seen).toHaveLength(3);
      await Promise.all(all.map((live) => live.close()));
      await platform().untilSubscriptions(0);

      const missed = [await place(), await place()];
      for (const id of missed) {
        await waitUntil("a confirmed order", async () => {
          return (await readOrder(platform(), token, id))?.status === "CONFIRMED";
        });
      }
      const resumed = await openAll<Mine>(MINE, {}, cursors);
      for (const live of resumed) for (const id of missed) await confirmations(id)(live);
      const later = await place();
      for (const live of resumed) {
        await confirmations(later)(live);
        const ids = live.messages.map(({ data }) => data?.myOrders.id);
        expect(new Set(ids)).toEqual(new Set([...missed, later]));
        expect(live.messages[0]?.extensions).toMatchObject({ recovered: true });
        expect(live.messages.slice(1).every(({ extensions }) => extensions?.["recovered"] === undefined)).toBe(true);
      }
    });

    it("refuses a stranger and a forged cursor by name on each", async () => {
      const codes = async (subscribed: { query: string; token?: string; cursor?: string }) => {
        const found: unknown[] = [];
        for (const transport of ["events", "parts"] as const) {
          const live = await openLive<Mine>(transport, platform().url, subscribed);
          const { errors } = await live.until("errors", ({ errors }) => errors !== undefined);
          found.push(errors?.[0]?.extensions?.code);
          await live.close();
        }
        return found;
      };
      expect(await codes({ query: MINE })).toEqual(["UNAUTHENTICATED", "UNAUTHENTICATED"]);
      const forged = ["SUBSCRIPTION_INVALID_CURSOR", "SUBSCRIPTION_INVALID_CURSOR"];
      expect(await codes({ query: MINE, token, cursor: "AQEAAAAAAAc" })).toEqual(forged);
    });

    (executablePath ? it : it.skip)("reaches a browser's EventSource, which resumes by itself", async () => {
      const staff = await platform().signIn(STAFF);
      const { amountMinor: before } = await readPrice(platform());
      const query = `subscription { productPriceChanged(productIds: ["${DEMO_VARIANT.productId}"]) { id price { amountMinor } } }`;
      const network = await startTcpProxy({ host: "127.0.0.1", port: Number(new URL(platform().url).port) });
      const browser = await chromium.launch({ executablePath, args: ["--no-sandbox"] });
      try {
        // A shop's page stands in for ours, which may connect to nothing.
        const page = await browser.newPage({ bypassCSP: true });
        await page.goto(`http://127.0.0.1:${network.port}/`);
        await page.evaluate(
          (path) => {
            const told: Told[] = [];
            const source = new EventSource(path);
            source.addEventListener("next", (event) => {
              const { data, lastEventId } = event as unknown as { data: string; lastEventId: string };
              told.push({ text: data, id: lastEventId });
            });
            Object.assign(globalThis, { told });
          },
          `/graphql?${new URLSearchParams({ query })}`,
        );
        await platform().untilSubscriptions(1);
        const untilTold = async (count: number) => {
          const told = await waitUntil(`${count} prices in the browser`, async () => {
            const all = await page.evaluate(() => (globalThis as unknown as { told: Told[] }).told);
            return all.length >= count && all;
          });
          return told.map(({ text, id }) => ({ id, message: JSON.parse(text) as Result<Price> }));
        };
        await reprice(platform(), staff, 1_111);
        const [first] = await untilTold(1);
        expect(first?.message.data?.productPriceChanged.price.amountMinor).toBe(1_111);
        expect(first?.id).toBe(cursorOf(first?.message));
        // Gone before the next price, and back by itself after it.
        await network.refuse();
        await platform().untilSubscriptions(0);
        await reprice(platform(), staff, 2_222);
        await network.accept();
        const [, second] = await untilTold(2);
        expect(second?.message.data?.productPriceChanged.price.amountMinor).toBe(2_222);
        expect(second?.message.extensions).toMatchObject({ recovered: true });
      } finally {
        await browser.close();
        await network.close();
        await reprice(platform(), staff, before);
      }
    });
  });
}

interface Told {
  readonly text: string;
  readonly id: string;
}
interface Price {
  productPriceChanged: { price: { amountMinor: number } };
}

const cursorOf = (message: Result<unknown> | undefined): string => {
  const cursor = message?.extensions?.["cursor"];
  if (typeof cursor !== "string") throw new Error(`a message without a cursor: ${JSON.stringify(message)}`);
  return cursor;
};
