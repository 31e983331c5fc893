import type { Stage } from "./stage";
import { idsOf } from "./ids-of";
import { stagesOf } from "./winning-plan";

/** What a catalogue with stock and an embedded outbox asks of its store: all of it rests on the atomicity of one document. */
export function describeCommerce({ collection }: Stage): void {
  describe("a product catalogue", () => {
    const variant = (id: string, available: number) => ({ id, sku: id.toUpperCase(), available, reserved: 0 });

    /** Takes `quantity` of each variant, all or nothing, once per order. */
    const reservation = (order: string, wanted: [id: string, quantity: number][]) => {
      const filter = {
        _id: "product",
        "reservations.order": { $ne: order },
        $and: wanted.map(([id, quantity]) => ({ variants: { $elemMatch: { id, available: { $gte: quantity } } } })),
      };
      const $inc = Object.fromEntries(
        wanted.flatMap(([, quantity], i) => [
          [`variants.$[v${i}].available`, -quantity],
          [`variants.$[v${i}].reserved`, quantity],
        ]),
      );
      const $push = { reservations: { order }, outbox: { id: `event-${order}`, type: "reserved" } };
      const arrayFilters = wanted.map(([id], i) => ({ [`v${i}.id`]: id }));
      return { filter, update: { $inc, $push } as Record<string, object>, options: { arrayFilters } };
    };

    it("reserves several variants in one guarded update, or none", async () => {
      const rows = collection();
      await rows.insertOne({
        _id: "product",
        variants: [variant("a", 5), variant("b", 1), variant("c", 9)],
        reservations: [],
        outbox: [],
      });
      const first = reservation("o1", [
        ["a", 2],
        ["b", 1],
      ]);
      expect(await rows.updateOne(first.filter, first.update, first.options)).toMatchObject({ modifiedCount: 1 });
      expect(await rows.updateOne(first.filter, first.update, first.options)).toMatchObject({ matchedCount: 0 });
      const second = reservation("o2", [
        ["a", 2],
        ["b", 1],
      ]);
      expect(await rows.updateOne(second.filter, second.update, second.options)).toMatchObject({ matchedCount: 0 });
      const stored = (await rows.findOne({ _id: "product" }))!;
      expect(stored.variants).toMatchObject([
        { id: "a", available: 3, reserved: 2 },
        { id: "b", available: 0, reserved: 1 },
        { id: "c", available: 9, reserved: 0 },
      ]);
      expect(stored.outbox).toEqual([{ id: "event-o1", type: "reserved" }]);
    });

    it("sells the last ten units to exactly ten of two hundred at once", async () => {
      const rows = collection();
      await rows.insertOne({
        _id: "product",
        variants: [variant("a", 10), variant("b", 500)],
        reservations: [],
        outbox: [],
      });
      const results = await Promise.all(
        Array.from({ length: 200 }, (_, i) => {
          const { filter, update, options } = reservation(`o${i}`, [
            ["a", 1],
            ["b", 2],
          ]);
          return rows.updateOne(filter, update, { ...options, writeConcern: { w: "majority", j: true } });
        }),
      );
      expect(results.reduce((sum, { modifiedCount }) => sum + modifiedCount, 0)).toBe(10);
      const stored = (await rows.findOne({ _id: "product" }))!;
      expect(stored.variants).toMatchObject([
        { available: 0, reserved: 10 },
        { available: 480, reserved: 20 },
      ]);
      expect(stored.reservations).toHaveLength(10);
      expect(stored.outbox).toHaveLength(10);
    });

    it("loses no increment among many writers", async () => {
      const rows = collection();
      await rows.insertOne({ _id: "a", n: 0 });
      await Promise.all(
        Array.from({ length: 100 }, () => rows.updateOne({ _id: "a" }, { $inc: { n: 1 }, $push: { log: 1 } as never })),
      );
      expect(await rows.findOne({ _id: "a" })).toMatchObject({ n: 100, log: Array.from({ length: 100 }, () => 1) });
    });

    it("lets one of many upserts make the document", async () => {
      const rows = collection();
      const results = await Promise.allSettled(
        Array.from({ length: 30 }, (_, i) =>
          rows.updateOne({ _id: "a" }, { $setOnInsert: { by: i }, $inc: { n: 1 } }, { upsert: true }),
        ),
      );
      const upserts = results.filter((r) => r.status === "fulfilled" && r.value.upsertedCount === 1);
      expect(upserts).toHaveLength(1);
    });

    it.each<[string, Record<string, unknown>, Record<string, unknown>]>([
      ["sparse", { sparse: true }, { "outbox.id": { $exists: true } }],
      ["partial", { partialFilterExpression: { "outbox.id": { $exists: true } } }, { "outbox.id": { $exists: true } }],
    ])("finds waiting events through a %s index, and takes them away when published", async (_, options, filter) => {
      const rows = collection();
      await rows.createIndex({ "outbox.id": 1 }, options);
      await rows.insertMany(Array.from({ length: 50 }, (_, i) => ({ _id: `p${i}`, outbox: [] as { id: string }[] })));
      await rows.insertOne({ _id: "none" });
      await rows.updateOne({ _id: "p7" }, { $push: { outbox: { $each: [{ id: "e1" }, { id: "e2" }] } } as never });
      await rows.updateOne({ _id: "p9" }, { $push: { outbox: { id: "e3" } } as never });
      expect(await idsOf(rows, filter)).toBe("p7 p9");
      expect(await idsOf(rows, { "outbox.0": { $exists: true } })).toBe("p7 p9");
      const plan = await rows.find(filter).explain("executionStats");
      expect(stagesOf(plan)).toContain("IXSCAN");
      expect(plan.executionStats.totalDocsExamined).toBe(2);
      await rows.updateOne({ _id: "p7" }, { $pull: { outbox: { id: { $in: ["e1", "e3"] } } } as never });
      expect(await idsOf(rows, filter)).toBe("p7 p9");
      await rows.updateOne({ _id: "p7" }, { $pull: { outbox: { id: { $in: ["e2"] } } } as never });
      expect(await idsOf(rows, filter)).toBe("p9");
    });

    it("pages in a stable order by a compound key, each page read from the index", async () => {
      const rows = collection();
      await rows.createIndex({ createdAt: -1, _id: -1 });
      await rows.createIndex({ status: 1, createdAt: -1, _id: -1 });
      await rows.insertMany(
        Array.from({ length: 60 }, (_, i) => ({
          _id: String(i).padStart(2, "0"),
          createdAt: new Date(Math.floor(i / 7) * 1000),
          status: i % 2 ? "on" : "off",
        })),
      );
      const sort = { createdAt: -1, _id: -1 } as const;
      const seen: string[] = [];
      let after: { createdAt: Date; _id: string } | undefined;
      for (;;) {
        const filter = after
          ? { $or: [{ createdAt: { $lt: after.createdAt } }, { createdAt: after.createdAt, _id: { $lt: after._id } }] }
          : {};
        const page = await rows.find(filter).sort(sort).limit(8).toArray();
        if (page.length === 0) break;
        seen.push(...page.map(({ _id }) => _id));
        after = page.at(-1) as unknown as { createdAt: Date; _id: string };
      }
      expect(seen).toEqual(Array.from({ length: 60 }, (_, i) => String(59 - i).padStart(2, "0")));
      const deep = { status: "on", createdAt: { $lt: new Date(4000) } };
      const plan = await rows.find(deep).sort(sort).limit(8).explain("executionStats");
      expect(stagesOf(plan)).toContain("IXSCAN");
      expect(stagesOf(plan)).not.toContain("SORT");
      expect(plan.executionStats).toMatchObject({ nReturned: 8, totalDocsExamined: 8 });
      const aggregated = await rows
        .aggregate([{ $match: deep }, { $sort: sort }, { $limit: 2 }, { $project: { _id: 1 } }])
        .toArray();
      expect(aggregated.map(({ _id }) => _id)).toEqual(["27", "25"]);
    });

    it("keeps slugs and SKUs unique across products", async () => {
      const rows = collection();
      await rows.createIndex({ slug: 1 }, { unique: true });
      await rows.createIndex({ "variants.sku": 1 }, { unique: true });
      await rows.insertOne({ _id: "1", slug: "mug", variants: [{ sku: "M-1" }, { sku: "M-2" }] });
      await expect(rows.insertOne({ _id: "2", slug: "mug", variants: [{ sku: "C-1" }] })).rejects.toMatchObject({
        keyValue: { slug: "mug" },
      });
      const sku = rows.insertOne({ _id: "2", slug: "cup", variants: [{ sku: "C-1" }, { sku: "M-2" }] });
      await expect(sku).rejects.toMatchObject({ code: 11000, keyPattern: { "variants.sku": 1 } });
      await rows.insertOne({ _id: "2", slug: "cup", variants: [{ sku: "C-1" }] });
      const push = rows.updateOne({ _id: "2" }, { $push: { variants: { sku: "M-1" } } } as never);
      await expect(push).rejects.toMatchObject({ code: 11000 });
      expect(await idsOf(rows, { "variants.sku": "C-1" })).toBe("2");
    });
  });
}
