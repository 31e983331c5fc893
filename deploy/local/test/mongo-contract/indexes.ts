import type { Stage } from "./stage";
import { idsOf } from "./ids-of";
import { stagesOf } from "./winning-plan";

/** https://www.mongodb.com/docs/manual/indexes/ */
export function describeIndexes({ collection, db }: Stage): void {
  describe("indexes", () => {
    const duplicate = (key: Record<string, unknown>, value: Record<string, unknown>) => ({
      code: 11000,
      keyPattern: key,
      keyValue: value,
      message: expect.stringContaining("E11000 duplicate key error"),
    });

    it("keep values unique on insert, update, upsert and findAndModify", async () => {
      const rows = collection();
      await rows.createIndex({ slug: 1 }, { unique: true });
      await rows.insertMany([
        { _id: "a", slug: "x" },
        { _id: "b", slug: "y" },
      ]);
      const taken = duplicate({ slug: 1 }, { slug: "x" });
      await expect(rows.insertOne({ _id: "c", slug: "x" })).rejects.toMatchObject(taken);
      await expect(rows.updateOne({ _id: "b" }, { $set: { slug: "x" } })).rejects.toMatchObject(taken);
      await expect(rows.updateOne({ _id: "c" }, { $set: { slug: "x" } }, { upsert: true })).rejects.toMatchObject(
        taken,
      );
      await expect(rows.findOneAndUpdate({ _id: "b" }, { $set: { slug: "x" } })).rejects.toMatchObject({ code: 11000 });
      await expect(rows.insertOne({ _id: "a", slug: "z" })).rejects.toMatchObject(duplicate({ _id: 1 }, { _id: "a" }));
      await rows.updateOne({ _id: "a" }, { $set: { slug: "w" } });
      await rows.insertOne({ _id: "c", slug: "x" });
      expect(await idsOf(rows, {})).toBe("a b c");
    });

    it("count a missing field as null in a unique index, unless it is sparse or partial", async () => {
      const plain = collection();
      await plain.createIndex({ n: 1 }, { unique: true });
      await plain.insertOne({ _id: "a" });
      await expect(plain.insertOne({ _id: "b" })).rejects.toMatchObject(duplicate({ n: 1 }, { n: null }));
      const sparse = collection();
      await sparse.createIndex({ n: 1 }, { unique: true, sparse: true });
      await sparse.insertMany([{ _id: "a" }, { _id: "b" }, { _id: "c", n: 1 }]);
      await expect(sparse.insertOne({ _id: "d", n: 1 })).rejects.toMatchObject({ code: 11000 });
      const partial = collection();
      await partial.createIndex({ n: 1 }, { unique: true, partialFilterExpression: { active: true } });
      await partial.insertMany([
        { _id: "a", n: 1 },
        { _id: "b", n: 1, active: true },
        { _id: "c", n: 1 },
      ]);
      await expect(partial.updateOne({ _id: "a" }, { $set: { active: true } })).rejects.toMatchObject({ code: 11000 });
    });

    it("keep elements of arrays unique between documents, not within one", async () => {
      const rows = collection();
      await rows.createIndex({ "variants.sku": 1 }, { unique: true });
      await rows.insertOne({ _id: "a", variants: [{ sku: "S" }, { sku: "S" }, { sku: "M" }] });
      const clash = rows.insertOne({ _id: "b", variants: [{ sku: "L" }, { sku: "M" }] });
      await expect(clash).rejects.toMatchObject(duplicate({ "variants.sku": 1 }, { "variants.sku": "M" }));
    });

    it("are refused on existing duplicates and on parallel arrays", async () => {
      const rows = collection();
      await rows.insertMany([
        { _id: "a", n: 1, x: [1], y: [2] },
        { _id: "b", n: 1 },
      ]);
      await expect(rows.createIndex({ n: 1 }, { unique: true })).rejects.toMatchObject({ code: 11000 });
      await expect(rows.createIndex({ x: 1, y: 1 })).rejects.toMatchObject({ code: 171 });
      await rows.deleteOne({ _id: "a" });
      await rows.createIndex({ x: 1, y: 1 });
      await expect(rows.insertOne({ _id: "c", x: [1], y: [2] })).rejects.toMatchObject({ code: 171 });
      expect(await idsOf(rows, {})).toBe("b");
    });

    it("are listed, made once, dropped, and refused under a taken name", async () => {
      const rows = collection();
      expect(await rows.createIndex({ a: 1, b: -1 })).toBe("a_1_b_-1");
      expect(await rows.createIndex({ a: 1, b: -1 })).toBe("a_1_b_-1");
      await rows.createIndex({ s: 1 }, { name: "mine", sparse: true });
      const listed = await rows.indexes();
      expect(listed.map(({ name, key }) => [name, key])).toEqual([
        ["_id_", { _id: 1 }],
        ["a_1_b_-1", { a: 1, b: -1 }],
        ["mine", { s: 1 }],
      ]);
      expect(listed[2]).toMatchObject({ sparse: true });
      await expect(rows.createIndex({ z: 1 }, { name: "mine" })).rejects.toMatchObject({ code: 86 });
      await expect(rows.createIndex({ a: 1, b: -1 }, { name: "other" })).rejects.toMatchObject({ code: 85 });
      await rows.dropIndex("mine");
      await expect(rows.dropIndex("mine")).rejects.toMatchObject({ code: 27 });
      await rows.dropIndexes();
      expect((await rows.indexes()).map(({ name }) => name)).toEqual(["_id_"]);
      await expect(rows.dropIndex("_id_")).rejects.toMatchObject({ code: 72 });
    });

    it.each<[string, Record<string, unknown>]>([
      ["equality", { filter: { cat: "c3" } }],
      ["$in", { filter: { cat: { $in: ["c1", "c3"] } } }],
      ["a range", { filter: { price: { $gte: 10, $lt: 20 } } }],
      ["a prefix", { filter: { cat: /^c1/ } }],
      ["equality and order", { filter: { cat: "c3" }, sort: { price: -1 } }],
      ["order and limit", { filter: {}, sort: { price: 1 }, limit: 5 }],
      ["an array element", { filter: { tags: "t7" } }],
      ["$elemMatch", { filter: { variants: { $elemMatch: { sku: "s7", n: 1 } } } }],
      ["$or with an index for each branch", { filter: { $or: [{ cat: "c1" }, { price: 5 }] } }],
    ])("serve %s without a collection scan", async (_, query) => {
      const rows = collection();
      await rows.createIndexes([
        { key: { cat: 1, price: 1 } },
        { key: { price: 1 } },
        { key: { tags: 1 } },
        { key: { "variants.sku": 1 } },
      ]);
      await rows.insertMany(
        Array.from({ length: 100 }, (_, i) => ({
          _id: String(i),
          cat: `c${i % 10}`,
          price: i,
          tags: [`t${i}`, "all"],
          variants: [
            { sku: `s${i}`, n: 1 },
            { sku: `m${i}`, n: 2 },
          ],
        })),
      );
      const explained = await db().command({
        explain: { find: rows.collectionName, ...query },
        verbosity: "executionStats",
      });
      expect(stagesOf(explained)).not.toContain("COLLSCAN");
      expect(stagesOf(explained)).toContain("IXSCAN");
      const found = await db().command({ find: rows.collectionName, ...query, hint: { $natural: 1 } });
      const { executionStats } = explained;
      expect(executionStats.nReturned).toBe(found.cursor.firstBatch.length);
      expect(executionStats.totalDocsExamined).toBeLessThan(100);
    });

    it("are not used where none fits, and the plan says so", async () => {
      const rows = collection();
      await rows.insertMany([
        { _id: "a", n: 1 },
        { _id: "b", n: 2 },
      ]);
      const explained = await rows.find({ n: 1 }).explain("executionStats");
      expect(stagesOf(explained)).toContain("COLLSCAN");
      expect(explained.executionStats).toMatchObject({ nReturned: 1, totalDocsExamined: 2, totalKeysExamined: 0 });
    });

    it("never change what is found", async () => {
      const shapes = [
        { x: 1 },
        { x: null },
        {},
        { x: [] },
        { x: [1, 2] },
        { x: [[1]] },
        { x: { y: 1 } },
        { x: [{ y: 1 }, { y: 5 }] },
        { x: [{ y: [1, 3] }, {}] },
        { x: "1" },
        { x: new Date(1) },
        { x: 2.5 },
        { x: [{ y: null }] },
      ];
      const filters = [
        ...[1, null, [], [1, 2], [1], { y: 1 }].flatMap((value) => [
          { x: value },
          { x: { $ne: value } },
          { x: { $in: [value, "1"] } },
        ]),
        ...[0, 1, 2.5].flatMap((n) => [
          { x: { $gt: n } },
          { x: { $lte: n } },
          { "x.y": { $gte: n } },
          { x: { $gt: n, $lt: n + 2 } },
        ]),
        ...[true, false].flatMap(($exists) => [{ x: { $exists } }, { "x.y": { $exists } }, { "x.0": { $exists } }]),
        { "x.y": null },
        { "x.y": 1 },
        { "x.y": { $in: [1, null] } },
        { "x.y": { $gt: 2, $lt: 4 } },
        { x: { $elemMatch: { y: { $gt: 2, $lt: 4 } } } },
        { x: { $elemMatch: { $gte: 2 } } },
        { x: { $all: [1, 2] } },
        { x: { $size: 2 } },
        { x: { $type: "array" } },
        { x: /^1/ },
        { x: { $not: { $gt: 1 } } },
        { $or: [{ x: 1 }, { "x.y": 5 }] },
      ];
      const bare = collection();
      const indexed = collection();
      const documents = shapes.map((shape, i) => ({ _id: String.fromCharCode(97 + i), ...shape }));
      await bare.insertMany(documents);
      await indexed.createIndexes([{ key: { x: 1 } }, { key: { "x.y": -1 } }, { key: { "x.0": 1 } }]);
      await indexed.insertMany(documents);
      for (const filter of filters) {
        const wanted = await idsOf(bare, filter as never);
        expect({ filter, found: await idsOf(indexed, filter as never) }).toEqual({ filter, found: wanted });
      }
    });

    it("obey a hint, and refuse one that names no index", async () => {
      const rows = collection();
      await rows.createIndex({ n: 1 }, { name: "by_n" });
      await rows.insertMany([
        { _id: "a", n: 2 },
        { _id: "b", n: 1 },
      ]);
      const hinted = await rows
        .find({ m: { $exists: false } })
        .hint("by_n")
        .toArray();
      expect(hinted.map(({ _id }) => _id)).toEqual(["b", "a"]);
      expect(stagesOf(await rows.find({ n: 1 }).hint({ $natural: 1 }).explain())).toContain("COLLSCAN");
      await expect(rows.find().hint("none").toArray()).rejects.toMatchObject({ code: 2 });
    });

    it("search words of text with relevance, phrases and exclusions", async () => {
      const rows = collection();
      await rows.createIndex({ title: "text", body: "text" }, { weights: { title: 10 } });
      await rows.insertMany([
        { _id: "title", title: "Coffee grinder", body: "Grinds beans" },
        { _id: "body", title: "Mug", body: "for coffee lovers" },
        { _id: "other", title: "Tea pot", body: "leaves only" },
      ]);
      expect(await idsOf(rows, { $text: { $search: "coffee" } })).toBe("body title");
      expect(await idsOf(rows, { $text: { $search: "COFFEE tea" } })).toBe("body other title");
      expect(await idsOf(rows, { $text: { $search: "coffee -grinder" } })).toBe("body");
      expect(await idsOf(rows, { $text: { $search: '"coffee lovers"' } })).toBe("body");
      const score = { score: { $meta: "textScore" } };
      const ranked = await rows
        .find({ $text: { $search: "coffee" } }, { projection: score })
        .sort(score as never)
        .toArray();
      expect(ranked.map(({ _id }) => _id)).toEqual(["title", "body"]);
      expect(ranked[0]!.score).toBeGreaterThan(ranked[1]!.score);
      await expect(
        collection()
          .insertOne({ _id: "a" })
          .then(() => rows.find({ $text: { $search: 5 } } as never).toArray()),
      ).rejects.toMatchObject({ code: 14 });
    });

    it("refuse $text where there is no text index", async () => {
      const rows = collection();
      await rows.insertOne({ _id: "a", title: "coffee" });
      await expect(rows.find({ $text: { $search: "coffee" } }).toArray()).rejects.toMatchObject({ code: 27 });
    });

    it("accept a time to live on one date field", async () => {
      const rows = collection();
      await rows.createIndex({ at: 1 }, { expireAfterSeconds: 3600 });
      expect((await rows.indexes())[1]).toMatchObject({ key: { at: 1 }, expireAfterSeconds: 3600 });
      await expect(rows.createIndex({ a: 1, b: 1 }, { expireAfterSeconds: 60 })).rejects.toMatchObject({ code: 67 });
    });
  });
}
