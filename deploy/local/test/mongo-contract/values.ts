import { Binary, Decimal128, Double, Int32, Long, MaxKey, MinKey, ObjectId, Timestamp, UUID } from "mongodb";
import type { Stage } from "./stage";
import { idsOf } from "./ids-of";

/** https://www.mongodb.com/docs/manual/reference/bson-types/ and /reference/bson-type-comparison-order/ */
export function describeValues({ collection, db }: Stage): void {
  describe("values", () => {
    it("come back as they were written, types of numbers included", async () => {
      const rows = collection();
      const written = {
        _id: "a",
        string: "smörgåsbord 🍞",
        int: new Int32(5),
        double: new Double(5),
        long: Long.fromString("9007199254740993"),
        decimal: Decimal128.fromString("1.10"),
        date: new Date("2026-11-21T10:00:00.123Z"),
        objectId: new ObjectId(),
        binary: new Binary(Buffer.from([1, 2, 3])),
        uuid: new UUID().toBinary(),
        timestamp: new Timestamp({ t: 5, i: 6 }),
        nothing: null,
        yes: true,
        nested: { deep: [{ list: [1, [2, 3]] }] },
      };
      await rows.insertOne(written);
      expect(await rows.findOne({ _id: "a" }, { promoteValues: false })).toMatchObject({
        ...written,
        nested: { deep: [{ list: [new Int32(1), [new Int32(2), new Int32(3)]] }] },
      });
      expect(await idsOf(rows, { double: { $type: "double" }, int: { $type: "int" }, long: { $type: "long" } })).toBe(
        "a",
      );
      expect(await idsOf(rows, { decimal: { $type: "decimal" }, objectId: { $type: "objectId" } })).toBe("a");
      expect(await idsOf(rows, { int: { $type: "number" }, yes: { $type: 8 }, nothing: { $type: "null" } })).toBe("a");
      expect(await idsOf(rows, { int: { $type: "string" } })).toBe("");
    });

    it("compare equal across numeric types, and exactly", async () => {
      const rows = collection();
      await rows.insertMany([
        { _id: "int", n: new Int32(1) },
        { _id: "double", n: new Double(1) },
        { _id: "long", n: Long.fromNumber(1) },
        { _id: "decimal", n: Decimal128.fromString("1.00") },
        { _id: "large", n: Long.fromString("9007199254740993") },
        { _id: "tenth", n: Decimal128.fromString("0.1") },
      ]);
      expect(await idsOf(rows, { n: 1 })).toBe("decimal double int long");
      expect(await idsOf(rows, { n: Long.fromString("9007199254740993") })).toBe("large");
      expect(await idsOf(rows, { n: Long.fromString("9007199254740992") })).toBe("");
      expect(await idsOf(rows, { n: { $gt: Decimal128.fromString("0.05"), $lt: 0.5 } })).toBe("tenth");
    });

    it("sort by type first: null, numbers, strings, objects, arrays' elements, booleans, dates", async () => {
      const rows = collection();
      await rows.insertMany([
        { _id: "max", v: new MaxKey() },
        { _id: "date", v: new Date(0) },
        { _id: "bool", v: false },
        { _id: "oid", v: new ObjectId() },
        { _id: "object", v: { a: 1 } },
        { _id: "string", v: "a" },
        { _id: "number", v: 7 },
        { _id: "null", v: null },
        { _id: "min", v: new MinKey() },
      ]);
      const ascending = "min null number string object oid bool date max";
      expect(await idsOf(rows, {}, { v: 1 })).toBe(ascending);
      expect(await idsOf(rows, {}, { v: -1 })).toBe(ascending.split(" ").reverse().join(" "));
    });

    it("compare strings by bytes, and documents field by field in order", async () => {
      const rows = collection();
      await rows.insertMany([
        { _id: "b", s: "b", o: { x: 1, y: 2 } },
        { _id: "A", s: "A", o: { y: 2, x: 1 } },
        { _id: "é", s: "é", o: { x: 1 } },
        { _id: "emoji", s: "😀", o: {} },
        { _id: "private", s: "\ue000", o: null },
      ]);
      expect(await idsOf(rows, {}, { s: 1 })).toBe("A b é private emoji");
      expect(await idsOf(rows, { o: { x: 1, y: 2 } })).toBe("b");
      expect(await idsOf(rows, { o: { x: 1 } })).toBe("é");
      expect(await idsOf(rows, { o: {} })).toBe("emoji");
    });

    it("may have fields called like parts of JavaScript", async () => {
      const rows = collection();
      const strange = JSON.parse(
        '{"_id":"a","__proto__":{"polluted":true},"constructor":{"prototype":{"x":1}},"toString":1}',
      );
      await rows.insertOne(strange);
      const [found] = await rows
        .aggregate([{ $match: { "constructor.prototype.x": 1 } }, { $project: { constructor: 1 } }])
        .toArray();
      expect(found).toEqual({ _id: "a", constructor: { prototype: { x: 1 } } });
      expect(await idsOf(rows, { hasOwnProperty: { $exists: true } })).toBe("");
      expect(await idsOf(rows, { toString: 1 } as never)).toBe("a");
      await rows.updateOne({ _id: "a" }, { $set: { "constructor.prototype.y": 2, "valueOf.z": 1 } });
      const stored = (await rows.findOne({ _id: "a" }))!;
      expect(Object.keys(stored)).toContain("__proto__");
      expect(stored.constructor).toEqual({ prototype: { x: 1, y: 2 } });
      expect(({} as { polluted?: unknown }).polluted).toBeUndefined();
      expect((await db().command({ ping: 1 })).ok).toBe(1);
    });
  });
}
