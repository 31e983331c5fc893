import { type Client, createClient } from "graphql-ws";
import { WebSocket } from "ws";
import { compose, federationLink } from "./harness/compose";
import { measured } from "./harness/processor-time";
import { json, type ScriptedSubgraph, startScriptedSubgraph } from "./harness/scripted-subgraph";
import { startTestGateway, type TestGateway } from "./harness/test-gateway";

/** Of the thread that serves everybody. */
const MAX_MS = 100;

/** Where refusals are those of other limits, on a machine that is busy with something else. */
const PATIENT = { MAX_PLAN_MS: "60000", MAX_PLAN_WAIT_MS: "60000" };

const link = federationLink('["@key", "@shareable"]');
const FIELDS = Array.from({ length: 10 }, (_, i) => `f${i}: Int @shareable`).join(" ");

/** Ways through the subgraphs multiply with each level: see gateway/planning/test/plan-graphs.ts. */
const side = (own: string, other: string) =>
  Array.from({ length: 3 }, (_, i) => ({
    name: `${own.toLowerCase()}${i}`,
    url: "http://127.0.0.1:1/graphql",
    sdl: `${link} type ${own} @key(fields: "id") { id: ID! next: ${other} @shareable alt: ${other} @shareable ${FIELDS} }
      type ${other} @key(fields: "id") { id: ID! }`,
  }));

const ROOT_SDL = `${link}
  scalar JSON
  input Filter { and: [Filter!] name: String size: Int }
  type Query { a: A find(filter: Filter, ids: [Int!], any: JSON): Int plain: Plain }
  type Plain { id: ID! next: Plain list(of: [[Int]]): Int a: Int b: Int c: Int }
  type A @key(fields: "id") { id: ID! }`;

const times = (count: number, text: (i: number) => string) =>
  Array.from({ length: count }, (_, i) => text(i)).join(" ");
const nested = (depth: number) => `{ plain { ${"next { ".repeat(depth)} id ${"}".repeat(depth)} } }`;
/** Each fragment spreads the next one twice: 2^n fields in n lines. */
const doubling = (n: number, spread: (next: number) => string) =>
  `{ plain { ...F0 } } ${times(n, (i) => `fragment F${i} on Plain { ${spread(i + 1)} }`)} fragment F${n} on Plain { id }`;
const chain = (depth: number) => `{ a { ${"next { ".repeat(depth)} f0 ${"} ".repeat(depth)}} }`;
/** Many selections, each of which has ways enough to be planned. */
const wide = (selections: number) =>
  chain(3).replace(
    "f0",
    times(selections, (i) => `x${i}: f0`),
  );
/** Planned, and nearly refused. */
const laborious = wide(10);
const tree = (levels: number): string =>
  levels === 0 ? "f0" : `next { ${tree(levels - 1)} } alt { ${tree(levels - 1)} }`;

const LIMIT = "OPERATION_LIMIT_EXCEEDED";
const VALIDATION = "GRAPHQL_VALIDATION_FAILED";

const DOCUMENTS: readonly (readonly [string, string, string])[] = [
  ["fragments that mean 2^30 fields", doubling(30, (i) => `...F${i} ... { ...F${i} }`), LIMIT],
  ["fields that mean 2^25 fields", doubling(25, (i) => `a: next { ...F${i} } b: next { ...F${i} }`), LIMIT],
  ["10,000 aliases", `{ plain { ${times(10_000, (i) => `a${i}:id`)} } }`, LIMIT],
  ["2,000 aliases", `{ plain { ${times(2_000, (i) => `a${i}:id`)} } }`, LIMIT],
  ["50,000 tokens", `{ plain { ${"a ".repeat(50_000)} } }`, LIMIT],
  ["a depth of 500", nested(500), LIMIT],
  ["a depth of 3,000", nested(3_000), LIMIT],
  ["a depth of 30,000, never closed", "{ plain ".repeat(30_000), LIMIT],
  [
    "inline fragments in each other 3,000 times",
    `{ plain { ${"... { ".repeat(3_000)} id ${"}".repeat(3_000)} } }`,
    LIMIT,
  ],
  ["a fragment in itself", "{ plain { ...F } } fragment F on Plain { next { ...F } }", VALIDATION],
  [
    "five hundred fragments in a ring",
    `{ plain { ...F0 } } ${times(500, (i) => `fragment F${i} on Plain { ...F${(i + 1) % 500} }`)}`,
    VALIDATION,
  ],
  ["2,000 directives at one field", `{ plain { id ${"@skip(if: false) ".repeat(1_500)} } }`, LIMIT],
  ["2,000 directives at many fragments", `{ plain { ${"... @include(if: true) { id } ".repeat(800)} } }`, LIMIT],
  ["2,000 directives that do not exist", `{ plain { ${"id @a @b @c ".repeat(99)} } }`, LIMIT],
  ["a thousand root fields", `{ ${times(1_000, (i) => `a${i}: plain { id }`)} }`, LIMIT],
  [
    "repetitions that multiply",
    `{ plain { ${`next { ${`next { ${"id ".repeat(14)} } `.repeat(14)} } `.repeat(14)} } }`,
    LIMIT,
  ],
  [
    "repetitions in a thousand fragments",
    `{ plain { ${times(1_000, (i) => `...F${i}`)} } } ${times(1_000, (i) => `fragment F${i} on Plain { id }`)}`,
    LIMIT,
  ],
  [
    "hundreds of fragments side by side",
    `{ plain { ${times(760, (i) => `...F${i % 380}`)} } } ${times(380, (i) => `fragment F${i} on Plain { ${["id", "a", "b", "c"][i % 4]} }`)}`,
    LIMIT,
  ],
  ["nine hundred fragments that do not exist", `{ plain { ${times(900, (i) => `...F${i}`)} } }`, LIMIT],
  [
    "a hundred repetitions with large arguments that differ",
    `{ plain { ${times(100, (i) => `list(of: [[${"7 ".repeat(80)} ${i}]])`)} } }`,
    VALIDATION,
  ],
  ["a thousand operations", times(1_000, (i) => `query Q${i} { plain { id } }`), LIMIT],
  ["9,000 fields that do not exist", `{ plain { ${times(9_000, (i) => `x${i}`)} } }`, VALIDATION],
  ["a value of 3,000 levels", `{ find(any: ${"[".repeat(3_000)}${"]".repeat(3_000)}) }`, LIMIT],
  [
    "a thousand variables that nobody uses",
    `query (${times(1_000, (i) => `$v${i}: Int`)}) { plain { id } }`,
    VALIDATION,
  ],
  ["a plan of many ways", chain(12), LIMIT],
  ["a plan of many ways, deeper", chain(27), LIMIT],
  ["many selections of many ways", wide(100), LIMIT],
  ["many ways in a part that is put off", chain(12).replace("next", "... @defer { next").concat("}"), LIMIT],
  ["a plan of many branches", `{ a { ${tree(6)} } }`, LIMIT],
];

const deep = (depth: number): unknown => JSON.parse(`${"[".repeat(depth)}1${"]".repeat(depth)}`);
const deepFilter = (depth: number): unknown =>
  JSON.parse(`${'{"and":['.repeat(depth)}{"name":"x"}${"]}".repeat(depth)}`);

const VARIABLES: readonly (readonly [string, string, Record<string, unknown>, string])[] = [
  ["a scalar of 3,000 levels", "query ($v: JSON) { find(any: $v) }", { v: deep(3_000) }, LIMIT],
  ["an input of 1,000 levels", "query ($v: Filter) { find(filter: $v) }", { v: deepFilter(1_000) }, LIMIT],
  [
    "50,000 wrong elements",
    "query ($v: [Int!]) { find(ids: $v) }",
    { v: Array<string>(50_000).fill("x") },
    "BAD_USER_INPUT",
  ],
  [
    "20,000 wrong fields",
    "query ($v: Filter) { find(filter: $v) }",
    { v: Object.fromEntries(Array.from({ length: 20_000 }, (_, i) => [`x${i}`, 1])) },
    "BAD_USER_INPUT",
  ],
  ["no value", "query ($v: Int!) { find(ids: [$v]) }", {}, "BAD_USER_INPUT"],
];

describe("hostile operations", () => {
  let root: ScriptedSubgraph;
  let gateway: TestGateway;
  const clients: Client[] = [];

  const supergraph = () =>
    compose([{ name: "root", sdl: ROOT_SDL, url: root.url }, ...side("A", "B"), ...side("B", "A")]);

  beforeAll(async () => {
    root = await startScriptedSubgraph();
    root.script = json({ data: { plain: { id: "1" }, find: 1 } });
    gateway = await startTestGateway({ subgraphs: [], sdl: supergraph(), env: PATIENT });
    // As in a process that serves: whatever is loaded and compiled at the first request is.
    for (let i = 0; i < 30; i++) {
      await gateway.post({ query: `{ plain { a${i}: id } }` });
      await gateway.post({ query: `{ plain { b${i} } }` });
      await gateway.post({ query: `{ plain { ${"id ".repeat(500 + i)} } }` });
    }
  });
  afterAll(async () => {
    for (const client of clients) await client.dispose();
    await gateway.close();
    await root.close();
  });

  const connect = () => {
    const client = createClient({
      url: `ws://127.0.0.1:${gateway.port}/graphql`,
      webSocketImpl: WebSocket,
      retryAttempts: 0,
      lazy: false,
    });
    clients.push(client);
    return (query: string, variables: Record<string, unknown> = {}) =>
      new Promise<unknown>((resolve) => {
        const codesOf = (errors: unknown) =>
          Array.isArray(errors)
            ? errors.map((error: { extensions?: { code?: unknown } }) => error.extensions?.code)
            : String(errors);
        let told: unknown = [];
        client.subscribe(
          { query, variables },
          {
            next: ({ errors }) => (told = codesOf(errors)),
            error: (errors) => resolve(codesOf(errors)),
            complete: () => resolve(told),
          },
        );
      });
  };

  const codesOf = ({ body }: Awaited<ReturnType<TestGateway["post"]>>) =>
    (body.errors ?? []).map(({ extensions }) => extensions["code"]);
  /** Some have no turn now and are told to come again. */
  const expectSomePutOff = (answers: readonly Awaited<ReturnType<TestGateway["post"]>>[]) => {
    const putOff = answers.filter(({ status }) => status !== 200);
    expect(putOff.length).toBeGreaterThan(0);
    for (const answer of putOff) {
      expect([answer.status, answer.headers.get("retry-after"), codesOf(answer)]).toEqual([
        503,
        "1",
        ["SERVICE_UNAVAILABLE"],
      ]);
    }
  };

  describe("over HTTP, and again when they are known", () => {
    it.each(DOCUMENTS)("%s", async (_what, query, code) => {
      const { result, ms } = await measured(() => gateway.post({ query }));
      expect([result.status, codesOf(result)[0]]).toEqual([400, code]);
      expect(codesOf(result).length).toBeLessThanOrEqual(21);
      expect(ms).toBeLessThan(MAX_MS);
      const again = await measured(() => gateway.post({ query }));
      expect([again.result.status, again.result.body]).toEqual([400, result.body]);
      expect(again.ms).toBeLessThan(MAX_MS);
    });

    it.each(VARIABLES)("variables: %s", async (_what, query, variables, code) => {
      for (let i = 0; i < 2; i++) {
        const { result, ms } = await measured(() => gateway.post({ query, variables }));
        expect([result.status, codesOf(result)[0]]).toEqual([400, code]);
        expect(codesOf(result).length).toBeLessThanOrEqual(21);
        expect(ms).toBeLessThan(MAX_MS);
      }
    });

    it.each([
      [
        "a scalar of 100,000 levels",
        "query ($v: JSON) { find(any: $v) }",
        `${"[".repeat(100_000)}${"]".repeat(100_000)}`,
      ],
      [
        "an input of 20,000 levels",
        "query ($v: Filter) { find(filter: $v) }",
        `${'{"and":'.repeat(20_000)}[]${"}".repeat(20_000)}`,
      ],
    ])("variables: %s", async (_what, query, text) => {
      const { result, ms } = await measured(() =>
        gateway.post(`{"query":${JSON.stringify(query)},"variables":{"v":${text}}}`),
      );
      expect([result.status, codesOf(result)]).toEqual([400, [LIMIT]]);
      expect(ms).toBeLessThan(MAX_MS);
    });

    it("a large list that is right is passed on", async () => {
      const ids = Array.from({ length: 20_000 }, (_, i) => i);
      const answer = await gateway.post({ query: "query ($v: [Int!]) { find(ids: $v) }", variables: { v: ids } });
      expect(answer.body).toEqual({ data: { find: 1 } });
      expect(JSON.parse(root.requests.at(-1)?.body ?? "")).toMatchObject({ variables: { v: ids } });
    });
  });

  describe("over a socket", () => {
    it("each is refused, and the socket stays open for what is honest", async () => {
      const run = connect();
      for (const [what, query, code] of DOCUMENTS) {
        for (let i = 0; i < 2; i++) {
          const { result, ms } = await measured(() => run(query));
          expect([what, (result as unknown[])[0]]).toEqual([what, code]);
          expect(ms).toBeLessThan(MAX_MS);
        }
      }
      for (const [what, query, variables, code] of VARIABLES) {
        expect([what, ((await run(query, variables)) as unknown[])[0]]).toEqual([what, code]);
      }
      expect(await run("{ plain { id } }")).toBe("undefined");
    });
  });

  describe("beside honest ones", () => {
    it("known operations are answered while the planner is busy", async () => {
      const warm = { query: "{ plain { id warm: id } }" };
      root.script = json({ data: { plain: { id: "1", warm: "1" } } });
      await gateway.post(warm);
      let planned = 0;
      const others = Array.from({ length: 20 }, (_, i) =>
        gateway.post({ query: `query Q${i} ${laborious}` }).then((answer) => {
          planned++;
          return answer;
        }),
      );
      let answered = 0;
      while (planned < others.length) {
        const { body } = await gateway.post(warm);
        expect(body).toEqual({ data: { plain: { id: "1", warm: "1" } } });
        answered++;
      }
      // Had they waited for the planner there would be one for each that it planned, at most.
      expect(answered).toBeGreaterThan(others.length);
      expect((await Promise.all(others)).map(({ status }) => status)).toEqual(others.map(() => 200));
    });

    it("new ones wait in a queue that has an end, and a short one is not among those refused", async () => {
      root.script = json({ data: { plain: { id: "1" } } });
      const env = { ...PATIENT, MAX_WAITING_PLANS: "3" };
      const narrow = await startTestGateway({ subgraphs: [], sdl: supergraph(), env });
      try {
        const others = Array.from({ length: 20 }, (_, i) => narrow.post({ query: `query Q${i} ${laborious}` }));
        const honest = await narrow.post({ query: "{ plain { id } }" });
        expect([honest.status, honest.body]).toEqual([200, { data: { plain: { id: "1" } } }]);
        expectSomePutOff(await Promise.all(others));
        // A refusal for want of room is not remembered.
        expect((await narrow.post({ query: `query Q19 ${laborious}` })).status).toBe(200);
      } finally {
        await narrow.close();
      }
    });

    it("none waits longer than it may: it is told to come again, and is answered when it does", async () => {
      const env = { ...PATIENT, MAX_PLAN_WAIT_MS: "10" };
      const hasty = await startTestGateway({ subgraphs: [], sdl: supergraph(), env });
      try {
        const others = Array.from({ length: 20 }, (_, i) => hasty.post({ query: `query Q${i} ${laborious}` }));
        expectSomePutOff(await Promise.all(others));
        expect((await hasty.post({ query: `query Q19 ${laborious}` })).status).toBe(200);
      } finally {
        await hasty.close();
      }
    });
  });
});
