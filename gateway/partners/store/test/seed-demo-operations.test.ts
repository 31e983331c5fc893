import { createLogger } from "../../../../kit/log";
import type { Database } from "../../../../kit/postgres/open-database";
import { createTestDatabase, type TestDatabase } from "../../../../kit/test/postgres-database";
import { DEMO_PARTNER } from "../../../../schema/demo";
import { readRepositoryFile } from "../../../../schema/repository";
import { createRegistryStore } from "../create-registry-store";
import { openPartnersDatabase } from "../open-partners-database";
import { seedDemoOperations } from "../seed-demo-operations";
import { seedDemoPartner } from "../seed-demo-partner";

const log = createLogger("test", "silent");
const NOW = new Date("2027-01-01T00:00:00Z");
const { slug } = DEMO_PARTNER;

describe("the demo partner's operations", () => {
  let server: TestDatabase;
  let database: Database;

  beforeEach(async () => {
    server = await createTestDatabase();
    database = await openPartnersDatabase({ url: server.url, log });
  });
  afterEach(async () => {
    await database.close();
    await server.close();
  });

  const seed = () => seedDemoOperations({ source: database.source, log, now: NOW });
  const versions = async () => (await createRegistryStore(database.source).partner(slug, NOW)).versions;
  const seedPartner = () => seedDemoPartner({ source: database.source, keyPepper: "p".repeat(32), log });

  it("are those of the manifest, published once however many gateways start", async () => {
    await seedPartner();
    await Promise.all([seed(), seed(), seed()]);
    await seed();
    const { operations } = JSON.parse(readRepositoryFile("schema/operations/partners/manifest.json")) as {
      operations: readonly { name: string; clientName: string }[];
    };
    const names = operations.filter(({ clientName }) => clientName === slug).map(({ name }) => name);
    const [version, ...others] = await versions();
    expect(others).toEqual([]);
    expect(version).toMatchObject({ number: 1, state: "active", author: "demo" });
    expect(version?.operations.map(({ name }) => name).sort()).toEqual(names.sort());
  });

  it("stay as somebody left them who published or rolled back since", async () => {
    await seedPartner();
    await seed();
    const store = createRegistryStore(database.source);
    const body = "query Mine { products { totalCount } }";
    await store.publish(
      slug,
      {
        operations: [{ id: "mine", name: "Mine", type: "query", body, rest: undefined }],
        state: "active",
        author: "ada",
        note: "",
        sunsetAt: new Date("2027-03-01T00:00:00Z"),
        after: 1,
      },
      NOW,
    );
    await seed();
    expect((await versions()).map(({ number, state }) => `${number} ${state}`)).toEqual(["2 active", "1 deprecated"]);
    await store.rollBack(slug, 1, NOW);
    await seed();
    expect((await versions()).map(({ number, state }) => `${number} ${state}`)).toEqual(["2 retired", "1 active"]);
  });

  it("are nobody's where there is no demo partner", async () => {
    await seed();
    const [row] = await database.source.query<{ count: number }[]>("select count(*)::int as count from operations");
    expect(row?.count).toBe(0);
  });
});
