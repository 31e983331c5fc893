import { createHash } from "node:crypto";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import os from "node:os";
import path from "node:path";
import { createLogger } from "../../../../../kit/log";
import { compose, federationLink } from "../../../../test/harness/compose";
import { loadInThread } from "../../../../test/harness/load-in-thread";
import { createTestPartners, type TestPartners } from "../../../../test/harness/test-partners";
import { PlanLimitError } from "../../../../planning/planner";
import type { LoadedSupergraph } from "../../../../supergraph/load-supergraph";
import { createRegistryStore } from "../../../store/create-registry-store";
import { RegistrationError } from "../../publish-operations";
import { runOperations } from "../run-operations";

const NOW = new Date("2027-01-01T00:00:00Z");
const SDL = `${federationLink('["@key", "@requiresScopes", "@policy"]')}
  type Query {
    thing(id: ID!): Thing
    things: [Thing!]!
    secret: String @requiresScopes(scopes: [["secrets:read"], ["admin"]])
    vip: String @policy(policies: [["vip"]])
    old: String @deprecated(reason: "Use thing.")
  }
  type Mutation { rename(id: ID!, name: String!): Thing }
  type Subscription { changed(id: ID!): Thing }
  type Thing @key(fields: "id") { id: ID! name: String size: Int things: [Thing!] }
`;
const composed = (sdl = SDL) => compose([{ name: "things", sdl, url: "http://127.0.0.1:1/graphql" }]);

/** Its planner finds one operation too much. */
const withoutPatience = (supergraph: LoadedSupergraph): LoadedSupergraph => ({
  ...supergraph,
  planner: {
    ...supergraph.planner,
    plan: (request) =>
      request.document.includes("Endless")
        ? Promise.reject(new PlanLimitError("milliseconds of planning", 7))
        : supergraph.planner.plan(request),
  },
});

const sha256 = (text: string) => createHash("sha256").update(text).digest("hex");
const entry = (body: string, more: object = {}) => {
  const [, type, name] = /(query|mutation|subscription) (\w+)/.exec(body) ?? [];
  return { id: sha256(body), name, type, body, clientName: "acme", ...more };
};
const manifest = (...operations: readonly object[]) =>
  JSON.stringify({ format: "apollo-persisted-query-manifest", version: 1, operations });

const GET = "query Get($id: ID!) { thing(id: $id) { id name } }";
const LIST = "query List { things { id } }";

describe("operations", () => {
  let partners: TestPartners;
  let folder: string;
  let now: Date;

  beforeAll(async () => {
    partners = await createTestPartners(["acme", "globex"]);
    folder = await mkdtemp(path.join(os.tmpdir(), "tributary-operations-"));
    await write("supergraph.graphql", composed());
  });
  afterAll(async () => {
    await partners.close();
    await rm(folder, { recursive: true, force: true });
  });
  beforeEach(async () => {
    now = NOW;
    for (const table of ["operation_versions", "operations", "operation_deprecations", "api_keys"]) {
      await partners.source.query(`delete from ${table}`);
    }
    for (const slug of ["acme", "globex"]) await partners.addKey(slug);
  });

  const write = async (name: string, text: string) => {
    const file = path.join(folder, name);
    await writeFile(file, text);
    return file;
  };
  const run = (argv: string, env: Record<string, string> = {}) =>
    runOperations({
      argv: argv.split(" ").map((word) => (word.startsWith("@") ? path.join(folder, word.slice(1)) : word)),
      env: { SUPERGRAPH_FILE: path.join(folder, "supergraph.graphql"), ...env },
      openStore: () => Promise.resolve(createRegistryStore(partners.source)),
      log: createLogger("test", "silent"),
      load: (sdl) => Promise.resolve(withoutPatience(loadInThread(sdl))),
      now,
    });
  const publish = async (text: string, flags = "") => {
    await write("operations.json", text);
    return run(`publish --file @operations.json --author ada${flags === "" ? "" : ` ${flags}`}`);
  };
  const problemsOf = async (work: Promise<string>): Promise<readonly string[]> => {
    const error: unknown = await work.then(
      (text) => {
        throw new Error(`it was done: ${text}`);
      },
      (reason: unknown) => reason,
    );
    if (!(error instanceof Error)) throw error;
    return error.message.split("\n").filter((line) => line.startsWith("  - "));
  };
  const rows = async () => {
    const [row] = await partners.source.query<{ count: number }[]>(
      "select (select count(*) from operations)::int + (select count(*) from operation_versions)::int as count",
    );
    return row?.count;
  };

  it("publishes a manifest for each partner in it, says what changes, and does nothing the second time", async () => {
    const text = manifest(entry(GET), entry(LIST), entry(LIST, { clientName: "globex" }));
    expect(await publish(text)).toBe(
      "acme: version 1 is active.\n  new        Get\n  new        List\nglobex: version 1 is active.\n  new        List",
    );
    expect(await publish(text)).toBe(
      "acme: nothing changes, version 1 holds the same.\n  the same   Get\n  the same   List\nglobex: nothing changes, version 1 holds the same.\n  the same   List",
    );
    const changed = manifest(entry(GET.replace("name", "size")), entry("query Old { old }"));
    expect(await publish(changed, "--dry-run")).toBe(
      [
        "acme: would be published; this was a dry run.",
        "  new        Old",
        "  changed    Get (text)",
        "  gone       List",
        "  deprecated Old: The field Query.old is deprecated. Use thing",
      ].join("\n"),
    );
    expect(await run("list --partner acme")).toBe("acme\n  version 1  active  published 2027-01-01 by ada: Get, List");
    expect(await publish(changed, "--sunset 30d --note smaller")).toContain("acme: version 2 is active.");
    expect(await run("list --partner acme")).toBe(
      [
        "acme",
        "  version 2  active  published 2027-01-01 by ada (smaller): Get, Old",
        "  version 1  deprecated until 2027-01-31  published 2027-01-01 by ada: Get, List",
      ].join("\n"),
    );
  });

  it("takes the files of code generators for one partner, with paths in their texts", async () => {
    const text = 'query Get($id: ID!) @rest(path: "/things/{id}") { thing(id: $id) { id } }';
    expect(await publish(JSON.stringify({ [sha256(text)]: text }), "--partner globex")).toContain(
      "version 1 is active",
    );
    expect(await run("show --partner globex")).toBe(
      `# globex, version 1\n# Get\n# sha256:${sha256(text)}\n# GET /things/{id}\nquery Get($id: ID!) {\n  thing(id: $id) {\n    id\n  }\n}\n`,
    );
    expect(await problemsOf(publish(JSON.stringify([[sha256(LIST), LIST]])))).toEqual([
      expect.stringContaining("name the partner"),
    ]);
  });

  it("says everything that is wrong at once, with partner, operation and place, and writes nothing", async () => {
    await publish(manifest(entry(GET, { id: "app~1~Get" })));
    const before = await rows();
    const text = manifest(
      entry("query Syntax { thing( }"),
      entry("query Unknown {\n  thing(id: 1) {\n    colour\n    weight\n  }\n}"),
      entry("query Deep { things { things { things { things { id } } } } }"),
      entry("query Secret { secret }"),
      entry("query Vip { vip }"),
      entry("query Costly { things { things { things { id } } } }"),
      entry("query Endless { things { name } }"),
      entry("query Other { thing(id: 1) { id } }", { id: "app~1~Get" }),
      entry("query Path($id: ID!) { thing(id: $id) { id } }", { rest: { method: "GET", path: "/graphql/{id}" } }),
      entry(LIST, { clientName: "initech" }),
    );
    const env = { MAX_DEPTH: "4", MAX_COST: "500" };
    await write("operations.json", text);
    for (const flags of ["", " --dry-run"]) {
      expect(await problemsOf(run(`publish --file @operations.json${flags}`, env))).toEqual([
        '  - acme, Syntax, line 1, column 23: it is not GraphQL: Syntax Error: Expected Name, found "}".',
        '  - acme, Path: paths below "/graphql" are reserved',
        '  - acme, Other: its id "app~1~Get" stands for another text already; give it another id',
        "  - initech: there is no such partner",
        expect.stringMatching(/^ {2}- acme, Unknown, line 3, column 5: Cannot query field "colour" on type "Thing"/),
        expect.stringMatching(/^ {2}- acme, Unknown, line 4, column 5: Cannot query field "weight" on type "Thing"/),
        "  - acme, Deep: The operation exceeds the limit of 4 depth",
        "  - acme, Secret: no live key of acme may see all of it: it takes the scope admin or secrets:read",
        "  - acme, Vip: no live key of acme may see all of it: it takes the policy vip",
        expect.stringMatching(/^ {2}- acme, Costly: it costs \d+, and 500 is the limit$/),
        "  - acme, Endless: it cannot be planned: The operation exceeds the limit of 7 milliseconds of planning",
      ]);
    }
    expect(await rows()).toBe(before);
  });

  it("lets a partner have what one of its keys may see, and one without keys have anything", async () => {
    const text = manifest(entry("query Secret { secret }"));
    await expect(publish(text)).rejects.toThrow(RegistrationError);
    await partners.addKey("acme", { scopes: ["admin"] });
    expect(await publish(text)).toContain("acme: version 1 is active.");
    await partners.source.query("delete from api_keys");
    const others = manifest(entry("query Secret { secret }", { clientName: "globex" }));
    expect(await publish(others)).toContain("globex: version 1 is active.");
  });

  it("takes mutations and subscriptions as well; these have no path", async () => {
    const watch = "subscription Watch($id: ID!) { changed(id: $id) { id name } }";
    const rename = 'mutation Rename($id: ID!) { rename(id: $id, name: "x") { id } }';
    expect(await publish(manifest(entry(watch), entry(rename)))).toContain("version 1 is active");
    const bound = entry(watch, { rest: { method: "GET", path: "/watch/{id}" } });
    expect(await problemsOf(publish(manifest(bound)))).toEqual(["  - acme, Watch: a subscription has no path"]);
    expect(await run("check")).toBe("Every registered operation fits: 2 of 1 partner.");
  });

  it("keeps a version waiting until it is activated, and rolls back", async () => {
    await publish(manifest(entry(GET)));
    expect(await publish(manifest(entry(LIST)), "--pending")).toContain("version 2 is pending.");
    expect(await publish(manifest(entry(LIST)), "--pending")).toContain("nothing changes, version 2 holds the same");
    expect(await run("activate --partner acme --version 2 --sunset 2027-02-01")).toBe("Version 2 of acme is active.");
    expect(await run("list")).toContain("version 1  deprecated until 2027-02-01");
    expect(await run("rollback --partner acme")).toBe("Version 1 of acme is active again.");
    expect(await run("list")).toContain("version 2  retired 2027-01-01");
    expect(await run("list")).toContain("globex: nothing is published.");
  });

  it("deprecates one operation, takes that back, and retires a version", async () => {
    await publish(manifest(entry(GET), entry(LIST)));
    expect(await run("deprecate --partner acme --name Get --sunset 10d --successor List")).toBe(
      "Get of acme is deprecated until 2027-01-11T00:00:00.000Z.",
    );
    expect(await run("list --partner acme")).toContain("Get is deprecated until 2027-01-11, List takes its place");
    expect(await publish(manifest(entry(GET)), "--dry-run")).toContain("deprecated Get: it goes on 2027-01-11");
    now = new Date("2027-01-11T00:00:00Z");
    expect(await run("list --partner acme")).toContain("Get is retired since 2027-01-11");
    expect(await problemsOf(publish(manifest(entry(GET))))).toEqual([
      expect.stringContaining("acme, Get: it was retired by itself on 2027-01-11; take that back"),
    ]);
    expect(await run("deprecate --partner acme --name Get --cancel")).toBe("Get of acme is no longer deprecated.");
    await publish(manifest(entry(LIST)));
    expect(await run("retire --partner acme --version 1")).toBe("Version 1 of acme is retired.");
  });

  it("holds everything that is called today against another supergraph, from a file or a URL", async () => {
    await publish(manifest(entry(GET), entry("query Sizes { things { size } }")));
    await publish(manifest(entry(LIST)));
    await publish(manifest(entry(LIST, { clientName: "globex" })));
    expect(await run("check")).toBe("Every registered operation fits: 4 of 2 partners.");
    const next = composed(SDL.replace(" size: Int", "").replace("things: [Thing!]!", "things: [Thing!]! items: Int"));
    await write("next.graphql", next);
    const expected = ['  - acme, Sizes, line 1, column 24: Cannot query field "size" on type "Thing"'];
    expect(await problemsOf(run("check --supergraph @next.graphql"))).toEqual(expected);
    const server: Server = createServer((_, res) => res.end(next));
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const { port } = server.address() as AddressInfo;
    try {
      expect(await problemsOf(run(`check --supergraph http://127.0.0.1:${port}/`))).toEqual(expected);
    } finally {
      await new Promise((resolve) => server.close(resolve));
    }
    expect(await run("check --partner globex --supergraph @next.graphql")).toBe(
      "Every registered operation fits: 1 of 1 partner.",
    );
    // What is past its sunset may break.
    now = new Date("2028-01-01T00:00:00Z");
    expect(await run("check --supergraph @next.graphql")).toContain("fits: 2 of 2 partners");
  });

  it("tells programs the same in JSON", async () => {
    const json = async (argv: string) => JSON.parse(await run(`${argv} --json`)) as unknown;
    await write("operations.json", manifest(entry(GET), entry(LIST)));
    const published = { partner: "acme", sameAs: null, added: ["Get", "List"], changed: [], gone: [], unchanged: [] };
    const dry = { ...published, version: null, state: null, isDryRun: true };
    expect(await json("publish --file @operations.json --author ada --dry-run")).toEqual([dry]);
    const done = { ...published, version: 1, state: "active", isDryRun: false };
    expect(await json("publish --file @operations.json --author ada")).toEqual([done]);
    expect(await json("publish --file @operations.json --author ada")).toMatchObject([{ version: null, sameAs: 1 }]);
    await publish(manifest(entry(LIST)), "--sunset 30d");
    expect(await json("list --partner acme")).toEqual([
      {
        partner: "acme",
        versions: [
          expect.objectContaining({ number: 2, state: "active", author: "ada", sunsetAt: null }),
          expect.objectContaining({ number: 1, state: "deprecated", sunsetAt: "2027-01-31T00:00:00.000Z" }),
        ],
        deprecations: [],
      },
    ]);
    expect(await json("show --partner acme --version 1 --name Get")).toEqual({
      partner: "acme",
      version: 1,
      operations: [{ id: `sha256:${sha256(GET)}`, name: "Get", body: GET, rest: null }],
    });
    expect(await json("check")).toEqual({ operations: 2, partners: 1, problems: [] });
    expect(await json("deprecate --partner acme --name List --sunset 10d")).toEqual({
      partner: "acme",
      name: "List",
      sunsetAt: "2027-01-11T00:00:00.000Z",
      successor: null,
    });
    expect(await json("rollback --partner acme")).toEqual({ partner: "acme", version: 1, state: "active" });
    await publish(manifest(entry(LIST)), "--sunset 30d");
    now = new Date("2027-02-01T00:00:00Z");
    expect(await json("retire --partner acme --version 1")).toEqual({ partner: "acme", version: 1, state: "retired" });
  });

  it("says by partner, operation and place what could not be called any more", async () => {
    await publish(manifest(entry("query Sizes { things { size } }")));
    await write("smaller.graphql", composed(SDL.replace(" size: Int", "")));
    await expect(run("check --supergraph @smaller.graphql")).rejects.toThrow(
      /^These operations could not be called any more:\n {2}- acme, Sizes, line 1, column 24: Cannot query field "size"/,
    );
  });

  it.each([
    ["", "Usage:"],
    ["frobnicate", '"frobnicate" is no command.'],
    ["publish --frob", "Unknown option '--frob'"],
    ["publish --version 3", "publish takes no --version."],
    ["publish --sunset yesterday", "--sunset must be a number of days such as 90d, or a date in the future"],
    ["publish --sunset 2026-01-01", "--sunset must be"],
    ["activate --partner acme", "activate needs --version."],
    ["retire --partner acme --version x", '"x" is no number of a version.'],
    ["deprecate --partner acme --name Get", "deprecate needs --sunset."],
    ["show --partner initech", "There is no partner initech."],
    ["show --partner acme", "acme has no active version; name one."],
    ["retire --partner acme --version 4", "acme has no version 4."],
    ["publish --file @nothing.json", "cannot be read (ENOENT)."],
    ["check --supergraph @nothing.graphql", "cannot be read (ENOENT)."],
    ["check --supergraph http://127.0.0.1:1/", "The supergraph at http://127.0.0.1:1/ cannot be read"],
  ])('answers "%s" with a sentence', async (argv, sentence) => {
    await expect(run(argv)).rejects.toThrow(sentence);
  });
});
