import { type Collection, type Db, MongoBulkWriteError, type OptionalUnlessRequiredId } from "mongodb";
import { categoriesOf, productsOf } from "../documents";
import { isDuplicateKey } from "../is-duplicate-key";
import { toProductDocument } from "../to-product-document";
import { DEMO_CATEGORIES } from "./demo-categories";
import { demoProducts } from "./demo-products";

interface SeedRecord {
  _id: "demo-shop";
  finishedAt?: Date;
}

const DUPLICATE_KEY = 11000;

/**
 * Fills an empty store with the demo shop. A seeding that was cut short goes on at the next start, which the record in `seeds` tells
 * from a shop that someone has filled. Two processes may seed at once: the ids are the same, and what is there stays as it is.
 * @returns how many products were written
 */
export async function seedDemoShop(db: Db): Promise<number> {
  const seeds = db.collection<SeedRecord>("seeds");
  const products = productsOf(db);
  const record = await seeds.findOne({ _id: "demo-shop" });
  if (record?.finishedAt) return 0;
  if (!record) {
    if (await products.findOne({}, { projection: { _id: 1 } })) return 0;
    try {
      await seeds.insertOne({ _id: "demo-shop" });
    } catch (error) {
      if (!isDuplicateKey(error)) throw error;
    }
  }
  await insertMissing(categoriesOf(db), DEMO_CATEGORIES);
  // No events: the shop has been like this for as long as anyone can remember.
  const written = await insertMissing(
    products,
    demoProducts().map((product) => toProductDocument(product, [])),
  );
  await seeds.updateOne({ _id: "demo-shop" }, { $set: { finishedAt: new Date() } });
  return written;
}

/** @returns how many were not there yet */
async function insertMissing<Row extends { _id: string }>(
  collection: Collection<Row>,
  rows: readonly Row[],
): Promise<number> {
  try {
    const { insertedCount } = await collection.insertMany(rows as unknown as OptionalUnlessRequiredId<Row>[], {
      ordered: false,
    });
    return insertedCount;
  } catch (error) {
    if (!(error instanceof MongoBulkWriteError)) throw error;
    const failures = Array.isArray(error.writeErrors) ? error.writeErrors : [error.writeErrors];
    if (failures.some(({ code }) => code !== DUPLICATE_KEY)) throw error;
    return error.insertedCount;
  }
}
