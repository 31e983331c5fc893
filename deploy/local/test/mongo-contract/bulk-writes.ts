import { MongoBulkWriteError } from "mongodb";
import type { Stage } from "./stage";
import { idsOf } from "./ids-of";

/** https://www.mongodb.com/docs/manual/core/bulk-write-operations/ */
export function describeBulkWrites({ collection, db }: Stage): void {
  describe("bulk writes", () => {
    const failureOf = async (write: Promise<unknown>) => {
      const error = await write.then(
        () => undefined,
        (thrown: unknown) => thrown,
      );
      expect(error).toBeInstanceOf(MongoBulkWriteError);
      return error as MongoBulkWriteError;
    };

    it("stop at the first error when ordered, and go on when not", async () => {
      const ordered = collection();
      const documents = [{ _id: "a" }, { _id: "a" }, { _id: "b" }];
      const first = await failureOf(ordered.insertMany(documents));
      expect(first.code).toBe(11000);
      expect(await idsOf(ordered, {})).toBe("a");
      const unordered = collection();
      const second = await failureOf(unordered.insertMany(documents, { ordered: false }));
      expect(second.insertedCount).toBe(2);
      expect([second.writeErrors].flat().map(({ index }) => index)).toEqual([1]);
      expect(await idsOf(unordered, {})).toBe("a b");
    });

    it("mix kinds of writes and count each", async () => {
      const rows = collection();
      const result = await rows.bulkWrite([
        { insertOne: { document: { _id: "a", n: 1 } } },
        { insertOne: { document: { _id: "b", n: 1 } } },
        { updateMany: { filter: { n: 1 }, update: { $inc: { n: 1 } } } },
        { updateOne: { filter: { _id: "c" }, update: { $set: { n: 9 } }, upsert: true } },
        { replaceOne: { filter: { _id: "a" }, replacement: { m: 1 } as never } },
        { deleteOne: { filter: { _id: "b" } } },
        { deleteMany: { filter: { n: { $gt: 100 } } } },
      ]);
      expect(result).toMatchObject({ insertedCount: 2, modifiedCount: 3, upsertedCount: 1, deletedCount: 1 });
      expect(result.upsertedIds).toEqual({ 3: "c" });
      expect(await idsOf(rows, {})).toBe("a c");
    });

    it("delete one or many", async () => {
      const rows = collection();
      await rows.insertMany([
        { _id: "a", n: 1 },
        { _id: "b", n: 1 },
        { _id: "c", n: 1 },
      ]);
      expect((await rows.deleteOne({ n: 1 })).deletedCount).toBe(1);
      expect((await rows.deleteMany({ n: 1 })).deletedCount).toBe(2);
      expect((await rows.deleteMany({ n: 1 })).deletedCount).toBe(0);
    });

    it("accept write concerns of a standalone, and refuse more members than there are", async () => {
      const rows = collection();
      await rows.insertOne({ _id: "a" }, { writeConcern: { w: "majority", j: true } });
      await rows.updateOne({ _id: "a" }, { $set: { n: 1 } }, { writeConcern: { w: 1 } });
      const unacknowledged = await rows.insertOne({ _id: "b" }, { writeConcern: { w: 0 } });
      expect(unacknowledged.acknowledged).toBe(false);
      await expect(rows.insertOne({ _id: "c" }, { writeConcern: { w: 3 } })).rejects.toMatchObject({ code: 2 });
      expect(await rows.findOne({ _id: "a" })).toEqual({ _id: "a", n: 1 });
    });

    it("refuse an empty batch, an array as _id and a document above 16 MB", async () => {
      const rows = collection();
      const empty = db().command({ insert: rows.collectionName, documents: [] });
      await expect(empty).rejects.toMatchObject({ code: 16 });
      await expect(rows.insertOne({ _id: ["a"] } as never)).rejects.toThrow();
      await rows.insertOne({ _id: "a", text: "x".repeat(9 * 1024 * 1024) });
      const growth = rows.updateOne({ _id: "a" }, { $set: { more: "x".repeat(9 * 1024 * 1024) } });
      await expect(growth).rejects.toMatchObject({ code: expect.any(Number) });
      expect(await rows.countDocuments({ more: { $exists: true } })).toBe(0);
    });
  });
}
