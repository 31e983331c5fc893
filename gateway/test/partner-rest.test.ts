import { randomUUID } from "node:crypto";
import http from "node:http";
import { GraphQLError } from "graphql";
import { createAnswerCheck, findOpenApiErrors, type OpenApi } from "./harness/check-openapi";
import { federationLink } from "./harness/compose";
import { type FakeSubgraph, startFakeSubgraph } from "./harness/fake-subgraph";
import { type PartnerGateway, startPartnerGateway } from "./harness/partner-gateway";

const SDL = `${federationLink('["@key", "@authenticated"]')}
  enum Shelf { TOP BOTTOM }
  input Range { from: Int! to: Int = 9 }
  scalar Isbn
  interface Item { id: ID! }
  type Book implements Item { id: ID! title: String! isbn: Isbn shelf: Shelf author: Author! broken: String }
  type Map implements Item { id: ID! scale: Int! }
  type Author { name: String! born: Int }
  union Found = Book | Map
  type PageInfo { hasNextPage: Boolean! endCursor: String }
  type BookConnection { nodes: [Book!]! pageInfo: PageInfo! }
  type Query {
    "One book."
    book(
      "Which one."
      id: ID!
    ): Book
    item(id: ID!): Item
    find(text: String!): [Found!]!
    books(first: Int, after: String): BookConnection!
    echo(text: String, n: Int, x: Float, yes: Boolean, shelf: Shelf, ids: [ID!], range: Range, ranges: [Range!]): String!
    motto: String
    fail(code: String!): String
  }
  type Mutation { lend(id: ID!, to: String!, shelf: Shelf): Book! }
`;
const SHELVES = ["1", "2", "3"];
const book = (id: string) => ({
  __typename: "Book",
  id,
  title: `Book ${id}`,
  isbn: null,
  shelf: "TOP",
  author: { name: "A", born: null },
});

const ACME = [
  `query Book($id: ID!, $withAuthor: Boolean = false) @rest(path: "/books/{id}") {
    book(id: $id) { __typename key: id title isbn shelf ...Who @include(if: $withAuthor) }
  }
  fragment Who on Book { author { name born } }`,
  `query Latest @rest(path: "/books/latest") { book(id: "7") { id } }`,
  `mutation Lend($id: ID!, $to: String!, $shelf: Shelf) @rest(path: "/books/{id}") { lend(id: $id, to: $to, shelf: $shelf) { id title } }`,
  `query Books($first: Int = 2, $after: String) @rest(path: "/books") {
    books(first: $first, after: $after) { nodes { id } pageInfo { hasNextPage endCursor } }
  }`,
  `query Item($id: ID!) @rest(path: "/items/{id}") { item(id: $id) { __typename id ... on Map { scale } ... on Book { title } } }`,
  `query Find($text: String!) @rest(path: "/find") { find(text: $text) { __typename ... on Book { id author { name } } ... on Map { scale } } }`,
  `query Echo($text: String, $n: Int, $x: Float, $yes: Boolean, $shelf: Shelf, $ids: [ID!], $range: Range, $ranges: [Range!]) @rest(path: "/echo") {
    echo(text: $text, n: $n, x: $x, yes: $yes, shelf: $shelf, ids: $ids, range: $range, ranges: $ranges)
  }`,
  `query Motto { motto }`,
  `query Two { motto book(id: "1") { id } }`,
  `query Fail($code: String!) @rest(path: "/fail/{code}") { fail(code: $code) }`,
  `query Partly($id: ID!) @rest(path: "/partly/{id}") { book(id: $id) { id broken } }`,
];
const GLOBEX = [`query Secret @rest(path: "/secret") { motto }`];

describe("registered operations over plain HTTP", () => {
  let library: FakeSubgraph;
  let gateway: PartnerGateway;
  let lent: unknown[];
  let described: Readonly<Record<string, { document: OpenApi; check: ReturnType<typeof createAnswerCheck> }>>;

  beforeAll(async () => {
    library = await startFakeSubgraph({
      name: "library",
      sdl: SDL,
      resolvers: {
        Query: {
          book: (_: unknown, { id }: { id: string }) => (id === "none" ? null : book(id)),
          item: (_: unknown, { id }: { id: string }) =>
            id === "none" ? null : id === "map" ? { __typename: "Map", id, scale: 100 } : book(id),
          find: () => [book("1"), { __typename: "Map", id: "m", scale: 5 }],
          books: (_: unknown, { first = 2, after }: { first?: number; after?: string }) => {
            const start = after === undefined ? 0 : Number(after.slice(1)) + 1;
            const end = start + first;
            const pageInfo = { hasNextPage: end < SHELVES.length, endCursor: `<${end - 1}` };
            return { nodes: SHELVES.slice(start, end).map(book), pageInfo };
          },
          echo: (_: unknown, given: object) => JSON.stringify(given),
          motto: () => null,
          fail: (_: unknown, { code }: { code: string }) => {
            if (code === "CRASH") throw new Error("secrets of the database");
            throw new GraphQLError("No.", { extensions: { code } });
          },
        },
        Mutation: {
          lend: (_: unknown, given: { id: string }) => {
            lent.push(given);
            return book(given.id);
          },
        },
        Book: {
          broken: () => {
            throw new GraphQLError("This page is missing.", { extensions: { code: "CONFLICT" } });
          },
        },
      },
    });
    gateway = await startPartnerGateway({ subgraphs: [library], documents: { acme: ACME, globex: GLOBEX } });
    const describe = async (partner: string) => {
      const { body } = await request("GET", "/openapi.json", { partner });
      return { document: body as OpenApi, check: createAnswerCheck(body as OpenApi) };
    };
    described = { acme: await describe("acme"), globex: await describe("globex") };
  });
  beforeEach(() => (lent = []));
  afterAll(async () => {
    await gateway.close();
    await library.close();
  });

  /** As written: `fetch` would tidy the path up first. */
  const request = async (method: string, path: string, options: CallOptions = {}): Promise<Answered> => {
    const { body, headers = {}, partner = "acme" } = options;
    const { promise, resolve, reject } = withResolvers<http.IncomingMessage>();
    const sent = http.request(gateway.url, {
      method,
      path: `/partner/v1${path}`,
      headers: {
        "x-api-key": gateway.keys[partner] ?? "",
        ...(method === "POST" ? { "idempotency-key": randomUUID() } : {}),
        ...(body === undefined ? {} : { "content-type": "application/json" }),
        ...headers,
      },
    });
    sent.on("response", resolve).on("error", reject);
    sent.end(typeof body === "string" || body === undefined ? body : JSON.stringify(body));
    const response = await promise;
    const chunks: Buffer[] = [];
    for await (const chunk of response) chunks.push(chunk as Buffer);
    const text = Buffer.concat(chunks).toString("utf8");
    return {
      status: response.statusCode ?? 0,
      headers: response.headers,
      text,
      body: text && (JSON.parse(text) as unknown),
    };
  };
  /** Whatever a test looks at, each answer is what OpenAPI says. */
  const call = async (method: string, path: string, options: CallOptions = {}): Promise<Answered> => {
    const answer = await request(method, path, options);
    const { check } = described[options.partner ?? "acme"]!;
    if (method !== "HEAD") expect(check(method, path.split("?")[0]!, answer.status, answer.body)).toEqual([]);
    return answer;
  };
  const get = (path: string, options?: CallOptions) => call("GET", path, options);
  const codeOf = ({ status, body, headers }: Answered) => {
    expect(headers["content-type"]).toBe("application/problem+json; charset=utf-8");
    expect(headers["cache-control"]).toBe("no-store");
    expect(body).toMatchObject({ type: "about:blank", status, title: expect.any(String), detail: expect.any(String) });
    expect((body as { requestId: string }).requestId).toBe(headers["x-request-id"]);
    return [status, (body as { code: string }).code];
  };

  it("a path parameter becomes a variable, and the value of the only root field is the answer", async () => {
    const answer = await get("/books/4711");
    expect(answer.status).toBe(200);
    expect(answer.headers["content-type"]).toBe("application/json; charset=utf-8");
    expect(answer.body).toEqual({ __typename: "Book", key: "4711", title: "Book 4711", isbn: null, shelf: "TOP" });
    const { body } = await get("/books/4711?withAuthor=true");
    expect(body).toMatchObject({ author: { name: "A", born: null } });
  });

  it("several root fields stay an object, and an operation without a path of its own has one by its name", async () => {
    expect((await get("/ops/Two")).body).toEqual({ motto: null, book: { id: "1" } });
    expect((await get("/ops/Motto")).text).toBe("null");
    expect(codeOf(await get("/ops/Book"))).toEqual([404, "NOT_FOUND"]);
    expect(codeOf(await get("/ops/constructor"))).toEqual([404, "NOT_FOUND"]);
  });

  it("the more exact path wins", async () => {
    expect((await get("/books/latest")).body).toEqual({ id: "7" });
    expect((await call("POST", "/books/latest", { body: { to: "Eve" } })).body).toEqual({
      id: "latest",
      title: "Book latest",
    });
  });

  it("interfaces and unions are answered as what they are", async () => {
    expect((await get("/items/map")).body).toEqual({ __typename: "Map", id: "map", scale: 100 });
    expect((await get("/items/1")).body).toEqual({ __typename: "Book", id: "1", title: "Book 1" });
    expect((await get("/find?text=x")).body).toHaveLength(2);
  });

  it("texts are read by the types of the variables", async () => {
    const range = encodeURIComponent('{"from":1}');
    const ranges = encodeURIComponent('[{"from":2,"to":3}]');
    const search = `text=a%20b%2Bc+d&n=-7&x=1.5e1&yes=true&shelf=TOP&ids=1&ids=2&range=${range}&ranges=${ranges}`;
    const { body } = await get(`/echo?${search}`);
    expect(JSON.parse(body as string)).toEqual({
      text: "a b+c d",
      n: -7,
      x: 15,
      yes: true,
      shelf: "TOP",
      ids: ["1", "2"],
      range: { from: 1, to: 9 },
      ranges: [{ from: 2, to: 3 }],
    });
    expect(JSON.parse((await get("/echo?ids=7&text=")).body as string)).toEqual({ ids: ["7"], text: "" });
  });

  it.each([
    ["an unknown parameter", "/echo?nothing=1"],
    ["a parameter twice", "/echo?n=1&n=2"],
    ["a parameter twice, once encoded", "/echo?n=1&%6e=2"],
    ["a parameter of the path in the query string", "/books/1?id=2"],
    ["a prototype's name", "/echo?__proto__=1"],
    ["a prototype's member", "/echo?constructor=1"],
    ["another way of writing lists", "/echo?ids[]=1"],
    ["a text for a number", "/echo?n=seven"],
    ["a number in another notation", "/echo?n=0x10"],
    ["a number that is too large", "/echo?n=3000000000"],
    ["an endless number", "/echo?x=1e999"],
    ["a capital for a truth value", "/echo?yes=TRUE"],
    ["no value of the enum", "/echo?shelf=MIDDLE"],
    ["a prototype's member for an enum", "/echo?shelf=constructor"],
    ["an empty number", "/echo?n="],
    ["broken JSON", "/echo?range={"],
    ["an input object with an unknown field", `/echo?range=${encodeURIComponent('{"from":1,"__proto__":{"to":1}}')}`],
    ["a required parameter that is missing", "/find"],
    ["half an escape", "/books/%"],
    ["an escape that is none", "/books/%zz"],
    ["overlong UTF-8", "/books/%c0%af"],
    ["a half surrogate", "/books/%ed%a0%80"],
    ["a NUL character", "/books/%00"],
    ["a line feed", "/books/1%0a"],
    ["a broken escape in the query string", "/echo?text=%e0%a4"],
    ["a very long parameter", `/books/${"9".repeat(5_000)}`],
    ["very many parameters", `/echo?${"ids=1&".repeat(600)}`],
  ])("refuses %s", async (_what, path) => {
    expect(codeOf(await get(path))).toEqual([400, "BAD_USER_INPUT"]);
  });

  it("an encoded slash is a character of the parameter, not the end of it", async () => {
    expect((await get("/books/a%2F..%2Fb")).body).toMatchObject({ key: "a/../b" });
    expect((await get("/books/..%2F..%2Fgraphql")).body).toMatchObject({ key: "../../graphql" });
  });

  it.each([
    ["an unknown path", "/nothing"],
    ["nothing", "/"],
    ["another partner's path", "/secret"],
    ["an empty parameter", "/books/"],
    ["more than there is", "/books/1/2"],
    ["capitals", "/Books/1"],
    ["two slashes", "//books/1"],
    ["an encoded reserved path", "/%67raphql"],
    ["a path of the prototype", "/__proto__"],
  ])("answers %s with 404", async (_what, path) => {
    expect(codeOf(await get(path))).toEqual([404, "NOT_FOUND"]);
  });

  it("another partner has other paths", async () => {
    expect((await get("/secret", { partner: "globex" })).text).toBe("null");
    expect(codeOf(await get("/books/1", { partner: "globex" }))).toEqual([404, "NOT_FOUND"]);
  });

  it("without a key nothing is told, not even which paths there are", async () => {
    for (const path of ["/books/1", "/nothing", "/books/%"]) {
      expect(codeOf(await get(path, { headers: { "x-api-key": "" } }))).toEqual([401, "UNAUTHENTICATED"]);
    }
  });

  it("methods do what they say: a query is not sent by POST, a mutation not by GET, and no header changes that", async () => {
    const posted = await call("POST", "/find", { body: { text: "x" } });
    expect(codeOf(posted)).toEqual([405, "METHOD_NOT_ALLOWED"]);
    expect(posted.headers.allow).toBe("GET, HEAD, OPTIONS");
    for (const method of ["PUT", "DELETE", "PATCH"]) {
      expect(codeOf(await call(method, "/books/1"))).toEqual([405, "METHOD_NOT_ALLOWED"]);
    }
    const headers = { "x-http-method-override": "POST", "x-http-method": "POST" };
    expect((await get("/books/1", { headers })).body).toMatchObject({ key: "1" });
    expect(lent).toEqual([]);
  });

  it("a mutation takes its variables from path and body", async () => {
    const answer = await call("POST", "/books/5", { body: { to: "Ada", shelf: null } });
    expect([answer.status, answer.body]).toEqual([200, { id: "5", title: "Book 5" }]);
    expect(answer.headers).toMatchObject({ "cache-control": "no-store" });
    expect(answer.headers.etag).toBeUndefined();
    expect(lent).toEqual([{ id: "5", to: "Ada", shelf: null }]);
  });

  it.each([
    ["a list", [{ to: "Ada" }], 400],
    ["a text", '"Ada"', 400],
    ["broken JSON", "{", 400],
    ["an unknown member", { to: "Ada", more: 1 }, 400],
    ["the path's parameter again", { to: "Ada", id: "6" }, 400],
    ["a prototype's name", '{"to":"Ada","__proto__":{}}', 400],
    ["a member of another type", { to: 7 }, 400],
    ["nothing that is required", {}, 400],
    ["no body", undefined, 400],
  ])("refuses %s as the body of a mutation", async (_what, body, status) => {
    expect(codeOf(await call("POST", "/books/5", { body }))[0]).toBe(status);
    expect(lent).toEqual([]);
  });

  it("a body is JSON and says so; a query string is none", async () => {
    const form = { "content-type": "application/x-www-form-urlencoded" };
    expect(codeOf(await call("POST", "/books/5", { body: "to=Ada", headers: form }))[0]).toBe(415);
    expect(codeOf(await call("POST", "/books/5?to=Ada", { body: {} }))[0]).toBe(400);
    expect(lent).toEqual([]);
  });

  it("what is known is not sent again", async () => {
    const first = await get("/books/1");
    const { etag = "" } = first.headers;
    expect(etag).toMatch(/^"[\w-]{22}"$/);
    expect(first.headers).toMatchObject({
      "cache-control": "private, no-cache",
      vary: "Origin, Authorization, X-Api-Key",
    });
    for (const known of [etag, `W/${etag}`, `"x", ${etag}`, "*"]) {
      const again = await get("/books/1", { headers: { "if-none-match": known } });
      expect([again.status, again.text, again.headers.etag]).toEqual([304, "", etag]);
    }
    expect((await get("/books/2", { headers: { "if-none-match": etag } })).status).toBe(200);
    const head = await call("HEAD", "/books/1");
    expect([head.status, head.text, head.headers.etag]).toEqual([200, "", etag]);
  });

  it("a connection is walked by links", async () => {
    const ids: string[] = [];
    let next: string | undefined = "/books?first=1";
    while (next !== undefined) {
      const { body, headers } = await get(next);
      ids.push(...(body as { nodes: { id: string }[] }).nodes.map(({ id }) => id));
      next = /^<\/partner\/v1(\/books\?first=1&after=[^<>]+)>; rel="next"$/.exec(
        (headers.link as string | undefined) ?? "",
      )?.[1];
    }
    expect(ids).toEqual(SHELVES);
  });

  it("an object that is not there is not found; a null that is a value is an answer", async () => {
    expect(codeOf(await get("/books/none"))).toEqual([404, "NOT_FOUND"]);
    expect(codeOf(await get("/items/none"))).toEqual([404, "NOT_FOUND"]);
    expect(await get("/ops/Motto")).toMatchObject({ status: 200, body: null });
  });

  it.each([
    ["UNAUTHENTICATED", 401],
    ["FORBIDDEN", 403],
    ["NOT_FOUND", 404],
    ["CONFLICT", 409],
    ["BAD_USER_INPUT", 422],
    ["OUT_OF_STOCK", 422],
    ["RATE_LIMITED", 429],
    ["SERVICE_UNAVAILABLE", 503],
  ])("a refusal with code %s has status %s", async (code, status) => {
    const answer = await get(`/fail/${code}`);
    expect(codeOf(answer)).toEqual([status, code]);
    expect(answer.body).toMatchObject({ errors: [{ message: "No.", path: ["fail"], extensions: { code } }] });
  });

  it("what is unexpected stays inside", async () => {
    const answer = await get("/fail/CRASH");
    expect(codeOf(answer)).toEqual([500, "INTERNAL_SERVER_ERROR"]);
    expect(answer.text).not.toContain("secrets");
  });

  it("an answer with a part missing is a problem that holds the rest, never a plain null", async () => {
    const answer = await get("/partly/3");
    expect(codeOf(answer)).toEqual([409, "CONFLICT"]);
    expect(answer.body).toMatchObject({
      errors: [{ path: ["book", "broken"] }],
      data: { book: { id: "3", broken: null } },
    });
  });

  it("each partner's operations are described as OpenAPI 3.1", async () => {
    for (const { document } of Object.values(described)) expect(findOpenApiErrors(document)).toEqual([]);
    const { document } = described["acme"]!;
    const ownPaths = ({ paths }: OpenApi) => Object.keys(paths).filter((path) => !path.startsWith("/webhooks"));
    expect(ownPaths(document).sort()).toEqual(
      [
        "/books",
        "/books/latest",
        "/books/{id}",
        "/echo",
        "/fail/{code}",
        "/find",
        "/items/{id}",
        "/ops/Motto",
        "/ops/Two",
        "/partly/{id}",
        "/usage",
      ].sort(),
    );
    expect(ownPaths(described["globex"]!.document)).toEqual(["/secret", "/usage"]);
    expect(JSON.stringify(described["globex"]!.document)).not.toContain("Shelf");
  });

  it("the description of an operation tells its parameters and its answer", () => {
    const { paths, components } = described["acme"]!.document;
    const read = paths["/books/{id}"]?.["get"];
    const post = paths["/books/{id}"]?.["post"];
    expect(read?.operationId).toBe("Book");
    expect(read?.description).toBe("One book.");
    expect(read?.parameters).toEqual([
      { name: "id", in: "path", required: true, description: "Which one.", schema: { type: "string" } },
      { name: "withAuthor", in: "query", required: false, schema: { type: "boolean", default: false } },
      expect.objectContaining({ name: "If-None-Match", in: "header" }),
    ]);
    const answerOf = (path: string) => paths[path]?.["get"]?.responses["200"]?.content?.["application/json"]?.schema;
    expect(answerOf("/books/{id}")).toMatchObject({
      type: "object",
      required: ["__typename", "key", "title", "isbn", "shelf"],
      additionalProperties: false,
      properties: {
        __typename: { const: "Book" },
        key: { type: "string" },
        shelf: { anyOf: [{ $ref: "#/components/schemas/Shelf" }, { type: "null" }] },
        author: { type: "object", required: ["name", "born"], properties: { born: { type: ["integer", "null"] } } },
      },
    });
    expect(post?.requestBody).toMatchObject({
      required: true,
      content: { "application/json": { schema: { required: ["to"] } } },
    });
    expect(post?.responses).not.toHaveProperty("304");
    expect(answerOf("/items/{id}")).toMatchObject({
      anyOf: ["Book", "Map"].map((name) => ({ properties: { __typename: { const: name } } })),
    });
    expect(paths["/echo"]?.["get"]?.parameters).toContainEqual({
      name: "ids",
      in: "query",
      required: false,
      style: "form",
      explode: true,
      schema: { type: "array", items: { type: "string" } },
    });
    expect(components.schemas).toMatchObject({
      Shelf: { type: "string", enum: ["TOP", "BOTTOM"] },
      Range: { type: "object", required: ["from"], properties: { to: { default: 9 } }, additionalProperties: false },
    });
  });

  it("the checks of this file can fail", () => {
    const { check, document } = described["acme"]!;
    expect(check("GET", "/books/1", 200, { key: "1" })).not.toEqual([]);
    expect(check("GET", "/books/1", 200, null)).not.toEqual([]);
    expect(check("GET", "/books/1", 404, { status: 404 })).not.toEqual([]);
    expect(check("GET", "/nothing", 200, null)).not.toEqual([]);
    expect(findOpenApiErrors({ ...document, paths: { books: {} } })).not.toEqual([]);
  });

  it("OpenAPI takes a key, is read only, and is not sent again", async () => {
    expect((await request("GET", "/openapi.json", { headers: { "x-api-key": "" } })).status).toBe(401);
    expect((await request("POST", "/openapi.json", { body: {} })).status).toBe(405);
    const { etag = "" } = (await request("GET", "/openapi.json")).headers;
    expect((await request("GET", "/openapi.json", { headers: { "if-none-match": etag } })).status).toBe(304);
  });

  it("the access log names the operation, and metrics no path that a caller chose", async () => {
    const { headers } = await get("/books/secret-number");
    const line = gateway.lines.find(
      ({ msg, requestId }) => msg === "request answered" && requestId === headers["x-request-id"],
    );
    expect(line).toMatchObject({ route: "/partner/v1/{path}", partner: "acme", operation: "Book", status: 200 });
    expect(JSON.stringify(line)).not.toContain("secret-number");
    const metrics = await (await fetch(`${gateway.url}/metrics`)).text();
    expect(metrics).toContain('route="/partner/v1/{path}"');
    expect(metrics).not.toContain("secret-number");
  });
});

interface CallOptions {
  body?: unknown;
  headers?: Record<string, string>;
  partner?: string;
}
interface Answered {
  readonly status: number;
  readonly headers: http.IncomingHttpHeaders;
  readonly text: string;
  readonly body: unknown;
}

/** `Promise.withResolvers` is newer than Node 20. */
function withResolvers<Value>() {
  let resolve!: (value: Value) => void;
  let reject!: (error: unknown) => void;
  const promise = new Promise<Value>((...both) => ([resolve, reject] = both));
  return { promise, resolve, reject };
}
