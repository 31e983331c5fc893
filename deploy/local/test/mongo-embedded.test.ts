import { type Collection, MongoClient } from "mongodb";
import { type MongoServer, startMongoServer } from "../mongo/mongo-server";
import type { Row } from "./mongo-contract/stage";
import { describeMongoContract } from "./mongo.contract";

let server: MongoServer;

beforeAll(async () => {
  server = await startMongoServer();
});
afterAll(() => server.close());

describeMongoContract({ name: "the embedded server", url: () => server.url });

describe("the embedded MongoDB server", () => {
  let client: MongoClient;
  let rows: Collection<Row>;
  let made = 0;

  beforeAll(async () => {
    client = await new MongoClient(server.url).connect();
  });
  beforeEach(() => {
    rows = client.db("embedded").collection<Row>(`rows_${++made}`);
  });
  afterAll(() => client.close());

  it("deletes what a time to live index says is too old", async () => {
    const hour = 3_600_000;
    const now = Date.now();
    await rows.createIndex({ at: 1 }, { expireAfterSeconds: 3600 });
    await rows.insertMany([
      { _id: "old", at: new Date(now - 2 * hour) },
      { _id: "young", at: new Date(now) },
      { _id: "dated", at: [new Date(now - 2 * hour), new Date(now)] },
      { _id: "text", at: "2001-01-01" },
      { _id: "none" },
    ]);
    expect(server.expire(now)).toBe(2);
    expect((await rows.find().sort({ _id: 1 }).toArray()).map(({ _id }) => _id)).toEqual(["none", "text", "young"]);
    expect(server.expire(now)).toBe(0);
  });

  it.each<[string, (rows: Collection<Row>) => Promise<unknown>]>([
    ["collations", (r) => r.find({ s: "x" }).collation({ locale: "en", strength: 2 }).toArray()],
    ["capped collections", () => client.db("embedded").createCollection("capped", { capped: true, size: 4096 })],
    ["$out", (r) => r.aggregate([{ $out: "elsewhere" }]).toArray()],
    ["geospatial queries", (r) => r.find({ at: { $geoWithin: { $center: [[0, 0], 1] } } } as never).toArray()],
    ["wildcard indexes", (r) => r.createIndex({ "$**": 1 })],
    ["hidden indexes", (r) => r.createIndex({ n: 1 }, { hidden: true })],
    ["returnKey", (r) => r.find({}, { returnKey: true }).toArray()],
  ])("refuses %s by saying that it is this server that lacks them", async (_, run) => {
    await rows.insertOne({ _id: "a", s: "X", at: [0, 0] });
    await expect(run(rows)).rejects.toMatchObject({
      code: 238,
      message: expect.stringContaining("embedded development server"),
    });
  });

  it("refuses to add decimals in a pipeline rather than to give a wrong sum", async () => {
    await client.db("embedded").command({ insert: rows.collectionName, documents: [{ _id: "a", n: 1 }] });
    await rows.updateOne({ _id: "a" }, [{ $set: { n: { $add: ["$n", 2] } } }]);
    expect((await rows.findOne({ _id: "a" }))!.n).toBe(3);
    const { Decimal128 } = await import("mongodb");
    await rows.insertOne({ _id: "b", n: Decimal128.fromString("0.1") });
    const sum = rows.aggregate([{ $group: { _id: null, total: { $sum: "$n" } } }]).toArray();
    await expect(sum).rejects.toMatchObject({ code: 238 });
    const add = rows.aggregate([{ $project: { x: { $add: ["$n", 1] } } }]).toArray();
    await expect(add).rejects.toMatchObject({ code: 238 });
  });

  it("refuses JavaScript in queries, as a server with scripting disabled does", async () => {
    await rows.insertOne({ _id: "a" });
    await expect(rows.find({ $where: "true" }).toArray()).rejects.toMatchObject({ code: 2 });
    const code = { $function: { body: "function() { return 1 }", args: [], lang: "js" } };
    await expect(rows.aggregate([{ $project: { x: code } }]).toArray()).rejects.toThrow();
  });

  it("stops a read that took longer than maxTimeMS allows", async () => {
    await rows.insertMany(Array.from({ length: 200 }, (_, i) => ({ _id: String(i), text: "x".repeat(500) })));
    const slow = rows.aggregate([{ $match: { text: /(x+)y/ } }, { $count: "n" }], { maxTimeMS: 1 }).toArray();
    await expect(slow).rejects.toMatchObject({ code: 50, codeName: "MaxTimeMSExpired" });
  });

  it("closes every connection and gives up its port when closed", async () => {
    const other = await startMongoServer();
    const guest = await new MongoClient(other.url, { serverSelectionTimeoutMS: 300 }).connect();
    await guest.db("x").command({ ping: 1 });
    await Promise.all([other.close(), other.close()]);
    await expect(guest.db("x").command({ ping: 1 })).rejects.toThrow();
    await guest.close();
    const next = await startMongoServer({ port: other.port });
    await next.close();
  });
});
