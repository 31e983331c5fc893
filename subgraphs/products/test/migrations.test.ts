import { DEMO_LAST_UNIT_VARIANT, DEMO_VARIANT } from "../../../schema/demo";
import { isId } from "../../../kit/ids";
import { checkNewProduct } from "../domain/product-rules";
import { categoriesOf, productsOf, reservationsOf } from "../store/documents";
import { runMigrations } from "../store/migrations/run-migrations";
import { seedDemoShop } from "../store/seed/seed-demo-shop";
import { makeProduct, store } from "./make-product";
import { createTestDatabase, log, type TestDatabase } from "./test-database";

let database: TestDatabase;
afterEach(() => database.close());

describe("migrations", () => {
  const shapeOf = async () => {
    const { db } = database;
    const collections = await db.listCollections({}, { nameOnly: false }).toArray();
    const shapes = collections.map(async ({ name, ...info }) => [
      name,
      (info as { options?: unknown }).options,
      (await db.collection(name).indexes()).map((index) => [index.name, index.key, index.unique]),
    ]);
    return (await Promise.all(shapes)).sort(([a], [b]) => (String(a) < String(b) ? -1 : 1));
  };

  it("make collections, validators and indexes, and record each step", async () => {
    database = await createTestDatabase();
    const records = await database.db.collection<{ _id: string }>("migrations").find().toArray();
    expect(records.map(({ _id }) => _id)).toEqual(["0001-catalogue-and-stock"]);
    const names = (await productsOf(database.db).indexes()).map(({ name }) => name);
    expect(names).toEqual(expect.arrayContaining(["slug", "variants_id", "variants_sku", "newest", "outbox_id"]));
  });

  it("may be run by several processes at once, and again, and end in the same shape", async () => {
    database = await createTestDatabase({ migrated: false });
    await Promise.all([1, 2, 3, 4].map(() => runMigrations(database.db, log)));
    const shape = await shapeOf();
    await runMigrations(database.db, log);
    expect(await shapeOf()).toEqual(shape);
  });

  it("go on where a process died between a step and its record", async () => {
    database = await createTestDatabase();
    const shape = await shapeOf();
    await database.db.collection("migrations").deleteMany({});
    await productsOf(database.db).dropIndex("by_price");
    await runMigrations(database.db, log);
    expect(new Set(JSON.stringify(await shapeOf()).split(/[{}]/))).toEqual(
      new Set(JSON.stringify(shape).split(/[{}]/)),
    );
  });

  it("put validators in place that refuse what no use case writes", async () => {
    database = await createTestDatabase();
    const { db } = database;
    const product = makeProduct();
    await store(db, product);
    for (const $set of [
      { "variants.0.available": -1 },
      { "variants.0.price.amountMinor": 0.5 },
      { status: "SOLD" },
      { variants: [] },
      { outbox: null },
    ]) {
      await expect(productsOf(db).updateOne({ _id: product.id }, { $set: $set as never })).rejects.toMatchObject({
        code: 121,
      });
    }
    await expect(reservationsOf(db).insertOne({ _id: "x", state: "LOST" } as never)).rejects.toMatchObject({
      code: 121,
    });
    await expect(categoriesOf(db).insertOne({ _id: "x", slug: "" } as never)).rejects.toMatchObject({ code: 121 });
  });
});

describe("the demo shop", () => {
  const everything = async () => [
    await productsOf(database.db).find().sort({ _id: 1 }).toArray(),
    await categoriesOf(database.db).find().sort({ _id: 1 }).toArray(),
  ];

  it("is seeded once into an empty store, quickly, and is the same each time", async () => {
    database = await createTestDatabase();
    const startedAt = performance.now();
    expect(await seedDemoShop(database.db)).toBe(60);
    expect(performance.now() - startedAt).toBeLessThan(3_000);
    const first = await everything();
    expect(await seedDemoShop(database.db)).toBe(0);
    await productsOf(database.db).deleteMany({});
    await categoriesOf(database.db).deleteMany({});
    await database.db.collection("seeds").deleteMany({});
    await seedDemoShop(database.db);
    expect(await everything()).toEqual(first);
  });

  it("has the two variants that everyone is told about, with their stock", async () => {
    database = await createTestDatabase();
    await seedDemoShop(database.db);
    for (const [demo, units] of [
      [DEMO_VARIANT, 5_000],
      [DEMO_LAST_UNIT_VARIANT, 1],
    ] as const) {
      const row = await productsOf(database.db).findOne({ _id: demo.productId });
      expect(row).toMatchObject({ slug: demo.productSlug, status: "PUBLISHED", outbox: [] });
      expect(row?.variants).toMatchObject([
        { id: demo.variantId, sku: demo.sku, onHand: units, reserved: 0, available: units },
      ]);
    }
  });

  it("is made of products that staff could have created", async () => {
    database = await createTestDatabase();
    await seedDemoShop(database.db);
    const [rows, categories] = [
      await productsOf(database.db).find().toArray(),
      await categoriesOf(database.db).find().toArray(),
    ];
    const leaves = new Set(categories.filter(({ parentId }) => parentId !== null).map(({ _id }) => _id));
    for (const row of rows) {
      expect([row.slug, checkNewProduct(row)]).toEqual([row.slug, undefined]);
      expect([row.slug, leaves.has(row.categoryId)]).toEqual([row.slug, true]);
      expect([row.slug, [row._id, ...row.variants.map(({ id }) => id)].every(isId)]).toEqual([row.slug, true]);
      expect(row.variants.length).toBeLessThanOrEqual(4);
    }
    expect(categories.every(({ _id }) => isId(_id))).toBe(true);
  });

  it("leaves a store alone in which there is something", async () => {
    database = await createTestDatabase();
    await store(database.db, makeProduct());
    expect(await seedDemoShop(database.db)).toBe(0);
    expect(await productsOf(database.db).countDocuments()).toBe(1);
  });

  it("is finished by the next start when a process died while seeding, and nothing sold since comes back", async () => {
    database = await createTestDatabase();
    await seedDemoShop(database.db);
    await database.db.collection("seeds").updateOne({}, { $unset: { finishedAt: "" } });
    await productsOf(database.db).deleteMany({ slug: { $gt: "m" } });
    await productsOf(database.db).updateOne({ slug: "logbook" }, { $set: { version: 7 } });
    const missing = 60 - (await productsOf(database.db).countDocuments());
    expect(missing).toBeGreaterThan(10);
    expect(await seedDemoShop(database.db)).toBe(missing);
    expect(await productsOf(database.db).findOne({ slug: "logbook" })).toMatchObject({ version: 7 });
  });

  it("may be seeded by two processes at once", async () => {
    database = await createTestDatabase();
    const written = await Promise.all([seedDemoShop(database.db), seedDemoShop(database.db)]);
    expect(written[0] + written[1]).toBe(60);
    expect(await productsOf(database.db).countDocuments()).toBe(60);
  });
});
