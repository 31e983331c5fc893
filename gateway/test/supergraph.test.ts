import { readFile, unlink, writeFile } from "node:fs/promises";
import { parse, print } from "graphql";
import { runtimeView } from "../supergraph/runtime-view";
import { compose, federationLink } from "./harness/compose";
import { loadInThread } from "./harness/load-in-thread";
import { CATALOG_SDL, REVIEWS_SDL, type Shop, startShop } from "./harness/shop";
import { startTestGateway, type TestGateway } from "./harness/test-gateway";

const url = "http://127.0.0.1:4001/graphql";

// Each graph begins in a thread that compiles TypeScript: slow on a busy machine.
jest.setTimeout(60_000);

describe("the two views of a supergraph", () => {
  const sdl = compose([
    {
      name: "a",
      url,
      sdl: `${federationLink('["@key", "@authenticated", "@requiresScopes", "@policy", "@cost", "@tag", "@inaccessible"]')}
        """
        Says @link(url: "https://specs.apollo.dev/authenticated/v0.1", for: SECURITY) in passing.
        """
        type Query { a: Int @authenticated b: Int @requiresScopes(scopes: [["x"]]) c: Int @policy(policies: [["p"]]) @cost(weight: 3) d: Int @inaccessible @tag(name: "t") }`,
    },
  ]);

  it("composition marks the access directives as something that must be understood", () => {
    expect(sdl.match(/for: SECURITY\)$/gm)?.length).toBeGreaterThanOrEqual(3);
  });

  it("the runtime view differs from the full one in nothing but those marks", () => {
    const runtime = print(runtimeView(parse(sdl)));
    const flat = (text: string) => text.replace(/\s+/g, " ");
    const links = (text: string) => flat(text).match(/@link\([^)]*\)(?= [@{])/g) ?? [];
    const linkTo = (text: string, name: string) => links(text).find((link) => link.includes(`dev/${name}/`));
    for (const name of ["authenticated", "requiresScopes", "policy"]) {
      expect(linkTo(sdl, name)).toContain("for: SECURITY");
      expect(linkTo(runtime, name)).toBe(linkTo(sdl, name)?.replace(", for: SECURITY", ""));
    }
    expect(linkTo(runtime, "inaccessible")).toContain("for: SECURITY");
    expect(linkTo(runtime, "join")).toContain("for: EXECUTION");
    const withoutLinks = (text: string) => links(text).reduce((rest, link) => rest.replace(link, ""), flat(text));
    expect(withoutLinks(runtime)).toBe(withoutLinks(print(parse(sdl))));
    expect(runtime).toContain(
      'Says @link(url: "https://specs.apollo.dev/authenticated/v0.1", for: SECURITY) in passing.',
    );
  });

  it("clients see neither", () => {
    const { apiSdl, subgraphs } = loadInThread(sdl);
    expect(apiSdl).not.toMatch(/@authenticated|join__|d: Int/);
    expect(subgraphs).toEqual([{ name: "a", url }]);
  });
});

describe("reloading the supergraph file", () => {
  let shop: Shop;
  let gateway: TestGateway;
  let hold: Promise<void> | undefined;

  beforeEach(async () => {
    hold = undefined;
    shop = await startShop({ before: async () => hold });
    gateway = await startTestGateway({ subgraphs: shop.all, sdl: withoutReviews() });
  });
  afterEach(async () => {
    await gateway.close();
    await shop.close();
  });

  const withoutReviews = () => compose([shop.catalog]);
  const withReviews = () => compose(shop.all);
  const RELOADED = "a changed file is served";
  const REFUSED = "a changed file cannot be served, what was read before stays";
  const latest = () => gateway.post({ query: "{ latest { stars product { name } } }" });

  it("serves the new graph when the file is replaced", async () => {
    expect((await latest()).status).toBe(400);
    await gateway.replaceSupergraph(withReviews());
    await gateway.logged(RELOADED);
    expect((await latest()).body).toEqual({ data: { latest: [{ stars: 5, product: { name: "product 1" } }] } });
    const sdl = await (await fetch(`${gateway.url}/schema.graphql`)).text();
    expect(sdl).toContain("type Review");
  });

  it("serves the new graph when the file is written in place", async () => {
    await writeFile(gateway.supergraphFile, withReviews());
    await gateway.logged(RELOADED);
    expect((await latest()).status).toBe(200);
  });

  it("a request that began on the old graph ends on the old graph", async () => {
    await gateway.replaceSupergraph(withReviews());
    await gateway.logged(RELOADED);
    let release = () => {};
    hold = new Promise((resolve) => (release = resolve));
    const received = shop.catalog.received.length;
    const answer = gateway.post({ query: "{ product(id: 1) { name reviews { stars } } }" });
    while (shop.catalog.received.length === received) await new Promise((resolve) => setImmediate(resolve));
    const lines = gateway.lines.length;
    await gateway.replaceSupergraph(withoutReviews());
    await gateway.logged(RELOADED, lines);
    expect((await latest()).status).toBe(400);
    release();
    expect((await answer).body).toEqual({ data: { product: { name: "product 1", reviews: [{ stars: 1 }] } } });
  });

  it("requests without end are all answered over ten reloads", async () => {
    const statuses = new Map<number, number>();
    let going = true;
    const client = async () => {
      while (going) {
        const { status } = await gateway.post({ query: "{ product(id: 1) { name } hello }" });
        statuses.set(status, (statuses.get(status) ?? 0) + 1);
      }
    };
    const clients = Array.from({ length: 8 }, client);
    for (let i = 0; i < 10; i++) {
      const lines = gateway.lines.length;
      await gateway.replaceSupergraph(i % 2 === 0 ? withReviews() : withoutReviews());
      await gateway.logged(RELOADED, lines);
    }
    going = false;
    await Promise.all(clients);
    expect([...statuses.keys()]).toEqual([200]);
  });

  it.each([
    ["broken", () => "type Query {"],
    ["empty", () => ""],
    [
      "one that needs what is not there",
      () => `${withReviews()}\nextend schema @link(url: "https://specs.apollo.dev/connect/v0.2", for: EXECUTION)`,
    ],
  ])("a text that is %s is reported once by its reason and changes nothing", async (_what, text) => {
    await gateway.replaceSupergraph(text());
    const line = await gateway.logged(REFUSED);
    expect(line["reason"]).toEqual(expect.any(String));
    expect((await gateway.post({ query: "{ hello }" })).status).toBe(200);
    expect((await fetch(`${gateway.url}/health/ready`)).status).toBe(200);
    await gateway.replaceSupergraph(withReviews());
    await gateway.logged(RELOADED);
    expect(gateway.lines.filter(({ msg }) => msg === REFUSED)).toHaveLength(1);
  });

  it("a file that goes away changes nothing, and is read when it is back", async () => {
    await unlink(gateway.supergraphFile);
    await gateway.logged("a file cannot be read, what was read before stays");
    expect((await gateway.post({ query: "{ hello }" })).status).toBe(200);
    await writeFile(gateway.supergraphFile, withReviews());
    await gateway.logged(RELOADED);
    expect((await latest()).status).toBe(200);
  });

  it("the same text again is no reload", async () => {
    await gateway.replaceSupergraph(await readFile(gateway.supergraphFile, "utf8"));
    await gateway.replaceSupergraph(withReviews());
    await gateway.logged(RELOADED);
    expect(gateway.lines.filter(({ msg }) => msg === RELOADED)).toHaveLength(1);
  });
});

describe("starting", () => {
  it("without a usable file fails with a sentence that names the file", async () => {
    const env = { SUPERGRAPH_FILE: "/nowhere/supergraph.graphql" };
    await expect(startTestGateway({ subgraphs: [], sdl: "", env })).rejects.toThrow(
      "The supergraph file /nowhere/supergraph.graphql cannot be read (ENOENT).",
    );
  });

  it("composes what these suites compose", () => {
    expect(
      compose([
        { name: "catalog", sdl: CATALOG_SDL, url },
        { name: "reviews", sdl: REVIEWS_SDL, url },
      ]),
    ).toContain("join__Graph");
  });
});
