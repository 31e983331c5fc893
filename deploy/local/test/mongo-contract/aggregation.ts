import type { Stage } from "./stage";
import { stagesOf } from "./winning-plan";

/** https://www.mongodb.com/docs/manual/reference/operator/aggregation-pipeline/ */
export function describeAggregation({ collection, db }: Stage): void {
  describe("aggregation", () => {
    const orders = async () => {
      const rows = collection();
      await rows.insertMany(
        Array.from({ length: 10 }, (_, i) => ({
          _id: String(i),
          shop: i % 2 ? "a" : "b",
          q: i,
          lines: [
            { sku: `s${i % 3}`, n: 1 },
            { sku: "x", n: i },
          ],
        })),
      );
      return rows;
    };

    it("matches, groups, sorts, skips and limits", async () => {
      const rows = await orders();
      const result = await rows
        .aggregate([
          { $match: { q: { $gt: 1 } } },
          {
            $group: {
              _id: "$shop",
              sum: { $sum: "$q" },
              n: { $count: {} },
              most: { $max: "$q" },
              mean: { $avg: "$q" },
              all: { $push: "$q" },
            },
          },
          { $sort: { _id: 1 } },
        ])
        .toArray();
      expect(result).toEqual([
        { _id: "a", sum: 24, n: 4, most: 9, mean: 6, all: expect.arrayContaining([3, 5, 7, 9]) },
        { _id: "b", sum: 20, n: 4, most: 8, mean: 5, all: expect.arrayContaining([2, 4, 6, 8]) },
      ]);
      const page = await rows
        .aggregate([{ $sort: { shop: 1, q: -1 } }, { $skip: 1 }, { $limit: 2 }, { $project: { q: 1, _id: 0 } }])
        .toArray();
      expect(page).toEqual([{ q: 7 }, { q: 5 }]);
    });

    it("unwinds arrays, keeping empty ones when asked", async () => {
      const rows = collection();
      await rows.insertMany([{ _id: "a", l: [1, 2] }, { _id: "b", l: [] }, { _id: "c" }]);
      expect(await rows.aggregate([{ $unwind: "$l" }, { $sort: { l: 1 } }]).toArray()).toEqual([
        { _id: "a", l: 1 },
        { _id: "a", l: 2 },
      ]);
      const kept = await rows
        .aggregate([{ $unwind: { path: "$l", preserveNullAndEmptyArrays: true } }, { $count: "n" }])
        .toArray();
      expect(kept).toEqual([{ n: 4 }]);
    });

    it("joins by fields, over arrays and missing fields, and by a pipeline with variables", async () => {
      const rows = await orders();
      const products = collection();
      await products.insertMany([
        { _id: "s0", name: "Zero" },
        { _id: "s1", name: "One" },
        { _id: "x", name: "Ex", stock: 3 },
      ]);
      const from = products.collectionName;
      const [joined] = await rows
        .aggregate([
          { $match: { _id: "4" } },
          { $lookup: { from, localField: "lines.sku", foreignField: "_id", as: "found" } },
          { $project: { "found.name": 1, _id: 0 } },
        ])
        .toArray();
      expect(joined!.found).toEqual(expect.arrayContaining([{ name: "One" }, { name: "Ex" }]));
      expect(joined!.found).toHaveLength(2);
      const [missing] = await rows
        .aggregate([
          { $match: { _id: "0" } },
          { $lookup: { from, localField: "nothing", foreignField: "stock", as: "found" } },
          { $project: { n: { $size: "$found" } } },
        ])
        .toArray();
      expect(missing!.n).toBe(2);
      const [piped] = await rows
        .aggregate([
          { $match: { _id: "4" } },
          {
            $lookup: {
              from,
              let: { wanted: "$lines.sku", least: 2 },
              pipeline: [
                { $match: { $expr: { $and: [{ $in: ["$_id", "$$wanted"] }, { $gte: ["$stock", "$$least"] }] } } },
                { $project: { name: 1, _id: 0 } },
              ],
              as: "found",
            },
          },
        ])
        .toArray();
      expect(piped!.found).toEqual([{ name: "Ex" }]);
      const [both] = await rows
        .aggregate([
          { $match: { _id: "4" } },
          {
            $lookup: {
              from,
              localField: "lines.sku",
              foreignField: "_id",
              pipeline: [{ $match: { stock: { $gt: 1 } } }],
              as: "found",
            },
          },
        ])
        .toArray();
      expect(both!.found).toEqual([{ _id: "x", name: "Ex", stock: 3 }]);
    });

    it("runs several pipelines over one input with $facet", async () => {
      const rows = await orders();
      const [result] = await rows
        .aggregate([
          { $match: { shop: "a" } },
          {
            $facet: {
              top: [{ $sort: { q: -1 } }, { $limit: 2 }, { $project: { q: 1, _id: 0 } }],
              total: [{ $count: "n" }],
              none: [{ $match: { q: -1 } }],
            },
          },
        ])
        .toArray();
      expect(result).toEqual({ top: [{ q: 9 }, { q: 7 }], total: [{ n: 5 }], none: [] });
    });

    it("computes: conditions, dates, text, arrays, replaced roots", async () => {
      const rows = collection();
      await rows.insertOne({
        _id: "a",
        n: 5,
        at: new Date("2026-11-21T10:00:00Z"),
        s: "Ab",
        l: [3, 1, 2],
        o: { x: 1 },
      });
      const [result] = await rows
        .aggregate([
          {
            $project: {
              _id: 0,
              size: { $cond: [{ $gte: ["$n", 5] }, "big", "small"] },
              day: { $dateToString: { date: "$at", format: "%Y-%m-%d" } },
              lower: { $toLower: "$s" },
              both: { $concat: ["$s", "-", { $toString: "$n" }] },
              count: { $size: "$l" },
              more: { $map: { input: "$l", as: "e", in: { $add: ["$$e", "$n"] } } },
              odd: { $filter: { input: "$l", cond: { $eq: [{ $mod: ["$$this", 2] }, 1] } } },
              none: { $ifNull: ["$nothing", "default"] },
              absent: { $eq: ["$nothing", null] },
            },
          },
        ])
        .toArray();
      expect(result).toEqual({
        size: "big",
        day: "2026-11-21",
        lower: "ab",
        both: "Ab-5",
        count: 3,
        more: [8, 6, 7],
        odd: [3, 1],
        none: "default",
        absent: false,
      });
      expect(
        await rows.aggregate([{ $replaceRoot: { newRoot: "$o" } }, { $addFields: { y: "$x" } }]).toArray(),
      ).toEqual([{ x: 1, y: 1 }]);
    });

    it("answers through a cursor, and uses an index for leading stages", async () => {
      const rows = collection();
      await rows.createIndex({ shop: 1, q: -1 });
      await rows.insertMany(Array.from({ length: 300 }, (_, i) => ({ _id: String(i), shop: `s${i % 3}`, q: i })));
      expect(await rows.aggregate([{ $addFields: { z: 1 } }], { batchSize: 50 }).toArray()).toHaveLength(300);
      const pipeline = [{ $match: { shop: "s1" } }, { $sort: { q: -1 } }, { $limit: 5 }];
      expect(stagesOf(await rows.aggregate(pipeline).explain())).toEqual(expect.arrayContaining(["IXSCAN"]));
      expect((await rows.aggregate(pipeline).toArray()).map(({ q }) => q)).toEqual([298, 295, 292, 289, 286]);
    });

    it("refuses unknown and malformed stages", async () => {
      const rows = await orders();
      const run = (stage: Record<string, unknown>) => rows.aggregate([stage]).toArray();
      await expect(run({ $frobnicate: {} })).rejects.toMatchObject({ code: 40324 });
      await expect(run({ $match: {}, $limit: 1 })).rejects.toMatchObject({ code: 40323 });
      await expect(run({ $limit: 0 })).rejects.toMatchObject({ code: 15958 });
      await expect(run({ $sort: { q: 2 } })).rejects.toMatchObject({ code: 15975 });
      await expect(run({ $project: { x: { $frobnicate: 1 } } })).rejects.toThrow("$frobnicate");
      const noCursor = db().command({ aggregate: rows.collectionName, pipeline: [] });
      await expect(noCursor).rejects.toMatchObject({ code: 9 });
    });
  });
}
