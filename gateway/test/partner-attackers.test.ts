import { createHash } from "node:crypto";
import http from "node:http";
import { federationLink } from "./harness/compose";
import { type FakeSubgraph, startFakeSubgraph } from "./harness/fake-subgraph";
import { type PartnerGateway, startPartnerGateway } from "./harness/partner-gateway";

/**
 * What a partner with a valid key may try beside what it was given. Elsewhere: targets of webhooks, with names that change their meaning
 * (`partners/webhooks/test`), messages of long ago that are sent again (`sign-webhook.test.ts`), idempotency keys of another partner
 * (`partner-idempotency.test.ts`), keys that are guessed, revoked or used from elsewhere (`partner-door.test.ts`), quotas (`partner-quotas.test.ts`).
 */
const BOOK = 'query Book($id: ID!, $tags: [String!]) @rest(path: "/books/{id}") { book(id: $id, tags: $tags) { id } }';
const RENAME =
  'mutation Rename($id: ID!, $title: String!) @rest(path: "/books/{id}/title") { rename(id: $id, title: $title) { id } }';
const SECRET = "query Secret {\n  secret\n}";
const ALIASES = `query Aliases {\n  ${Array.from({ length: 2_000 }, (_, i) => `a${i}: secret`).join("\n  ")}\n}`;
const idOf = (text: string) => createHash("sha256").update(text).digest("hex");

interface Sent {
  readonly method: string;
  readonly path: string;
  readonly headers?: Readonly<Record<string, string | string[]>>;
  readonly body?: string;
}
interface Answered {
  readonly status: number;
  readonly text: string;
}

describe("a partner who tries more than it may", () => {
  let library: FakeSubgraph;
  let gateway: PartnerGateway;
  let ran: string[];
  let number = 0;

  beforeAll(async () => {
    library = await startFakeSubgraph({
      name: "library",
      sdl: `${federationLink('["@key"]')}
        type Book { id: ID! title: String }
        type Query { book(id: ID!, tags: [String!]): Book secret: String }
        type Mutation { rename(id: ID!, title: String!): Book! }`,
      resolvers: {
        Query: {
          book: (_: unknown, { id }: { id: string }) => (ran.push(`book ${id}`), { id }),
          secret: () => (ran.push("secret"), "hidden"),
        },
        Mutation: { rename: (_: unknown, { id }: { id: string }) => (ran.push(`rename ${id}`), { id }) },
      },
    });
    gateway = await startPartnerGateway({
      subgraphs: [library],
      documents: { acme: [BOOK, RENAME, ALIASES], globex: [SECRET] },
    });
  });
  afterAll(async () => {
    await gateway?.close();
    await library?.close();
  });
  beforeEach(() => (ran = []));

  /** As it stands: no client of ours tidies it up. */
  const send = ({ method, path, headers = {}, body }: Sent): Promise<Answered> =>
    new Promise((resolve, reject) => {
      const { hostname, port } = new URL(gateway.url);
      const own = { "x-api-key": gateway.keys["acme"] ?? "", "idempotency-key": `attack-${++number}` };
      const json = body === undefined ? {} : { "content-type": "application/json" };
      const request = http.request(
        { hostname, port, method, path, headers: { ...own, ...json, ...headers } },
        (res) => {
          const chunks: Buffer[] = [];
          res.on("data", (chunk: Buffer) => chunks.push(chunk));
          res.on("end", () => resolve({ status: res.statusCode ?? 0, text: Buffer.concat(chunks).toString("utf8") }));
        },
      );
      request.on("error", reject);
      request.end(body);
    });
  const graphql = (body: unknown) =>
    send({ method: "POST", path: "/partner/v1/graphql", body: typeof body === "string" ? body : JSON.stringify(body) });
  const tool = (message: unknown) =>
    send({
      method: "POST",
      path: "/partner/v1/mcp",
      headers: { accept: "application/json, text/event-stream" },
      body: JSON.stringify(message),
    });
  const idOfBook = async (): Promise<string> => {
    const { text } = await send({ method: "GET", path: "/partner/v1/openapi.json" });
    const found = /"operationId":"Book"/.test(text);
    expect(found).toBe(true);
    return idOf("query Book($id: ID!, $tags: [String!]) {\n  book(id: $id, tags: $tags) {\n    id\n  }\n}");
  };
  const expectNothing = ({ status, text }: Answered) => {
    expect(ran).toEqual([]);
    expect(status).toBeGreaterThanOrEqual(400);
    expect(status).toBeLessThan(500);
    expect(text).not.toMatch(/hidden|"secret":|at .*\.[jt]s:\d|node_modules|PersistedQueryNotFound/);
  };

  describe("free text", () => {
    const text = "{ secret }";
    it.each([
      ["in the body", { query: text }],
      ["beside an id of its own", { query: text, documentId: "ID" }],
      [
        "beside the id, in the words of automatic persisted queries",
        { query: text, extensions: { persistedQuery: { version: 1, sha256Hash: idOf(text) } } },
      ],
      ["as the id", { documentId: text }],
      ["as its own hash", { documentId: idOf(text) }],
      ["as the operation's name", { documentId: "ID", operationName: text, variables: { id: "1" } }],
      ["of another partner's registered operation", { query: SECRET }],
      ["of its own registered operation", { query: BOOK, variables: { id: "1" } }],
    ])("%s runs nothing", async (_, body) => {
      expectNothing(await graphql(JSON.stringify(body).replace('"ID"', JSON.stringify(await idOfBook()))));
    });

    it.each([
      `/partner/v1/graphql?query=${encodeURIComponent(text)}`,
      `/partner/v1/graphql/${encodeURIComponent(text)}`,
      `/partner/v1/ops/${encodeURIComponent(text)}`,
      `/partner/v1/books/1?query=${encodeURIComponent(text)}`,
      `/partner/v1/books/1/extra?documentId=${idOf(SECRET)}`,
    ])("at %s runs nothing", async (path) => expectNothing(await send({ method: "GET", path })));

    it("as a tool runs nothing", async () => {
      const { text: answer } = await tool({
        jsonrpc: "2.0",
        id: 1,
        method: "tools/call",
        params: { name: text, arguments: { query: text } },
      });
      expect(ran).toEqual([]);
      expect(answer).toMatch(/error|isError/);
      expect(answer).not.toContain("hidden");
    });
  });

  describe("guessing", () => {
    it("learns nothing of another partner's operation: it is answered like one that is nowhere", async () => {
      const shown = async (id: string) => {
        const { status, text } = await graphql({ documentId: id });
        return [status, text.replaceAll(id, "ID").replace(/"requestId":"[^"]*"/, "")];
      };
      expect(await shown(idOf(SECRET))).toEqual(await shown("f".repeat(64)));
      const path = (name: string) => send({ method: "GET", path: `/partner/v1/ops/${name}` });
      const named = async (name: string) => {
        const { status, text } = await path(name);
        return [status, text.replace(/"requestId":"[^"]*"/, "")];
      };
      expect(await named("Secret")).toEqual(await named("Nowhere"));
    });

    it.each([
      ["a prototype's name", "__proto__"],
      ["another one", "constructor"],
      ["the name of a method", "toString"],
      ["a path", "../../manifest"],
      ["a prefix without a hash", "sha256:"],
      ["a prefix with no hash", "sha256:zz"],
      ["nothing", ""],
      ["a coded zero", "%00"],
      ["a text of five thousand letters", "x".repeat(5_000)],
    ])("%s is no id", async (_, id) => {
      expectNothing(await graphql({ documentId: id }));
      expectNothing(await send({ method: "GET", path: `/partner/v1/ops/${encodeURIComponent(id)}` }));
    });

    it("of paths with a key of its own finds no other partner's figures, webhooks or tools", async () => {
      const listed = await tool({ jsonrpc: "2.0", id: 1, method: "tools/list" });
      expect(listed.text).toContain("Book");
      expect(listed.text).not.toContain("Secret");
      const { text } = await send({ method: "GET", path: "/partner/v1/openapi.json" });
      expect(text).not.toContain("Secret");
      expectNothing(await send({ method: "GET", path: "/partner/v1/usage?partner=globex" }));
    });
  });

  describe("batches", () => {
    it.each([
      [
        "of ids",
        (id: string) => [
          { documentId: id, variables: { id: "1" } },
          { documentId: id, variables: { id: "2" } },
        ],
      ],
      ["of variables", (id: string) => ({ documentId: id, variables: [{ id: "1" }, { id: "2" }] })],
      ["of ids in one request", (id: string) => ({ documentId: [id, id], variables: { id: "1" } })],
    ])("%s run nothing", async (_, body) => expectNothing(await graphql(body(await idOfBook()))));

    it("of tool calls run nothing", async () => {
      const call = { jsonrpc: "2.0", method: "tools/call", params: { name: "Book", arguments: { id: "1" } } };
      const { status } = await tool([
        { ...call, id: 1 },
        { ...call, id: 2 },
      ]);
      expect(status).toBe(400);
      expect(ran).toEqual([]);
    });

    it("in the document, as thousands of aliases, are held to the limits like anyone's", async () => {
      const { text } = await graphql({ documentId: idOf(ALIASES) });
      expect(text).toContain("OPERATION_LIMIT_EXCEEDED");
      expect(ran).toEqual([]);
    });
  });

  describe("parameters that contradict each other", () => {
    it.each([
      "/partner/v1/books/1?id=2",
      "/partner/v1/books/1?tags=a&unknown=1",
      "/partner/v1/books/1?__proto__=x",
      "/partner/v1/books/1%2F..%2F2/extra",
      "/partner/v1/books/%",
      "/partner/v1/graphql?documentId=a&documentId=b",
      "/partner/v1/graphql?variables={}&variables={}",
    ])("%s run nothing", async (path) => expectNothing(await send({ method: "GET", path })));

    it.each([
      ["an id in path and body", '{"id":"2","title":"x"}'],
      ["a member that is no parameter", '{"title":"x","admin":true}'],
      ["a prototype", '{"title":"x","__proto__":{"admin":true}}'],
      ["a list", '[{"title":"x"}]'],
      ["no JSON", "title=x"],
    ])("%s changes nothing", async (_, body) => {
      expectNothing(await send({ method: "POST", path: "/partner/v1/books/1/title", body }));
    });

    it.each([
      ["a form", { "content-type": "application/x-www-form-urlencoded" }],
      ["plain text", { "content-type": "text/plain" }],
      ["another method by header", { "content-type": "text/plain", "x-http-method-override": "POST" }],
    ])("%s changes nothing", async (_, headers) => {
      expectNothing(await send({ method: "POST", path: "/partner/v1/books/1/title", headers, body: '{"title":"x"}' }));
    });

    it("two keys open no door, whichever of them is right", async () => {
      const headers = { "x-api-key": [gateway.keys["acme"] ?? "", gateway.keys["globex"] ?? ""] };
      expectNothing(await send({ method: "GET", path: "/partner/v1/books/1", headers }));
      const both = { authorization: `Bearer ${gateway.keys["globex"]}` };
      expectNothing(await send({ method: "GET", path: "/partner/v1/books/1", headers: both }));
    });

    it("internal headers of its own make it nobody else", async () => {
      const headers = { "x-tributary-identity": "forged", "x-tributary-idempotency-key": "forged" };
      const { status } = await send({ method: "GET", path: "/partner/v1/books/1", headers });
      expect(status).toBe(200);
      expect(JSON.stringify(library.lastHeaders())).not.toContain("forged");
    });
  });

  describe("variables that are too much", () => {
    const deep = (levels: number) => `${'{"a":'.repeat(levels)}1${"}".repeat(levels)}`;

    it.each([
      [
        "a body over the limit",
        () => JSON.stringify({ documentId: "ID", variables: { id: "x".repeat(400_000) } }),
        413,
      ],
      ["levels without end", () => `{"documentId":"ID","variables":{"id":${deep(5_000)}}}`, 400],
    ])("%s run nothing", async (_, body, status) => {
      const answer = await graphql(body().replace('"ID"', JSON.stringify(await idOfBook())));
      expect(answer.status).toBe(status);
      expect(ran).toEqual([]);
    });

    it("an address without end is refused", async () => {
      const answer = await send({ method: "GET", path: `/partner/v1/books/${"x".repeat(100_000)}` });
      expect([414, 431]).toContain(answer.status);
      expect(ran).toEqual([]);
    });
  });
});
