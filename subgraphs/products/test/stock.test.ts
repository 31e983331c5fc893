import type { Db } from "mongodb";
import { newId } from "../../../kit/ids";
import type { Product, Variant } from "../domain/product";
import { parseEventData } from "../../../schema/events/parse-event-data";
import { stockChanged } from "../../../schema/events/stock-changed";
import { putBackLeftovers, releaseStock } from "../domain/release-stock";
import { reserveStock } from "../domain/reserve-stock";
import type { ReservationState, StockLine, StockStore } from "../domain/stock-store";
import { productsOf, type ReservationDocument, reservationsOf } from "../store/documents";
import { createMongoStockStore } from "../store/mongo-stock-store";
import { makeProduct, makeVariant, store } from "./make-product";
import { createTestDatabase, type TestDatabase } from "./test-database";

const ORIGIN = { requestId: "request-1", traceparent: "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01" };

let database: TestDatabase;
let db: Db;
let stock: StockStore;
let commits = 0;

beforeAll(async () => {
  database = await createTestDatabase();
  db = database.db;
  stock = createMongoStockStore({ db, now: () => new Date(), onCommit: () => void commits++ });
});
afterAll(() => database.close());

/** A stored product with one variant for each number of units. */
async function productWith(...units: number[]): Promise<Product> {
  const product = makeProduct({ variants: units.map((onHand) => makeVariant({ onHand })) });
  await store(db, product);
  return product;
}

const line = ({ id }: Product, variant: Variant | undefined, quantity: number): StockLine => {
  if (!variant) throw new Error("the product has no such variant");
  return { productId: id, variantId: variant.id, quantity };
};

/** Units as `onHand/reserved/available` of each variant, and the orders that the product is marked with. */
async function look({ id }: Product): Promise<{ units: string[]; reservedFor: string[] }> {
  const row = await productsOf(db).findOne({ _id: id });
  if (!row) throw new Error("the product is gone");
  const units = row.variants.map(({ onHand, reserved, available }) => `${onHand}/${reserved}/${available}`);
  return { units, reservedFor: row.reservedFor };
}

const reservationOf = async (orderId: string): Promise<ReservationDocument> => {
  const row = await reservationsOf(db).findOne({ _id: orderId });
  if (!row) throw new Error("there is no reservation");
  return row;
};
const answersTo = async (orderId: string) =>
  (await reservationOf(orderId)).outbox.map(({ type, subject, data, requestId, traceparent }) => ({
    type,
    subject,
    data,
    requestId,
    traceparent,
  }));

describe("reserving", () => {
  it("sets aside every line of an order, over several products, and answers once", async () => {
    const [one, two] = [await productWith(5, 3), await productWith(9)];
    const orderId = newId();
    const lines = [line(one, one.variants[0], 2), line(two, two.variants[0], 9), line(one, one.variants[1], 3)];
    const before = commits;
    expect(await reserveStock(stock, orderId, lines, ORIGIN)).toMatchObject({ state: "RESERVED" });
    expect(await look(one)).toEqual({ units: ["5/2/3", "3/3/0"], reservedFor: [orderId] });
    expect(await look(two)).toEqual({ units: ["9/9/0"], reservedFor: [orderId] });
    expect(await answersTo(orderId)).toEqual([
      { type: "products.stock.reserved.v1", subject: orderId, data: { orderId }, ...ORIGIN },
    ]);
    // Two products and the reservation.
    expect(commits).toBe(before + 3);
  });

  it("changes nothing when the same order comes again", async () => {
    const product = await productWith(5);
    const orderId = newId();
    for (let i = 0; i < 3; i++) await reserveStock(stock, orderId, [line(product, product.variants[0], 2)], ORIGIN);
    expect(await look(product)).toEqual({ units: ["5/2/3"], reservedFor: [orderId] });
    expect(await answersTo(orderId)).toHaveLength(1);
  });

  it("adds up several lines of one variant", async () => {
    const product = await productWith(5);
    const lines = [line(product, product.variants[0], 3), line(product, product.variants[0], 3)];
    const orderId = newId();
    expect(await reserveStock(stock, orderId, lines, ORIGIN)).toMatchObject({ state: "REJECTED" });
    expect(await look(product)).toEqual({ units: ["5/0/5"], reservedFor: [] });
    await reserveStock(
      stock,
      newId(),
      [line(product, product.variants[0], 2), line(product, product.variants[0], 3)],
      ORIGIN,
    );
    expect((await look(product)).units).toEqual(["5/5/0"]);
  });

  it("reserves all or nothing, and names every line that is short", async () => {
    const [full, low, empty] = [await productWith(5), await productWith(1), await productWith(0)];
    const orderId = newId();
    const lines = [line(full, full.variants[0], 1), line(low, low.variants[0], 2), line(empty, empty.variants[0], 1)];
    expect(await reserveStock(stock, orderId, lines, ORIGIN)).toMatchObject({ state: "REJECTED" });
    for (const [product, units] of [
      [full, "5/0/5"],
      [low, "1/0/1"],
      [empty, "0/0/0"],
    ] as const) {
      expect(await look(product)).toEqual({ units: [units], reservedFor: [] });
    }
    const [answer] = await answersTo(orderId);
    expect(answer).toMatchObject({ type: "products.stock.rejected.v1", data: { orderId, reason: "OUT_OF_STOCK" } });
    const { variantIds } = answer?.data as { variantIds: string[] };
    expect(variantIds.sort()).toEqual([low.variants[0]?.id, empty.variants[0]?.id].sort());
  });

  it.each<[string, (product: Product) => Promise<StockLine>]>([
    [
      "a product that does not exist",
      async ({ variants }) => ({ productId: newId(), variantId: variants[0]!.id, quantity: 1 }),
    ],
    ["a variant that does not exist", async ({ id }) => ({ productId: id, variantId: newId(), quantity: 1 })],
    [
      "a product that is not for sale",
      async () => {
        const draft = makeProduct({ status: "DRAFT" });
        await store(db, draft);
        return line(draft, draft.variants[0], 1);
      },
    ],
  ])("rejects an order of %s as unavailable", async (_what, badLine) => {
    const product = await productWith(5);
    const bad = await badLine(product);
    const orderId = newId();
    await reserveStock(stock, orderId, [line(product, product.variants[0], 1), bad], ORIGIN);
    expect(await answersTo(orderId)).toMatchObject([
      { data: { orderId, reason: "PRODUCT_UNAVAILABLE", variantIds: [bad.variantId] } },
    ]);
    expect(await look(product)).toEqual({ units: ["5/0/5"], reservedFor: [] });
  });

  it("gives exactly ten of two hundred simultaneous orders the last ten units", async () => {
    const product = await productWith(10);
    const orders = Array.from({ length: 200 }, () => newId());
    const lowest = watchLowest(product);
    const ended = await Promise.all(
      orders.map((orderId) => reserveStock(stock, orderId, [line(product, product.variants[0], 1)], ORIGIN)),
    );
    const winners = ended.filter(({ state }) => state === "RESERVED").map(({ orderId }) => orderId);
    expect(winners).toHaveLength(10);
    expect(ended.filter(({ state }) => state === "REJECTED")).toHaveLength(190);
    const { units, reservedFor } = await look(product);
    expect(units).toEqual(["10/10/0"]);
    expect(reservedFor.sort()).toEqual(winners.sort());
    expect(await lowest()).toBe(0);
  });

  it("never holds units of two scarce products against each other for good", async () => {
    const [one, two] = [await productWith(10), await productWith(10)];
    const wanted = (i: number) => {
      const lines = [line(one, one.variants[0], 1), line(two, two.variants[0], 1)];
      return i % 2 ? lines : lines.reverse();
    };
    const ended = await Promise.all(
      Array.from({ length: 60 }, (_, i) => reserveStock(stock, newId(), wanted(i), ORIGIN)),
    );
    const reserved = ended.filter(({ state }) => state === "RESERVED").length;
    expect(reserved).toBe(10);
    for (const product of [one, two]) expect((await look(product)).units).toEqual(["10/10/0"]);
  });

  /** Reads the units over and over while orders run. @returns the smallest `available` that was seen */
  function watchLowest({ id }: Product): () => Promise<number> {
    let watching = true;
    const watched = (async () => {
      let lowest = Infinity;
      while (watching) {
        const row = await productsOf(db).findOne({ _id: id }, { projection: { variants: 1 } });
        lowest = Math.min(lowest, row?.variants[0]?.available ?? -1);
      }
      const row = await productsOf(db).findOne({ _id: id }, { projection: { variants: 1 } });
      return Math.min(lowest, row?.variants[0]?.available ?? -1);
    })();
    return () => {
      watching = false;
      return watched;
    };
  }
});

describe("releasing", () => {
  it("gives the units back, and only once", async () => {
    const product = await productWith(5, 5);
    const [kept, cancelled] = [newId(), newId()];
    await reserveStock(stock, kept, [line(product, product.variants[0], 1)], ORIGIN);
    await reserveStock(
      stock,
      cancelled,
      [line(product, product.variants[0], 2), line(product, product.variants[1], 3)],
      ORIGIN,
    );
    for (let i = 0; i < 3; i++) await releaseStock(stock, cancelled, ORIGIN);
    expect(await look(product)).toEqual({ units: ["5/1/4", "5/0/5"], reservedFor: [kept] });
    expect((await reservationOf(cancelled)).state).toBe("RELEASED");
    expect(await answersTo(cancelled)).toHaveLength(1);
  });

  it("that comes before the order leaves nothing to reserve, and no answer", async () => {
    const product = await productWith(5);
    const orderId = newId();
    await releaseStock(stock, orderId, ORIGIN);
    expect(await reserveStock(stock, orderId, [line(product, product.variants[0], 1)], ORIGIN)).toMatchObject({
      state: "RELEASED",
    });
    expect(await look(product)).toEqual({ units: ["5/0/5"], reservedFor: [] });
    expect(await answersTo(orderId)).toEqual([]);
  });

  it("leaves a rejected order rejected", async () => {
    const product = await productWith(0);
    const orderId = newId();
    await reserveStock(stock, orderId, [line(product, product.variants[0], 1)], ORIGIN);
    expect(await releaseStock(stock, orderId, ORIGIN)).toMatchObject({ state: "REJECTED" });
    expect(await look(product)).toEqual({ units: ["0/0/0"], reservedFor: [] });
  });

  it("gives units of a product back that has been taken out of sale", async () => {
    const product = await productWith(5);
    const orderId = newId();
    await reserveStock(stock, orderId, [line(product, product.variants[0], 1)], ORIGIN);
    await productsOf(db).updateOne({ _id: product.id }, { $set: { status: "ARCHIVED" } });
    await releaseStock(stock, orderId, ORIGIN);
    expect(await look(product)).toEqual({ units: ["5/0/5"], reservedFor: [] });
  });

  it("at the same time as reserving ends with nothing reserved", async () => {
    const [one, two] = [await productWith(50), await productWith(50)];
    const orders = Array.from({ length: 50 }, () => newId());
    await Promise.all(
      orders.flatMap((orderId) => [
        reserveStock(stock, orderId, [line(one, one.variants[0], 1), line(two, two.variants[0], 1)], ORIGIN),
        releaseStock(stock, orderId, ORIGIN),
      ]),
    );
    for (const product of [one, two]) expect(await look(product)).toEqual({ units: ["50/0/50"], reservedFor: [] });
    const states = await reservationsOf(db).distinct("state", { _id: { $in: orders } });
    expect(states).toEqual(["RELEASED"]);
  });
});

class Killed extends Error {}

/** A store whose process is killed at its nth command to the database, right before or right after that takes effect. */
function dyingAt(operation: number, when: "before" | "after"): { store: StockStore; operations: () => number } {
  let count = 0;
  const begin = () => {
    // A killed process does nothing more.
    if (++count > operation || (count === operation && when === "before")) throw new Killed();
  };
  const collection = (name: string) =>
    new Proxy(db.collection(name), {
      get: (target, property: "updateOne" | "findOne" | "find") => {
        const method = target[property].bind(target) as (...args: unknown[]) => unknown;
        if (property === "find") {
          return (...args: unknown[]) => {
            begin();
            return method(...args);
          };
        }
        return async (...args: unknown[]) => {
          begin();
          const result = await method(...args);
          if (count >= operation) throw new Killed();
          return result;
        };
      },
    });
  const store = createMongoStockStore({
    db: { collection } as unknown as Db,
    now: () => new Date(),
    onCommit: () => undefined,
  });
  return { store, operations: () => count };
}

type Story = (store: StockStore, orderId: string, lines: readonly StockLine[]) => Promise<unknown>;

describe("stock that moves is told to the platform", () => {
  const told = async ({ id }: Product) => (await productsOf(db).findOne({ _id: id }))?.outbox ?? [];

  it("as it was and as it is, for each variant, with who caused it", async () => {
    const product = await productWith(5, 9, 7);
    const [first, second] = product.variants;
    const orderId = newId();
    await reserveStock(stock, orderId, [line(product, first, 2), line(product, second, 9)], ORIGIN);
    await releaseStock(stock, orderId, ORIGIN);
    const events = (await told(product)).map(({ type, source, subject, requestId, traceparent, data }) => ({
      ...{ type, source, subject, requestId, traceparent },
      data: parseEventData(stockChanged, data),
    }));
    const frame = { type: "products.stock.changed.v1", source: "/products", subject: product.id, ...ORIGIN };
    const of = (variant: Variant | undefined, availableBefore: number, available: number) => ({
      ...frame,
      data: { productId: product.id, variantId: variant?.id, sku: variant?.sku, availableBefore, available },
    });
    expect(events).toEqual([of(first, 5, 3), of(second, 9, 0), of(first, 3, 5), of(second, 0, 9)]);
  });

  it("without a gap or a repetition, however many orders are served at once", async () => {
    const product = await productWith(20);
    const orders = Array.from({ length: 12 }, () =>
      reserveStock(stock, newId(), [line(product, product.variants[0], 2)], ORIGIN),
    );
    await Promise.all(orders);
    const steps = (await told(product)).map(({ data }) => parseEventData(stockChanged, data));
    expect(steps.map(({ availableBefore }) => availableBefore)).toEqual([20, 18, 16, 14, 12, 10, 8, 6, 4, 2]);
    expect(steps.map(({ available }) => available)).toEqual([18, 16, 14, 12, 10, 8, 6, 4, 2, 0]);
  });

  it("not when it does not move, and text that looks like an expression stays text", async () => {
    const product = await productWith(1);
    await reserveStock(stock, newId(), [line(product, product.variants[0], 2)], ORIGIN);
    expect(await told(product)).toEqual([]);
    const lines = [line(product, product.variants[0], 1)];
    await stock.setAside("$slug", product.id, lines, { requestId: "$name", traceparent: "$$ROOT" });
    expect(await told(product)).toMatchObject([{ requestId: "$name", traceparent: "$$ROOT" }]);
    expect((await look(product)).reservedFor).toEqual(["$slug"]);
  });
});

describe("a process killed between any two steps", () => {
  const reserve: Story = (store, orderId, lines) => reserveStock(store, orderId, lines, ORIGIN);
  const release: Story = (store, orderId) => releaseStock(store, orderId, ORIGIN);

  it.each<{
    story: string;
    quantities: [number, number, number];
    earlier?: Story;
    killed: Story;
    later?: Story;
    state: ReservationState;
    units: string[];
    answers: number;
  }>([
    {
      story: "reserving",
      quantities: [2, 1, 4],
      killed: reserve,
      state: "RESERVED",
      units: ["5/2/3", "5/1/4", "5/4/1"],
      answers: 1,
    },
    {
      story: "being refused by the last product",
      quantities: [2, 1, 6],
      killed: reserve,
      state: "REJECTED",
      units: ["5/0/5", "5/0/5", "5/0/5"],
      answers: 1,
    },
    {
      story: "releasing",
      quantities: [2, 1, 4],
      earlier: reserve,
      killed: release,
      state: "RELEASED",
      units: ["5/0/5", "5/0/5", "5/0/5"],
      answers: 1,
    },
    {
      story: "releasing what was never reserved",
      quantities: [2, 1, 4],
      killed: release,
      later: reserve,
      state: "RELEASED",
      units: ["5/0/5", "5/0/5", "5/0/5"],
      answers: 0,
    },
  ])(
    "while $story ends in the same state once its event comes again",
    async ({ quantities, earlier, killed, later, state, units, answers }) => {
      for (const when of ["before", "after"] as const) {
        let reached = true;
        for (let operation = 1; reached; operation++) {
          const products = [await productWith(5), await productWith(5), await productWith(5)];
          const lines = products.map((product, i) => line(product, product.variants[0], quantities[i]!));
          const orderId = newId();
          await earlier?.(stock, orderId, lines);

          const dying = dyingAt(operation, when);
          await killed(dying.store, orderId, lines).catch((error: unknown) => {
            if (!(error instanceof Killed)) throw error;
          });
          reached = dying.operations() >= operation;

          await killed(stock, orderId, lines);
          await later?.(stock, orderId, lines);
          const place = `killed ${when} operation ${operation}`;
          const seen = (await Promise.all(products.map(look))).flatMap((product) => product.units);
          expect([place, seen]).toEqual([place, units]);
          expect([place, (await reservationOf(orderId)).state]).toEqual([place, state]);
          expect([place, (await answersTo(orderId)).length]).toEqual([place, answers]);
          const marks = (await Promise.all(products.map(look))).flatMap(({ reservedFor }) => reservedFor);
          expect([place, marks.length]).toEqual([place, state === "RESERVED" ? 3 : 0]);
        }
      }
    },
  );

  it("while reserving, with the cancellation handled before the event comes again, leaves nothing reserved", async () => {
    for (const when of ["before", "after"] as const) {
      let reached = true;
      for (let operation = 1; reached; operation++) {
        const products = [await productWith(5), await productWith(5)];
        const lines = products.map((product) => line(product, product.variants[0], 2));
        const orderId = newId();
        const dying = dyingAt(operation, when);
        await reserveStock(dying.store, orderId, lines, ORIGIN).catch((error: unknown) => {
          if (!(error instanceof Killed)) throw error;
        });
        reached = dying.operations() >= operation;
        await releaseStock(stock, orderId, ORIGIN);
        expect(await reserveStock(stock, orderId, lines, ORIGIN)).toMatchObject({ state: "RELEASED" });
        for (const product of products) expect(await look(product)).toEqual({ units: ["5/0/5"], reservedFor: [] });
      }
    }
  });

  it("that set units aside after another had ended the order is cleaned up after at the next start", async () => {
    const product = await productWith(5);
    const lines = [line(product, product.variants[0], 2)];
    const orderId = newId();
    await stock.begin(orderId, lines);
    await releaseStock(stock, orderId, ORIGIN);
    await stock.setAside(orderId, product.id, lines, ORIGIN);
    expect((await look(product)).units).toEqual(["5/2/3"]);
    await putBackLeftovers(stock, new Date());
    expect(await look(product)).toEqual({ units: ["5/0/5"], reservedFor: [] });
  });
});

it("the database itself refuses a negative number of units", async () => {
  const product = await productWith(1);
  await expect(
    productsOf(db).updateOne({ _id: product.id }, { $inc: { "variants.0.available": -2 } }),
  ).rejects.toMatchObject({ code: 121 });
});
