import type { Document } from "mongodb";
import { PRODUCT_SORTS, type ProductFilter } from "../domain/catalogue";
import { toProductDocument } from "../store/to-product-document";
import { toFilter, toListQuery } from "../store/list-query";
import { createMongoCatalogueReader } from "../store/mongo-catalogue-reader";
import { createMongoProductStore } from "../store/mongo-product-store";
import { createMongoStockStore } from "../store/mongo-stock-store";
import { productsOf } from "../store/documents";
import { makeProduct, makeVariant, storeCategory } from "./make-product";
import { createTestDatabase, type TestDatabase } from "./test-database";
import { newId } from "../../../kit/ids";

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase();
  const category = await storeCategory(database.db, "home");
  const products = Array.from({ length: 300 }, (_, i) =>
    makeProduct({
      categoryId: category._id,
      status: i % 3 ? "PUBLISHED" : "DRAFT",
      variants: [makeVariant({ price: { amountMinor: i % 17, currency: "EUR" } })],
    }),
  );
  await productsOf(database.db).insertMany(products.map((product) => toProductDocument(product, [])));
});
afterAll(() => database.close());

/** The stages of the winning plan, wherever a server puts them. https://www.mongodb.com/docs/manual/reference/explain-results/ */
function stagesOf(explained: unknown): string[] {
  if (Array.isArray(explained)) return explained.flatMap(stagesOf);
  if (typeof explained !== "object" || explained === null) return [];
  return Object.entries(explained).flatMap(([name, value]) =>
    name === "rejectedPlans" ? [] : name === "stage" ? [String(value)] : stagesOf(value),
  );
}

const explain = async (command: Document) =>
  stagesOf(await database.db.command({ explain: command, verbosity: "queryPlanner" }));

function expectIndexed(stages: readonly string[]): void {
  expect(stages).not.toContain("COLLSCAN");
  expect(stages.some((stage) => /IXSCAN|IDHACK|COUNT_SCAN|EXPRESS/.test(stage))).toBe(true);
}

it("the explanation of a query without an index says so", async () => {
  expect(await explain({ find: "products", filter: { description: "x" } })).toContain("COLLSCAN");
});

const filters: Record<string, Omit<ProductFilter, "statuses">> = {
  "without a filter": {},
  "of categories": { categoryIds: [newId(), newId()] },
  "with a text": { words: ["mug", "st"] },
  "in stock": { inStock: true },
  "sold out": { inStock: false },
  "of everything together": { categoryIds: [newId()], words: ["mug"], inStock: true },
};
const audiences: Record<string, ProductFilter["statuses"]> = {
  everyone: ["PUBLISHED"],
  staff: ["DRAFT", "PUBLISHED", "ARCHIVED"],
};

describe.each(Object.entries(audiences))("for %s", (_who, statuses) => {
  describe.each(Object.entries(filters))("a list %s", (_what, filter) => {
    it.each(PRODUCT_SORTS)(
      "sorted by %s is served by an index, at its start and further on, both ways",
      async (sort) => {
        const place = { sort, value: sort === "NAME" ? "m" : 5, id: newId() };
        for (const direction of ["forward", "backward"] as const) {
          for (const bounds of [{}, { after: place }, { before: place }]) {
            const query = toListQuery({ statuses, ...filter }, sort, { direction, limit: 20, ...bounds });
            expectIndexed(await explain({ find: "products", filter: query.filter, sort: query.sort, limit: 21 }));
          }
        }
      },
    );

    it("is counted by an index", async () => {
      expectIndexed(await explain({ count: "products", query: toFilter({ statuses, ...filter }) }));
    });
  });
});

it.each(PRODUCT_SORTS)("the list of everyone sorted by %s needs no sorting", async (sort) => {
  const query = toListQuery({ statuses: ["PUBLISHED"] }, sort, { direction: "forward", limit: 20 });
  const stages = await explain({ find: "products", filter: query.filter, sort: query.sort, limit: 21 });
  expect(stages).not.toContain("SORT");
});

it("every other read and every write is served by an index", async () => {
  const { db } = database;
  const reader = createMongoCatalogueReader(db);
  const now = () => new Date();
  const stock = createMongoStockStore({ db, now, onCommit: () => undefined });
  const products = createMongoProductStore({ db, onCommit: () => undefined });
  const product = makeProduct();
  const [variant] = product.variants;
  const statuses = ["PUBLISHED"] as const;
  const origin = { requestId: "r", traceparent: "t" };
  const commands = await database.commandsDuring(async () => {
    await reader.productsByIds([newId()], statuses);
    await reader.productsBySlugs(["a"], statuses);
    await reader.byVariantIds([newId()], statuses);
    await reader.byVariantSkus(["A-1"], statuses);
    await reader.categoriesByIds([newId()]);
    await reader.categoriesBySlugs(["home"]);
    await reader.childrenOf([null, newId()]);
    await reader.subtree("home");
    await products.create(product, { key: "k", fingerprint: "f" }, origin);
    await products.create({ ...product, id: newId() }, { key: "k", fingerprint: "f" }, origin);
    await products.findByVariantId(variant?.id ?? "");
    await products.changeStatus(product.id, "PUBLISHED", 1);
    await products.moveOnHand(variant?.id ?? "", 10, 11, origin);
    const lines = [{ productId: product.id, variantId: variant?.id ?? "", quantity: 1 }];
    const orderId = newId();
    await stock.begin(orderId, lines);
    await stock.setAside(orderId, product.id, lines, origin);
    await stock.findShortages(orderId, lines);
    await stock.putBack(orderId, product.id, lines, origin);
    await stock.settle(orderId, { state: "RESERVED" }, origin);
    await stock.release(orderId);
    for await (const _ of stock.endedSince(new Date())) expect(_).toBeDefined();
  });
  const explained = new Set<string>();
  for (const { commandName, command } of commands) {
    if (!["find", "update", "findAndModify"].includes(commandName)) continue;
    // Only what explain knows: the driver adds its session, read preference and write concern to a command.
    const fields = [
      "find",
      "filter",
      "sort",
      "limit",
      "projection",
      "singleBatch",
      "update",
      "updates",
      "findAndModify",
      "query",
    ];
    const plain = Object.fromEntries(Object.entries(command).filter(([name]) => fields.includes(name)));
    const stages =
      commandName === "findAndModify"
        ? await explain({ find: plain["findAndModify"], filter: plain["query"] })
        : await explain(plain);
    expect([JSON.stringify(plain), stages.includes("COLLSCAN")]).toEqual([JSON.stringify(plain), false]);
    explained.add(commandName);
  }
  expect([...explained].sort()).toEqual(["find", "findAndModify", "update"]);
});
