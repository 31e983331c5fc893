import { Double, Long, ObjectId } from "mongodb";
import type { Stage } from "./stage";

/** https://www.mongodb.com/docs/manual/core/schema-validation/ */
export function describeValidation({ db }: Stage): void {
  describe("schema validation", () => {
    const $jsonSchema = {
      bsonType: "object",
      required: ["name", "price"],
      additionalProperties: false,
      properties: {
        _id: {},
        name: { bsonType: "string", minLength: 1, maxLength: 10, description: "what customers read" },
        price: { bsonType: ["int", "long"], minimum: 0 },
        kind: { enum: ["a", "b", null] },
        tags: { bsonType: "array", items: { bsonType: "string", pattern: "^[a-z]+$" }, uniqueItems: true, maxItems: 2 },
        size: { bsonType: "object", properties: { w: { bsonType: "double" } }, required: ["w"] },
      },
    };
    let made = 0;
    const validated = async (options: object = {}) => {
      const name = `validated_${++made}`;
      await db().createCollection(name, { validator: { $jsonSchema }, ...options });
      return db().collection(name);
    };

    it.each<[string, Record<string, unknown>]>([
      ["only what is required", { name: "x", price: 1 }],
      ["everything", { name: "x", price: Long.fromNumber(5), kind: "b", tags: ["red"], size: { w: new Double(2) } }],
      ["null where the enumeration has it", { name: "x", price: 0, kind: null }],
    ])("accepts %s", async (_, document) => {
      const rows = await validated();
      await expect(rows.insertOne(document)).resolves.toMatchObject({ acknowledged: true });
    });

    it.each<[string, Record<string, unknown>]>([
      ["a missing field", { name: "x" }],
      ["a wrong type", { name: 5, price: 1 }],
      ["a fraction for an int", { name: "x", price: 1.5 }],
      ["a value below the minimum", { name: "x", price: -1 }],
      ["text too long", { name: "x".repeat(11), price: 1 }],
      ["a value not in the enumeration", { name: "x", price: 1, kind: "c" }],
      ["an unknown field", { name: "x", price: 1, more: 1 }],
      ["a wrong array element", { name: "x", price: 1, tags: ["RED"] }],
      ["repeated array elements", { name: "x", price: 1, tags: ["red", "red"] }],
      ["a wrong nested field", { name: "x", price: 1, size: { w: "wide" } }],
    ])("refuses %s", async (_, document) => {
      const rows = await validated();
      const _id = new ObjectId();
      const refused = {
        code: 121,
        message: "Document failed validation",
        errInfo: { failingDocumentId: _id, details: expect.anything() },
      };
      await expect(rows.insertOne({ _id, ...document })).rejects.toMatchObject(refused);
      expect(await rows.countDocuments()).toBe(0);
    });

    it("holds for updates too, unless bypassed, and can be changed and turned to warnings", async () => {
      const rows = await validated();
      await rows.insertOne({ name: "x", price: 1 });
      await expect(rows.updateOne({}, { $set: { price: -1 } })).rejects.toMatchObject({ code: 121 });
      await expect(rows.findOneAndUpdate({}, { $set: { price: -1 } })).rejects.toMatchObject({ code: 121 });
      await rows.updateOne({}, { $set: { price: -1 } }, { bypassDocumentValidation: true });
      await db().command({
        collMod: rows.collectionName,
        validator: { price: { $lt: 0 } },
        validationLevel: "moderate",
      });
      await expect(rows.insertOne({ price: 5 })).rejects.toMatchObject({ code: 121 });
      await rows.insertOne({ price: -5, anything: true });
      await db().command({ collMod: rows.collectionName, validationAction: "warn" });
      await rows.insertOne({ price: 5 });
      expect(
        await rows.countDocuments({
          $jsonSchema: { properties: { anything: { bsonType: "bool" } }, required: ["anything"] },
        }),
      ).toBe(1);
      const [info] = await db().listCollections({ name: rows.collectionName }).toArray();
      expect((info as { options?: object }).options).toMatchObject({ validationAction: "warn" });
    });

    it("leaves documents alone that were invalid before, when moderate", async () => {
      const rows = db().collection(`validated_${++made}`);
      await rows.insertMany([
        { price: -1, n: 1 },
        { price: 1, n: 1 },
      ]);
      await db().command({
        collMod: rows.collectionName,
        validator: { price: { $gte: 0 } },
        validationLevel: "moderate",
      });
      await rows.updateOne({ price: -1 }, { $set: { n: 2 } });
      await expect(rows.updateOne({ price: 1 }, { $set: { price: -2 } })).rejects.toMatchObject({ code: 121 });
      await db().command({ collMod: rows.collectionName, validationLevel: "strict" });
      await expect(rows.updateOne({ price: -1 }, { $set: { n: 3 } })).rejects.toMatchObject({ code: 121 });
    });

    it("refuses schemas with words it does not know", async () => {
      const create = (schema: object) =>
        db().createCollection(`validated_${++made}`, { validator: { $jsonSchema: schema } });
      await expect(create({ frobnicate: 1 })).rejects.toMatchObject({ code: 9 });
      await expect(create({ $ref: "#/x" })).rejects.toMatchObject({ code: 9 });
      await expect(create({ bsonType: "frob" })).rejects.toMatchObject({ code: 2 });
    });
  });
}
