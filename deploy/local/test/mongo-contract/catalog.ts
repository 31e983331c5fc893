import type { Stage } from "./stage";

/** https://www.mongodb.com/docs/manual/reference/command/nav-administration/ */
export function describeCatalog({ client, db }: Stage): void {
  describe("collections and databases", () => {
    it("are made by the first write, listed and dropped", async () => {
      await db().collection("by_write").insertOne({ n: 1 });
      await db().createCollection("by_command");
      await db().collection("by_index").createIndex({ n: 1 });
      const names = (await db().listCollections({ name: /^by_/ }, { nameOnly: true }).toArray()).map(
        ({ name }) => name,
      );
      expect(names.sort()).toEqual(["by_command", "by_index", "by_write"]);
      await db()
        .collection("by_nothing")
        .updateOne({ n: 1 }, { $set: { n: 2 } });
      await db().collection("by_nothing").deleteOne({ n: 1 });
      expect(await db().listCollections({ name: "by_nothing" }).toArray()).toEqual([]);
      await expect(db().createCollection("by_write", { validator: { n: 1 } })).rejects.toMatchObject({ code: 48 });
      expect(await db().collection("by_write").drop()).toBe(true);
      expect(await db().collection("by_write").countDocuments()).toBe(0);
      expect(await db().listCollections({ name: "by_write" }).toArray()).toEqual([]);
    });

    it("forget everything when a database is dropped", async () => {
      const other = client().db(`${db().databaseName}_2`);
      await other.collection("x").insertOne({ n: 1 });
      const names = async () =>
        (await client().db("admin").admin().listDatabases({ nameOnly: true })).databases.map(({ name }) => name);
      expect(await names()).toContain(other.databaseName);
      await other.dropDatabase();
      expect(await names()).not.toContain(other.databaseName);
      expect(await other.collection("x").countDocuments()).toBe(0);
    });

    it("refuse names that no collection can have", async () => {
      await expect(db().command({ insert: "", documents: [{}] })).rejects.toMatchObject({ code: 73 });
      await expect(db().command({ insert: "a\0b", documents: [{}] })).rejects.toMatchObject({ code: 73 });
      await expect(db().command({ find: 5 })).rejects.toMatchObject({ code: expect.any(Number) });
    });
  });

  describe("server commands", () => {
    it("say who the server is", async () => {
      const hello = await db().command({ hello: 1 });
      expect(hello).toMatchObject({ isWritablePrimary: true, maxBsonObjectSize: 16_777_216, ok: 1 });
      expect(hello).not.toHaveProperty("setName");
      expect(hello.maxWireVersion).toBeGreaterThanOrEqual(9);
      expect((await db().command({ buildInfo: 1 })).version).toMatch(/^\d+\.\d+\.\d+/);
      expect(await db().command({ ping: 1 })).toMatchObject({ ok: 1 });
      expect((await client().db("admin").command({ serverStatus: 1 })).uptime).toBeGreaterThanOrEqual(0);
    });

    it("work within a session, which ends quietly", async () => {
      const session = client().startSession();
      await db().collection("sessions").insertOne({ n: 1 }, { session });
      expect(
        await db()
          .collection("sessions")
          .findOne({}, { session, projection: { _id: 0 } }),
      ).toEqual({ n: 1 });
      await session.endSession();
    });
  });
}
