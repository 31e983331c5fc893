import { readFile } from "node:fs/promises";
import { waitUntil } from "../../e2e/harness/wait-until";
import type { RegistryStore } from "../partners/registry/registry-store";
import { createRegistryStore } from "../partners/store/create-registry-store";
import { manifestOf } from "./harness/partner-gateway";
import { type Shop, startShop } from "./harness/shop";
import { type Answer, PATIENCE, startTestGateway, type TestGateway } from "./harness/test-gateway";
import { createTestPartners, partnersReady, type TestPartners } from "./harness/test-partners";

const PRODUCT = 'query Product($id: ID!) @rest(path: "/products/{id}") { product(id: $id) { name } }';
const PRODUCT_ID = 'query Product($id: ID!) @rest(path: "/goods/{id}") { product(id: $id) { id } }';
const HELLO = "query Hello { hello }";
const BROKEN = "query Broken { hello }";
const SERVED = "registered operations are served";

const HOUR_MS = 3_600_000;

describe("two gateways with one registry", () => {
  let shop: Shop;
  let partners: TestPartners;
  let store: RegistryStore;
  let gateways: readonly TestGateway[];
  let from: readonly number[] = [];

  beforeAll(async () => {
    shop = await startShop();
    partners = await createTestPartners(["acme"]);
    store = createRegistryStore(partners.source);
    // Only what they are told of counts here.
    const env = {
      INTERNAL_SECRET: "an internal secret of 32 characters!",
      PARTNER_REGISTRY_POLL_MS: "86400000",
      PARTNER_QUOTA_UNITS: "0",
      PARTNER_KEY_QUOTA_UNITS: "0",
      ...partners.env,
    };
    gateways = await Promise.all([
      startTestGateway({ subgraphs: shop.all, env }),
      startTestGateway({ subgraphs: shop.all, env }),
    ]);
    await Promise.all(gateways.map(partnersReady));
    await Promise.all(gateways.map((gateway) => gateway.logged("changes of registered operations are heard of")));
  });
  afterAll(async () => {
    for (const gateway of gateways) await gateway.close();
    await Promise.all([partners.close(), shop.close()]);
  });
  beforeEach(async () => {
    await change(async () => {
      await partners.source.query("delete from operation_versions");
      await partners.source.query("delete from operation_deprecations");
    });
  });

  const mark = () => (from = gateways.map(({ lines }) => lines.length));
  const taken = () => Promise.all(gateways.map((gateway, i) => gateway.logged(SERVED, from[i])));
  /** Changes the registry and waits until both gateways have read all of it. */
  const change = async (work: () => Promise<unknown>) => {
    await work();
    const revision = await store.revision();
    for (const { lines } of gateways) {
      const isServed = () => lines.some((line) => line.msg === SERVED && line["revision"] === revision);
      await waitUntil(`revision ${revision}`, isServed, PATIENCE);
    }
  };
  const publish = (documents: readonly string[], sunsetAt?: Date) =>
    partners.publish(manifestOf({ acme: documents }), sunsetAt);

  const idOf = (document: string) =>
    (JSON.parse(manifestOf({ acme: [document] })) as { operations: readonly { id: string }[] }).operations[0]?.id ?? "";
  const call = async (i: number, document: string, variables: object = {}) => {
    const response = await fetch(`${gateways[i]?.url}/partner/v1/graphql`, {
      method: "POST",
      headers: { "content-type": "application/json", "x-api-key": partners.keys["acme"] ?? "" },
      body: JSON.stringify({ documentId: idOf(document), variables }),
    });
    return {
      status: response.status,
      headers: response.headers,
      body: (await response.json()) as Answer["body"],
    };
  };
  const get = async (i: number, path: string) => {
    const response = await fetch(`${gateways[i]?.url}/partner/v1${path}`, {
      headers: { "x-api-key": partners.keys["acme"] ?? "" },
    });
    return { status: response.status, headers: response.headers, body: (await response.json()) as object };
  };
  const statuses = async (document: string, variables: object = {}) =>
    Promise.all(gateways.map(async (_, i) => (await call(i, document, variables)).status));

  it("both take over what is published, by id, path and description", async () => {
    expect(await statuses(HELLO)).toEqual([404, 404]);
    await change(() => publish([HELLO, PRODUCT]));
    expect(await statuses(HELLO)).toEqual([200, 200]);
    for (const i of [0, 1]) {
      expect((await get(i, "/products/7")).body).toEqual({ name: "product 7" });
      expect((await get(i, "/openapi.json")).body).toMatchObject({
        paths: { "/products/{id}": {}, "/ops/Hello": {} },
      });
    }
  });

  it("calls go on without one refusal while versions are published and rolled back", async () => {
    await change(() => publish([PRODUCT]));
    const wrong: unknown[] = [];
    let calls = 0;
    let isOver = false;
    const callers = [0, 1, 0, 1].map(async (i, n) => {
      while (!isOver) {
        const byId = n < 2;
        const { status, body } = byId ? await call(i, PRODUCT, { id: "7" }) : await get(i, "/products/7");
        calls++;
        if (status !== 200) wrong.push(body);
      }
    });
    for (let n = 0; n < 3; n++) {
      await change(() => publish([PRODUCT, `query New${n} { hello }`]));
      expect(await statuses(`query New${n} { hello }`)).toEqual([200, 200]);
      await change(() => publish([HELLO]));
      await change(() => store.rollBack("acme", undefined, new Date()));
    }
    isOver = true;
    await Promise.all(callers);
    expect(wrong).toEqual([]);
    expect(calls).toBeGreaterThan(20);
  });

  it("a new operation is planned before it can be called", async () => {
    mark();
    await publish([PRODUCT, HELLO]);
    await taken();
    for (const gateway of gateways) {
      const line = gateway.lines.findLast(({ msg }) => msg === SERVED);
      expect(line).toMatchObject({ operations: 2, fresh: 2 });
    }
  });

  it("a deprecated version is called with a warning, by its old path as well, until it is rolled back or over", async () => {
    await change(() => publish([PRODUCT]));
    const sunsetAt = new Date(Date.now() + HOUR_MS);
    await change(() => publish([PRODUCT_ID], sunsetAt));
    const old = await get(0, "/products/7");
    expect(old.body).toEqual({ name: "product 7" });
    expect(Object.fromEntries(["sunset", "link"].map((name) => [name, old.headers.get(name)]))).toEqual({
      sunset: sunsetAt.toUTCString(),
      link: '</partner/v1/docs>; rel="deprecation"; type="text/html", </partner/v1/goods/7>; rel="successor-version"',
    });
    expect((await get(1, "/goods/7")).headers.get("deprecation")).toBeNull();
    expect((await call(1, PRODUCT, { id: "7" })).headers.get("deprecation")).toMatch(/^@\d+$/);

    await change(() => store.rollBack("acme", undefined, new Date()));
    expect((await get(0, "/products/7")).headers.get("sunset")).toBeNull();
    const gone = await get(1, "/goods/7");
    expect(gone.status).toBe(410);
    expect(gone.headers.get("content-type")).toContain("application/problem+json");
    expect(gone.body).toMatchObject({ status: 410, title: "Gone", code: "OPERATION_RETIRED", successor: "Product" });
    expect(await statuses(PRODUCT_ID, { id: "7" })).toEqual([410, 410]);
    // A path that nobody ever had is another matter.
    expect((await get(1, "/bads/7")).status).toBe(404);
  });

  it("one operation that is deprecated by itself says so, in its description too, and is refused when its time is over", async () => {
    await change(() => publish([PRODUCT, HELLO]));
    const later = new Date(Date.now() + HOUR_MS);
    await change(() => store.deprecate("acme", { name: "Hello", sunsetAt: later, successor: "Product" }, new Date()));
    expect((await call(0, HELLO)).headers.get("link")).toContain('rel="successor-version"');
    const described = (await get(0, "/openapi.json")).body as {
      paths: Record<string, { get: { deprecated?: boolean } }>;
    };
    expect(described.paths["/ops/Hello"]?.get.deprecated).toBe(true);
    expect(described.paths["/products/{id}"]?.get.deprecated).toBeUndefined();
    await change(() =>
      store.deprecate("acme", { name: "Hello", sunsetAt: new Date(Date.now() - 1), successor: "Product" }, new Date()),
    );
    const { status, body } = await call(1, HELLO);
    expect(status).toBe(410);
    expect(body.errors).toMatchObject([{ extensions: { code: "OPERATION_RETIRED", successor: "Product" } }]);
  });

  it("a damaged row is left out and told, and the others are called", async () => {
    await change(() => publish([PRODUCT, BROKEN]));
    await change(() => partners.source.query("update operations set body = 'query Broken {' where name = 'Broken'"));
    expect(await statuses(BROKEN)).toEqual([404, 404]);
    expect(await statuses(PRODUCT, { id: "1" })).toEqual([200, 200]);
    for (const gateway of gateways) {
      expect(gateway.lines.find(({ msg }) => msg === "a registered operation is damaged")).toMatchObject({
        partner: "acme",
        operation: "Broken",
      });
    }
    const restored = `update operations set body = $1 where name = 'Broken'`;
    await change(() => partners.source.query(restored, [BROKEN]));
    expect(await statuses(BROKEN)).toEqual([200, 200]);
  });

  it("what was registered is called while the connections are lost, and what came meanwhile right after", async () => {
    await change(() => publish([PRODUCT]));
    mark();
    const heard = "changes of registered operations are heard of";
    await partners.source.query(
      "select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and application_name = 'operations_changed'",
    );
    await publish([PRODUCT, HELLO]);
    expect(await statuses(PRODUCT, { id: "1" })).toEqual([200, 200]);
    await Promise.all(gateways.map((gateway, i) => gateway.logged(heard, from[i])));
    await taken();
    expect(await statuses(HELLO)).toEqual([200, 200]);
  });

  it("registered operations are planned for the next supergraph before it is served", async () => {
    await change(() => publish([PRODUCT, HELLO]));
    const [gateway] = gateways;
    if (!gateway) throw new Error("there is no gateway");
    const at = gateway.lines.length;
    await gateway.replaceSupergraph(`${await readFile(gateway.supergraphFile, "utf8")}\n# another\n`);
    await gateway.logged("a changed file is served", at);
    const line = await gateway.logged("operations are prepared for the next supergraph", at);
    expect(line["registered"]).toBe(2);
  });
});
