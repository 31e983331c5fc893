import { type Db, type Document, type IndexDescription, MongoServerError } from "mongodb";

const NAMESPACE_EXISTS = 48;

/**
 * Gives a collection a validator and indexes, whether it exists or not; doing it again, or twice at once, changes nothing more.
 * @param schema https://www.mongodb.com/docs/manual/reference/operator/query/jsonSchema/
 */
export async function ensureCollection(
  db: Db,
  name: string,
  schema: Document,
  indexes: readonly IndexDescription[],
): Promise<void> {
  const validator = { $jsonSchema: schema };
  try {
    await db.createCollection(name, { validator });
  } catch (error) {
    if (!(error instanceof MongoServerError) || error.code !== NAMESPACE_EXISTS) throw error;
    await db.command({ collMod: name, validator });
  }
  await db.collection(name).createIndexes([...indexes]);
}
