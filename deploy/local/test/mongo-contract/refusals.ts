import type { Stage } from "./stage";

/** What a standalone cannot do, and what no server can: https://www.mongodb.com/docs/manual/core/transactions/ and /changeStreams/ */
export function describeRefusals({ client, collection, db }: Stage): void {
  describe("refusals", () => {
    it("know no transactions", async () => {
      const rows = collection();
      const session = client().startSession();
      session.startTransaction();
      const failure = await rows.insertOne({ _id: "a" }, { session }).then(
        () => undefined,
        (error: unknown) => error,
      );
      // The driver explains code 20 in words of its own and keeps the server's answer.
      const { originalError = failure } = failure as { originalError?: unknown };
      expect(originalError).toMatchObject({
        code: 20,
        errmsg: "Transaction numbers are only allowed on a replica set member or mongos",
      });
      await session.abortTransaction().catch(() => undefined);
      await session.endSession();
      expect(await rows.countDocuments()).toBe(0);
    });

    it("know no change streams", async () => {
      const stream = collection().watch();
      await expect(stream.next()).rejects.toMatchObject({ code: 40573 });
      await stream.close();
    });

    it("name a command that does not exist", async () => {
      const refused = {
        code: 59,
        codeName: "CommandNotFound",
        message: expect.stringContaining("no such command: 'frobnicate'"),
      };
      await expect(db().command({ frobnicate: 1 })).rejects.toMatchObject(refused);
    });

    it("name a field that a command does not have", async () => {
      const unknown = db().command({ find: "rows", frobnicate: 1 });
      await expect(unknown).rejects.toMatchObject({ code: 40415, message: expect.stringContaining("frobnicate") });
    });

    it.each<[string, Record<string, unknown>, number]>([
      ["an unknown operator", { n: { $frobnicate: 1 } }, 2],
      ["an unknown top level operator", { $frobnicate: 1 }, 2],
      ["an empty $or", { $or: [] }, 2],
      ["an $in without a list", { n: { $in: 5 } }, 2],
      ["an unknown type", { n: { $type: "frob" } }, 2],
      ["a regular expression that is none", { n: { $regex: "(" } }, 51091],
      ["a modulo by zero", { n: { $mod: [0, 1] } }, 2],
      ["an undefined variable", { $expr: { $eq: ["$n", "$$nobody"] } }, 17276],
    ])("refuse a query with %s", async (_, filter, code) => {
      const rows = collection();
      await rows.insertOne({ _id: "a", n: 1 });
      await expect(rows.find(filter).toArray()).rejects.toMatchObject({ code });
    });

    it("refuse read concerns that need a replica set", async () => {
      const rows = collection();
      const linearizable = rows.find({}, { readConcern: { level: "linearizable" } }).toArray();
      await expect(linearizable).rejects.toMatchObject({ code: 123 });
      expect(await rows.find({}, { readConcern: { level: "majority" } }).toArray()).toEqual([]);
    });

    it("refuse a tailable cursor on a collection that is not capped", async () => {
      const rows = collection();
      await rows.insertOne({ _id: "a" });
      await expect(rows.find({}, { tailable: true }).toArray()).rejects.toMatchObject({ code: 2 });
    });
  });
}
