import { Decimal128, Long, ObjectId } from "mongodb";
import type { Row, Stage } from "./stage";

/** https://www.mongodb.com/docs/manual/reference/operator/update/ */
export function describeUpdates({ collection }: Stage): void {
  describe("updates", () => {
    const rowWith = async (fields: Record<string, unknown>) => {
      const rows = collection();
      await rows.insertOne({ _id: "a", ...fields });
      const update = (change: Record<string, unknown>, options = {}) => rows.updateOne({ _id: "a" }, change, options);
      const row = async () => {
        const { _id, ...rest } = (await rows.findOne({ _id: "a" })) as Row;
        return rest;
      };
      return { rows, update, row };
    };

    it("set and remove fields, making the documents on the way", async () => {
      const { update, row } = await rowWith({ keep: 1, gone: 1, list: [1, 2, 3] });
      await update({ $set: { "a.b.c": 1, "list.1": 9 }, $unset: { gone: "", "a.x": "", "list.0": "" } });
      expect(await row()).toEqual({ keep: 1, list: [null, 9, 3], a: { b: { c: 1 } } });
      await update({ $set: { "list.5": 6 } });
      expect((await row()).list).toEqual([null, 9, 3, null, null, 6]);
    });

    it("calculate: $inc, $mul, $min, $max, $bit", async () => {
      const { update, row } = await rowWith({ i: 1, m: 3, low: 5, high: 5, bits: 13 });
      await update({
        $inc: { i: 2, made: 4 },
        $mul: { m: 2, zero: 5 },
        $min: { low: 3, newLow: 1 },
        $max: { high: 4 },
      });
      await update({ $bit: { bits: { and: 10 } } });
      expect(await row()).toEqual({ i: 3, m: 6, low: 3, high: 5, bits: 8, made: 4, newLow: 1, zero: 0 });
    });

    it("keep numbers exact: an int that overflows becomes a long, decimals stay decimals", async () => {
      const { update, rows } = await rowWith({
        int: 2147483647,
        long: Long.fromString("9007199254740993"),
        d: Decimal128.fromString("0.10"),
      });
      await update({ $inc: { int: 1, long: 1, d: Decimal128.fromString("0.20") } });
      const stored = (await rows.findOne({ _id: "a" }, { promoteLongs: false })) as Row;
      expect(String(stored.int)).toBe("2147483648");
      expect(String(stored.long)).toBe("9007199254740994");
      expect(String(stored.d)).toBe("0.30");
    });

    it("rename fields and stamp the date", async () => {
      const before = Date.now();
      const { update, row } = await rowWith({ old: { x: 1 } });
      await update({ $rename: { "old.x": "fresh.y" }, $currentDate: { at: true } });
      const { at, ...rest } = await row();
      expect(rest).toEqual({ old: {}, fresh: { y: 1 } });
      expect((at as Date).getTime()).toBeGreaterThanOrEqual(before - 1000);
    });

    it("push with $each, $position, $sort and $slice", async () => {
      const { update, row } = await rowWith({ n: [5, 1], d: [{ k: 2 }] });
      await update({ $push: { n: 7, made: 1 } });
      await update({ $push: { n: { $each: [2, 3], $position: 0 } } });
      expect(await row()).toMatchObject({ n: [2, 3, 5, 1, 7], made: [1] });
      await update({
        $push: {
          n: { $each: [], $sort: -1, $slice: 3 },
          d: { $each: [{ k: 1 }, { k: 3 }], $sort: { k: 1 }, $slice: -2 },
        },
      });
      expect(await row()).toMatchObject({ n: [7, 5, 3], d: [{ k: 2 }, { k: 3 }] });
    });

    it("add to a set, pull by value and by condition, pull all, pop", async () => {
      const { update, row } = await rowWith({
        s: [1, { x: 1 }],
        p: [1, 5, 9],
        d: [
          { id: 1, v: 1 },
          { id: 2, v: 2 },
          { id: 3, v: 1 },
        ],
        q: [1, 2, 1, 3],
      });
      await update({
        $addToSet: { s: { $each: [1, { x: 1 }, 2] } },
        $pull: { p: { $gte: 5 }, d: { v: 1, id: { $in: [3, 4] } } },
        $pullAll: { q: [1] },
      });
      expect(await row()).toEqual({
        s: [1, { x: 1 }, 2],
        p: [1],
        d: [
          { id: 1, v: 1 },
          { id: 2, v: 2 },
        ],
        q: [2, 3],
      });
      await update({ $pop: { q: 1, s: -1 } });
      expect(await row()).toMatchObject({ q: [2], s: [{ x: 1 }, 2] });
    });

    it("reach array elements by $, $[] and $[identifier]", async () => {
      const { rows, update, row } = await rowWith({
        g: [
          { k: 1, v: [1, 2] },
          { k: 2, v: [3] },
          { k: 3, v: [4] },
        ],
      });
      await rows.updateOne({ _id: "a", "g.k": 2 }, { $set: { "g.$.hit": true } });
      await rows.updateOne({ _id: "a", g: { $elemMatch: { k: { $gt: 2 }, v: 4 } } }, { $set: { "g.$.last": true } });
      await update({ $inc: { "g.$[].k": 10 } });
      await update({ $inc: { "g.$[x].v.$[y]": 100 } }, { arrayFilters: [{ "x.k": { $lte: 12 } }, { y: { $gte: 2 } }] });
      expect((await row()).g).toEqual([
        { k: 11, v: [1, 102] },
        { k: 12, v: [103], hit: true },
        { k: 13, v: [4], last: true },
      ]);
    });

    it("count as modified only what changed", async () => {
      const { rows, update } = await rowWith({ n: 1 });
      expect(await update({ $set: { n: 1 } })).toMatchObject({ matchedCount: 1, modifiedCount: 0 });
      expect(await update({ $set: { n: 2 } })).toMatchObject({ matchedCount: 1, modifiedCount: 1 });
      expect(await rows.updateOne({ _id: "none" }, { $set: { n: 1 } })).toMatchObject({
        matchedCount: 0,
        modifiedCount: 0,
      });
      await rows.insertMany([{ _id: "b" }, { _id: "c" }]);
      expect(await rows.updateMany({}, { $set: { n: 2 } })).toMatchObject({ matchedCount: 3, modifiedCount: 2 });
    });

    it("replace a document but not its _id", async () => {
      const { rows, row } = await rowWith({ n: 1, o: 2 });
      await rows.replaceOne({ _id: "a" }, { m: 1 } as never);
      expect(await row()).toEqual({ m: 1 });
      await expect(rows.replaceOne({ _id: "a" }, { _id: "b" } as never)).rejects.toMatchObject({ code: 66 });
      await expect(rows.updateOne({ _id: "a" }, { $set: { _id: "b" } })).rejects.toMatchObject({ code: 66 });
    });

    it("upsert from the filter's equalities, $setOnInsert only then", async () => {
      const rows = collection();
      const change = { $set: { n: 1 }, $setOnInsert: { made: true } };
      const first = await rows.updateOne({ _id: "a", kind: "x", "o.p": { $eq: 5 }, q: { $gt: 1 } }, change, {
        upsert: true,
      });
      expect(first).toMatchObject({ upsertedCount: 1, upsertedId: "a", matchedCount: 0 });
      expect(await rows.findOne({ _id: "a" })).toEqual({ _id: "a", kind: "x", o: { p: 5 }, n: 1, made: true });
      await rows.updateOne({ _id: "a" }, { $set: { n: 2 }, $setOnInsert: { made: false } }, { upsert: true });
      expect(await rows.findOne({ _id: "a" })).toMatchObject({ n: 2, made: true });
      const generated = await rows.updateOne({ kind: "y" }, { $inc: { n: 1 } }, { upsert: true });
      expect(generated.upsertedId).toBeInstanceOf(ObjectId);
      await rows.replaceOne({ _id: "r" }, { whole: 1 } as never, { upsert: true });
      expect(await rows.findOne({ _id: "r" })).toEqual({ _id: "r", whole: 1 });
    });

    it("run as a pipeline that computes from the document", async () => {
      const { rows, row } = await rowWith({ price: 10, quantity: 3, gone: 1 });
      await rows.updateOne({ _id: "a" }, [
        { $set: { total: { $multiply: ["$price", "$quantity"] } } },
        { $unset: "gone" },
      ]);
      expect(await row()).toEqual({ price: 10, quantity: 3, total: 30 });
    });

    it.each<[string, Record<string, unknown>, object | undefined, number]>([
      ["an unknown operator", { $frobnicate: { n: 1 } }, undefined, 9],
      ["two changes of one path", { $set: { n: 1 }, $inc: { n: 1 } }, undefined, 40],
      ["a path and one below it", { $set: { "o.x": 1, o: {} } }, undefined, 40],
      ["adding to text", { $inc: { s: 1 } }, undefined, 14],
      ["adding text", { $inc: { n: "1" } }, undefined, 14],
      ["a field below a number", { $set: { "n.x": 1 } }, undefined, 28],
      ["pushing to what is no array", { $push: { n: 1 } }, undefined, 2],
      ["an array filter that is not there", { $set: { "list.$[x]": 1 } }, undefined, 2],
      ["an array filter that is not used", { $set: { n: 1 } }, { arrayFilters: [{ x: 1 }] }, 9],
      ["the positional $ without an array in the filter", { $set: { "list.$": 1 } }, undefined, 2],
      ["an empty field name", { $set: { "o..x": 1 } }, undefined, 56],
    ])("refuse %s and leave the document alone", async (_, change, options, code) => {
      const { update, row } = await rowWith({ n: 1, s: "text", o: { x: 0 }, list: [1] });
      await expect(update(change, options)).rejects.toMatchObject({ code });
      expect(await row()).toEqual({ n: 1, s: "text", o: { x: 0 }, list: [1] });
    });
  });
}
