import type { Stage } from "./stage";
import { idsOf } from "./ids-of";

/** https://www.mongodb.com/docs/manual/reference/operator/query/ */
export function describeQueries({ collection, client, db }: Stage): void {
  describe("queries", () => {
    const rowsWith = async (documents: Record<string, unknown>[]) => {
      const rows = collection();
      await rows.insertMany(documents.map((document, i) => ({ _id: String.fromCharCode(97 + i), ...document })));
      return rows;
    };

    it("compare within one type", async () => {
      const rows = await rowsWith([{ n: 1 }, { n: 5 }, { n: "5" }, { n: null }, {}]);
      expect(await idsOf(rows, { n: { $gt: 1 } })).toBe("b");
      expect(await idsOf(rows, { n: { $gte: 1, $lt: 5 } })).toBe("a");
      expect(await idsOf(rows, { n: { $lte: "9" } })).toBe("c");
      expect(await idsOf(rows, { n: { $ne: 1 } })).toBe("b c d e");
      expect(await idsOf(rows, { n: { $in: [1, "5"] } })).toBe("a c");
      expect(await idsOf(rows, { n: { $nin: [1, 5] } })).toBe("c d e");
      expect(await idsOf(rows, { n: { $not: { $gt: 1 } } })).toBe("a c d e");
    });

    it("find null and missing fields together, and tell them apart by $exists and $type", async () => {
      const rows = await rowsWith([{ n: null }, {}, { n: 0 }]);
      expect(await idsOf(rows, { n: null })).toBe("a b");
      expect(await idsOf(rows, { n: { $exists: true } })).toBe("a c");
      expect(await idsOf(rows, { n: { $exists: false } })).toBe("b");
      expect(await idsOf(rows, { n: { $type: "null" } })).toBe("a");
    });

    it("combine conditions with $and, $or and $nor", async () => {
      const rows = await rowsWith([
        { x: 1, y: 1 },
        { x: 1, y: 2 },
        { x: 2, y: 2 },
      ]);
      expect(await idsOf(rows, { $or: [{ x: 2 }, { y: 1 }] })).toBe("a c");
      expect(await idsOf(rows, { $and: [{ x: 1 }, { y: 2 }] })).toBe("b");
      expect(await idsOf(rows, { $nor: [{ x: 2 }, { y: 1 }] })).toBe("b");
      expect(await idsOf(rows, { x: 1, $or: [{ y: 2 }, { y: 3 }] })).toBe("b");
    });

    it("match an array by any element, as a whole, by position, size, $all and $elemMatch", async () => {
      const rows = await rowsWith([
        { t: ["red", "blank"] },
        { t: ["blank", "red"] },
        { t: [] },
        { t: "red" },
        { t: [["red"]] },
      ]);
      expect(await idsOf(rows, { t: "red" })).toBe("a b d");
      expect(await idsOf(rows, { t: ["red", "blank"] })).toBe("a");
      expect(await idsOf(rows, { t: ["red"] })).toBe("e");
      expect(await idsOf(rows, { "t.0": "red" })).toContain("a");
      expect(await idsOf(rows, { "t.0": { $exists: true } })).toBe("a b e");
      expect(await idsOf(rows, { t: { $size: 0 } })).toBe("c");
      expect(await idsOf(rows, { t: { $all: ["blank", "red"] } })).toBe("a b");
      const dims = await rowsWith([{ d: [14, 21] }, { d: [10, 40] }, { d: [20] }]);
      // "at least one element > 15 and another (or the same) < 20" against "one element that is both"
      expect(await idsOf(dims, { d: { $gt: 15, $lt: 20 } })).toBe("a b");
      expect(await idsOf(dims, { d: { $elemMatch: { $gt: 15, $lt: 21 } } })).toBe("c");
    });

    it("match documents in arrays, each condition by any element, or all by one with $elemMatch", async () => {
      const rows = await rowsWith([
        {
          in: [
            { w: "A", q: 5 },
            { w: "C", q: 15 },
          ],
        },
        { in: [{ w: "C", q: 5 }] },
        {
          in: [
            { w: "A", q: 60 },
            { w: "B", q: 15 },
          ],
        },
      ]);
      expect(await idsOf(rows, { "in.w": "A", "in.q": 5 })).toBe("a");
      expect(await idsOf(rows, { in: { $elemMatch: { w: "C", q: { $lte: 5 } } } })).toBe("b");
      expect(await idsOf(rows, { "in.0.q": { $lt: 20 } })).toBe("a b");
      expect(await idsOf(rows, { in: { w: "C", q: 5 } })).toBe("b");
      expect(await idsOf(rows, { in: { $not: { $elemMatch: { w: "A" } } } })).toBe("b");
    });

    it("match regular expressions with options", async () => {
      const rows = await rowsWith([{ s: "Red shoes" }, { s: "blue\nred" }, { s: ["x", "RED"] }, { s: 5 }]);
      expect(await idsOf(rows, { s: /^red/i })).toBe("a c");
      expect(await idsOf(rows, { s: { $regex: "^red", $options: "m" } })).toBe("b");
      expect(await idsOf(rows, { s: { $in: [/^Red/, 5] } })).toBe("a d");
      expect(await idsOf(rows, { s: { $not: /red/i } })).toBe("d");
    });

    it("know $mod, $bitsAllSet and $expr", async () => {
      const rows = await rowsWith([
        { n: 4, m: 2 },
        { n: 6, m: 9 },
        { n: 7, m: 7 },
      ]);
      expect(await idsOf(rows, { n: { $mod: [4, 0] } })).toBe("a");
      expect(await idsOf(rows, { n: { $bitsAllSet: [1, 2] } })).toBe("b c");
      expect(await idsOf(rows, { $expr: { $gt: ["$m", "$n"] } })).toBe("b");
      const found = rows.find({ $expr: { $eq: ["$n", "$$wanted"] } }, { let: { wanted: 7 } });
      expect((await found.toArray()).map(({ _id }) => _id)).toEqual(["c"]);
    });

    it("sort by several fields, skip and limit; of an array by its smallest or largest element", async () => {
      const rows = await rowsWith([{ x: 1, y: 1 }, { x: 2, y: 1 }, { x: 1, y: 2 }, { y: 3 }, { x: [0, 9], y: 4 }]);
      expect(await idsOf(rows, {}, { x: 1, y: -1 })).toBe("d e c a b");
      expect(await idsOf(rows, {}, { x: -1, y: 1 })).toBe("e b a c d");
      const page = await rows.find().sort({ x: 1, y: -1 }).skip(1).limit(2).toArray();
      expect(page.map(({ _id }) => _id)).toEqual(["e", "c"]);
    });

    it("project fields in and out, array parts, and computed ones", async () => {
      const rows = await rowsWith([
        {
          n: 1,
          o: { x: 1, y: 2 },
          list: [
            { k: 1, v: 1 },
            { k: 2, v: 2 },
            { k: 3, v: 3 },
          ],
        },
      ]);
      const project = (projection: Record<string, unknown>, filter = {}) => rows.findOne(filter, { projection });
      expect(await project({ "o.x": 1 })).toEqual({ _id: "a", o: { x: 1 } });
      expect(await project({ _id: 0, n: 1 })).toEqual({ n: 1 });
      expect(await project({ list: 0, "o.y": 0 })).toEqual({ _id: "a", n: 1, o: { x: 1 } });
      expect(await project({ "list.v": 1, _id: 0 })).toEqual({ list: [{ v: 1 }, { v: 2 }, { v: 3 }] });
      expect(await project({ list: { $slice: [1, 1] }, _id: 0, o: 0 })).toEqual({ n: 1, list: [{ k: 2, v: 2 }] });
      expect(await project({ list: { $elemMatch: { k: { $gt: 1 } } }, _id: 0 })).toEqual({ list: [{ k: 2, v: 2 }] });
      expect(await project({ "list.$": 1, _id: 0 }, { "list.k": 3 })).toEqual({ list: [{ k: 3, v: 3 }] });
      expect(await project({ _id: 0, sum: { $add: ["$o.x", "$o.y"] } })).toEqual({ sum: 3 });
      await expect(project({ n: 1, o: 0 })).rejects.toMatchObject({ code: 31254 });
    });

    it("hand out results in batches, and forget a cursor that was closed", async () => {
      const rows = collection();
      await rows.insertMany(Array.from({ length: 250 }, (_, i) => ({ _id: String(i), i })));
      const seen = new Set<number>();
      for await (const { i } of rows.find().batchSize(20)) seen.add(i as number);
      expect(seen.size).toBe(250);
      const { cursor } = await db().command({ find: rows.collectionName, batchSize: 10 });
      expect(cursor.firstBatch).toHaveLength(10);
      const next = await db().command({ getMore: cursor.id, collection: rows.collectionName, batchSize: 30 });
      expect(next.cursor.nextBatch).toHaveLength(30);
      const killed = await db().command({ killCursors: rows.collectionName, cursors: [cursor.id] });
      expect(killed.cursorsKilled).toHaveLength(1);
      const more = db().command({ getMore: cursor.id, collection: rows.collectionName });
      await expect(more).rejects.toMatchObject({ code: 43, codeName: "CursorNotFound" });
      const single = await db().command({ find: rows.collectionName, batchSize: 10, singleBatch: true });
      expect(String(single.cursor.id)).toBe("0");
    });

    it("count, list distinct values and are empty for a collection that does not exist", async () => {
      const rows = await rowsWith([{ t: ["x", "y"] }, { t: "x" }, { t: 1 }, {}]);
      expect(await rows.countDocuments({ t: "x" })).toBe(2);
      expect(await rows.estimatedDocumentCount()).toBe(4);
      expect((await rows.distinct("t")).sort()).toEqual([1, "x", "y"]);
      expect(await rows.distinct("t", { _id: "b" })).toEqual(["x"]);
      const nowhere = client().db(db().databaseName).collection("nowhere");
      expect(await nowhere.find().toArray()).toEqual([]);
      expect(await nowhere.countDocuments()).toBe(0);
      expect(await nowhere.distinct("x")).toEqual([]);
      expect(await nowhere.aggregate([{ $match: { x: 1 } }]).toArray()).toEqual([]);
    });

    it("answer a large result that fills several batches of 16 MB", async () => {
      const rows = collection();
      const text = "x".repeat(1024 * 1024);
      for (const _id of Array.from({ length: 20 }, (_, i) => String(i))) await rows.insertOne({ _id, text });
      expect(await rows.find().toArray()).toHaveLength(20);
    });
  });
}
