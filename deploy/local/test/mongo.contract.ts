import { randomUUID } from "node:crypto";
import { type Db, MongoClient } from "mongodb";
import { describeAggregation } from "./mongo-contract/aggregation";
import { describeBulkWrites } from "./mongo-contract/bulk-writes";
import { describeCatalog } from "./mongo-contract/catalog";
import { describeCommerce } from "./mongo-contract/commerce";
import { describeFindAndModify } from "./mongo-contract/find-and-modify";
import { describeIndexes } from "./mongo-contract/indexes";
import { describeQueries } from "./mongo-contract/queries";
import { describeRefusals } from "./mongo-contract/refusals";
import { describeUpdates } from "./mongo-contract/updates";
import { describeValidation } from "./mongo-contract/validation";
import type { Row, Stage } from "./mongo-contract/stage";
import { describeValues } from "./mongo-contract/values";

/**
 * What the manual (https://www.mongodb.com/docs/manual/) promises of a standalone server, and nothing that only one server
 * does: the same tests hold on the embedded server and on any real one.
 */
export function describeMongoContract(server: { name: string; url: () => string }): void {
  describe(`MongoDB contract on ${server.name}`, () => {
    let client: MongoClient;
    let db: Db;
    let collections = 0;

    beforeAll(async () => {
      client = await new MongoClient(server.url(), { serverSelectionTimeoutMS: 5000 }).connect();
      db = client.db(`contract_${randomUUID().replaceAll("-", "")}`);
    });
    afterAll(async () => {
      await db?.dropDatabase();
      await client?.close();
    });

    const stage: Stage = {
      client: () => client,
      db: () => db,
      collection: () => db.collection<Row>(`rows_${++collections}`),
    };
    describeValues(stage);
    describeQueries(stage);
    describeUpdates(stage);
    describeFindAndModify(stage);
    describeBulkWrites(stage);
    describeIndexes(stage);
    describeAggregation(stage);
    describeCatalog(stage);
    describeValidation(stage);
    describeCommerce(stage);
    describeRefusals(stage);
  });
}
