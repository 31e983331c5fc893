import type { Stage } from "./stage";

/** https://www.mongodb.com/docs/manual/reference/command/findAndModify/ */
export function describeFindAndModify({ collection }: Stage): void {
  describe("findAndModify", () => {
    it("answers the document before or after, projected, chosen by sort", async () => {
      const rows = collection();
      await rows.insertMany([
        { _id: "a", n: 1 },
        { _id: "b", n: 2 },
      ]);
      expect(await rows.findOneAndUpdate({}, { $inc: { n: 10 } }, { sort: { n: -1 } })).toEqual({ _id: "b", n: 2 });
      const after = await rows.findOneAndUpdate(
        { _id: "a" },
        { $inc: { n: 10 } },
        { returnDocument: "after", projection: { _id: 0 } },
      );
      expect(after).toEqual({ n: 11 });
      expect(await rows.findOneAndUpdate({ _id: "none" }, { $set: { n: 1 } })).toBeNull();
    });

    it("upserts, replaces and deletes", async () => {
      const rows = collection();
      const options = { upsert: true, returnDocument: "after" } as const;
      expect(await rows.findOneAndUpdate({ _id: "a" }, { $set: { n: 1 } }, options)).toEqual({ _id: "a", n: 1 });
      expect(await rows.findOneAndUpdate({ _id: "b" }, { $set: { n: 1 } }, { upsert: true })).toBeNull();
      expect(await rows.findOneAndReplace({ _id: "a" }, { m: 2 } as never, { returnDocument: "after" })).toEqual({
        _id: "a",
        m: 2,
      });
      expect(await rows.findOneAndDelete({ _id: "a" })).toEqual({ _id: "a", m: 2 });
      expect(await rows.findOneAndDelete({ _id: "a" })).toBeNull();
      const { lastErrorObject } = (await rows.findOneAndUpdate(
        { _id: "c" },
        { $set: { n: 1 } },
        { upsert: true, includeResultMetadata: true },
      ))!;
      expect(lastErrorObject).toMatchObject({ n: 1, updatedExisting: false, upserted: "c" });
    });

    it("gives a lease to exactly one of many", async () => {
      const rows = collection();
      await rows.insertOne({ _id: "relay", lease: null });
      const now = new Date();
      const until = new Date(now.getTime() + 60_000);
      const free = { _id: "relay", $or: [{ lease: null }, { "lease.until": { $lt: now } }] };
      const taken = await Promise.all(
        Array.from({ length: 20 }, (_, owner) => rows.findOneAndUpdate(free, { $set: { lease: { owner, until } } })),
      );
      expect(taken.filter(Boolean)).toHaveLength(1);
      const later = new Date(until.getTime() + 1);
      const expired = { _id: "relay", $or: [{ lease: null }, { "lease.until": { $lt: later } }] };
      expect(await rows.findOneAndUpdate(expired, { $set: { "lease.owner": "next" } })).not.toBeNull();
    });
  });
}
