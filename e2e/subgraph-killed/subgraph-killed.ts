import { randomInt, randomUUID } from "node:crypto";
import { setTimeout as pause } from "node:timers/promises";
import { DEMO_VARIANT } from "../../schema/demo";
import { PlaceOrderDocument } from "../../schema/generated/web";
import { isAlive } from "../harness/child-processes";
import { CUSTOMER, STAFF } from "../harness/demo";
import { type Platform, subgraphUrl } from "../harness/platform";
import { readOrder, readStock, setStock } from "../harness/shopping";
import { waitUntil } from "../harness/wait-until";

const SUBGRAPHS = ["products", "orders", "users"] as const;
const ROUNDS = 2;
const CUSTOMERS = 3;
const LONGEST_WAIT_MS = 400;
/** A start loads all of a service, on a busy machine beside everything else that starts. */
const RESTART = { deadlineMs: 60_000 };
const AWAY: readonly unknown[] = ["SUBGRAPH_UNAVAILABLE", "SERVICE_UNAVAILABLE"];

/** Of one customer who keeps ordering. */
interface Shopping {
  /** Acknowledged orders, by idempotency key. */
  readonly placed: Map<string, string>;
  readonly codes: Set<unknown>;
  /** Answers that were neither an order nor a typed refusal. */
  readonly surprises: unknown[];
}

export function tellSubgraphKilled(platform: () => Platform): void {
  const seed = Number(process.env.STORY_SEED ?? randomInt(2 ** 31));

  describe("a subgraph is killed", () => {
    it(`at any moment, while orders are placed, and not one acknowledged order is lost or counted twice (STORY_SEED=${seed})`, async () => {
      const random = seeded(seed);
      const token = await platform().signIn(CUSTOMER);
      const staff = await platform().signIn(STAFF);
      const { variantId } = DEMO_VARIANT;
      const untouched = await readStock(platform(), staff, variantId);
      const before = { ...untouched, onHand: untouched.reserved + 5_000 };
      const ordersBefore = await countOrders(platform(), token);
      await setStock(platform(), staff, variantId, before.onHand);

      let isOver = false;
      const shoppers: Shopping[] = Array.from({ length: CUSTOMERS }, () => ({
        placed: new Map(),
        codes: new Set(),
        surprises: [],
      }));
      const shopping = shoppers.map((shopper) => keepOrdering(platform(), token, shopper, () => isOver));
      const count = () => shoppers.reduce((sum, { placed }) => sum + placed.size, 0);
      try {
        for (let round = 0; round < ROUNDS; round++) {
          for (const name of SUBGRAPHS) {
            const enough = count() + CUSTOMERS;
            await waitUntil("orders between two kills", () => count() >= enough);
            // A random moment in the life of the orders under way; nothing is waited for.
            await pause(random() * LONGEST_WAIT_MS);
            const victim = await platform().killChild(name);
            // Its own word: the gateway's is up to a second old.
            await waitUntil(
              `another ${name} to be ready`,
              async () => {
                if (isAlive(victim) || (await platform().child(name)).pid === victim.pid) return false;
                return (await fetch(`${await subgraphUrl(platform(), name)}/health/ready`)).ok;
              },
              RESTART,
            );
          }
        }
      } finally {
        isOver = true;
        await Promise.all(shopping);
      }
      await waitUntil("the platform to be ready again", () => platform().isReady(), RESTART);
      expect(shoppers.flatMap(({ surprises }) => surprises)).toEqual([]);
      // The kills were felt: somebody's order was refused, with a type, and sent again.
      expect(shoppers.flatMap(({ codes }) => [...codes])).toContain("SUBGRAPH_UNAVAILABLE");
      const ids = shoppers.flatMap(({ placed }) => [...placed.values()]);
      expect(new Set(ids).size).toBe(ids.length);
      // However often an order was sent, and wherever its answer was lost, it was placed once.
      expect(await countOrders(platform(), token)).toBe(ordersBefore + ids.length);

      const states = new Map<string, string>();
      await waitUntil(
        `each of ${ids.length} orders to reach its end`,
        async () => {
          for (const id of ids.filter((each) => !states.has(each))) {
            const order = await readOrder(platform(), token, id);
            if (order && order.status !== "PENDING") states.set(id, order.status);
          }
          return states.size === ids.length;
        },
        { deadlineMs: 60_000, pollMs: 200 },
      );
      // The shelf was never empty.
      expect(new Set(states.values())).toEqual(new Set(["CONFIRMED"]));
      expect(await readStock(platform(), staff, variantId)).toEqual({
        onHand: before.onHand,
        reserved: before.reserved + ids.length,
        available: before.onHand - before.reserved - ids.length,
      });
      await setStock(platform(), staff, variantId, before.reserved + ids.length + 1_000);
    });

    it("and meanwhile its fields are null with a type, the other subgraphs answer, and readiness tells", async () => {
      const token = await platform().signIn(CUSTOMER);
      const query = "{ me { name } products(first: 1) { nodes { id } } }";
      // It is killed at each start, so that it is seen to be away for as long as it takes to look.
      const away = await keepAway(platform(), "products");
      try {
        const answer = await waitUntil("an answer without products", async () => {
          const { body } = await platform().graphql<{ me: unknown }>(query, {}, token);
          return body.errors?.length ? body : undefined;
        });
        expect(answer.data?.me ?? null).toEqual(answer.data ? { name: CUSTOMER.name } : null);
        expect(answer.errors?.map(({ extensions }) => extensions?.code)).toEqual(["SUBGRAPH_UNAVAILABLE"]);
        expect(JSON.stringify(answer)).not.toMatch(/ECONN|127\.0\.0\.1|undici/);
        await waitUntil("readiness to turn false", async () => !(await platform().isReady()));
      } finally {
        await away.end();
      }
      await waitUntil("readiness to turn true again", () => platform().isReady(), RESTART);
      const { body } = await platform().graphql(query, {}, token);
      expect(body.errors).toBeUndefined();
    });
  });
}

async function countOrders(platform: Platform, token: string): Promise<number> {
  const query = "{ me { orders(first: 0) { totalCount } } }";
  const { body } = await platform.graphql<{ me: { orders: { totalCount: number } } }>(query, {}, token);
  if (!body.data) throw new Error(`the orders could not be counted: ${JSON.stringify(body)}`);
  return body.data.me.orders.totalCount;
}

/** Places one order after the other; each until it is acknowledged, with the same key. */
async function keepOrdering(platform: Platform, token: string, shopper: Shopping, isOver: () => boolean) {
  while (!isOver()) {
    const key = randomUUID();
    await waitUntil(
      "an order to be acknowledged",
      async () => {
        const lines = [{ variantId: DEMO_VARIANT.variantId, quantity: 1 }];
        const { body } = await platform.graphql(PlaceOrderDocument, { lines, idempotencyKey: key }, token);
        if (body.data?.placeOrder.__typename === "PlaceOrderSuccess") {
          shopper.placed.set(key, body.data.placeOrder.order.id);
          return true;
        }
        const codes = body.errors?.map(({ extensions }) => extensions?.code) ?? [];
        codes.forEach((code) => shopper.codes.add(code));
        if (codes.length === 0 || codes.some((code) => !AWAY.includes(code))) shopper.surprises.push(body);
        return false;
      },
      { deadlineMs: 60_000, pollMs: 50 },
    );
  }
}

async function keepAway(platform: Platform, name: string): Promise<{ end(): Promise<void> }> {
  let isOver = false;
  let last = await platform.killChild(name);
  const killing = waitUntil(
    "the end of an outage",
    async () => {
      const next = platform.supervisor.children().find((each) => each.name === name);
      if (!isOver && next && next.pid !== last.pid) last = await platform.killChild(name);
      return isOver;
    },
    { deadlineMs: 60_000, pollMs: 5 },
  );
  return {
    end: async () => {
      isOver = true;
      await killing;
    },
  };
}

/** Mulberry32: the same numbers for the same seed. */
function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}
