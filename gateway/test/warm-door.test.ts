import { createHash } from "node:crypto";
import { request } from "node:http";
import { ApolloServer } from "@apollo/server";
import { federationLink } from "./harness/compose";
import { type FakeSubgraph, startFakeSubgraph } from "./harness/fake-subgraph";
import { type Shop, startShop } from "./harness/shop";
import { startTestGateway, type TestGateway } from "./harness/test-gateway";
import { startTokenIssuer, type TokenIssuer } from "./harness/token-issuer";

interface Sent {
  readonly method?: string;
  readonly path?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | object;
}

interface Received {
  readonly status: number;
  /** Without the date. */
  readonly headers: readonly string[];
  readonly body: string;
}

const EXTRAS_SDL = `${federationLink('["@key"]')}
  scalar Json
  type Query {
    nothing: String
    int: Int
    float: Float
    text: String
    json: Json
    lists: [[Int]]
    thing: Thing
    sure: Thing!
    find(filter: Filter): String
    animal: Animal
  }
  input Filter { name: String! size: Int = 3 }
  interface Animal { name: String }
  type Dog implements Animal { name: String barks: Boolean }
  type Thing { id: ID! fails: String! fine: String things: [Thing!] }
`;

const thing = (id: string): object => ({
  id,
  fine: "fine",
  fails: () => {
    throw new Error("row 7 of secrets");
  },
  things: () => [
    { ...thing(`${id}0`), things: null },
    { ...thing(`${id}1`), things: null },
  ],
});

const startExtras = () =>
  startFakeSubgraph({
    name: "extras",
    sdl: EXTRAS_SDL,
    resolvers: {
      Query: {
        nothing: () => null,
        int: () => -0,
        float: () => 1e21,
        text: () => 'ä 漢 🦊 "quoted" \\ \n \u2028 \u0007 </script>',
        json: () => ({ 2: "two", 1: "one", a: [null, true, 0.1] }),
        lists: () => [[1, null], null, []],
        thing: () => thing("1"),
        sure: () => thing("2"),
        find: (_: unknown, { filter }: { filter?: object }) => JSON.stringify(filter ?? null),
        animal: () => ({ __typename: "Dog", name: "Rex", barks: true }),
      },
    },
  });

const hashOf = (text: string) => createHash("sha256").update(text).digest("hex");
const post = (query: string, more: object = {}, headers: Readonly<Record<string, string>> = {}): Sent => ({
  body: { query, ...more },
  headers,
});
const search = (fields: Readonly<Record<string, string>>, headers: Readonly<Record<string, string>> = {}): Sent => ({
  method: "GET",
  path: `/graphql?${new URLSearchParams(fields)}`,
  headers,
});
const PREFLIGHT = { "apollo-require-preflight": "1" };
const APQ = "{ hello apq: __typename }";
const persisted = (text: string, version = 1) => ({ persistedQuery: { version, sha256Hash: hashOf(text) } });
const WITH_VARIABLES = "query ($id: ID!, $all: Boolean = false) { product(id: $id) { name id @include(if: $all) } }";
const TWO = "query A { hello } query B { text }";

describe("both doors give the same bytes", () => {
  let shop: Shop;
  let extras: FakeSubgraph;
  let issuer: TokenIssuer;
  let warm: TestGateway;
  let apollo: TestGateway;
  let bearer: string;
  let throughApollo: jest.SpyInstance;

  beforeAll(async () => {
    [shop, extras, issuer] = await Promise.all([startShop(), startExtras(), startTokenIssuer()]);
    const subgraphs = [...shop.all, extras];
    const env = { JWKS_URL: issuer.jwksUrl, CORS_ORIGINS: "https://shop.example" };
    warm = await startTestGateway({ subgraphs, env });
    apollo = await startTestGateway({ subgraphs, env: { ...env, WARM_DOOR: "false" } });
    bearer = `Bearer ${await issuer.sign()}`;
    throughApollo = jest.spyOn(ApolloServer.prototype, "executeHTTPGraphQLRequest");
  });
  afterAll(async () => {
    throughApollo.mockRestore();
    await Promise.all([warm.close(), apollo.close()]);
    await Promise.all([shop.close(), extras.close(), issuer.close()]);
  });

  const ask = (gateway: TestGateway, { method = "POST", path = "/graphql", headers = {}, body }: Sent) =>
    new Promise<Received>((resolve, reject) => {
      const text = typeof body === "string" ? body : JSON.stringify(body);
      const own = { ...(method === "POST" ? { "content-type": "application/json" } : {}), "x-request-id": "the-same" };
      const sending = request(gateway.url + path, { method, headers: { ...own, ...headers } }, (answer) => {
        const chunks: Buffer[] = [];
        answer.on("data", (chunk: Buffer) => chunks.push(chunk));
        answer.on("end", () => {
          const { rawHeaders } = answer;
          const lines = rawHeaders.flatMap((name, i) => (i % 2 === 0 ? [`${name}: ${rawHeaders[i + 1]}`] : []));
          resolve({
            status: answer.statusCode ?? 0,
            headers: lines.filter((line) => !/^date:/i.test(line)),
            body: Buffer.concat(chunks).toString("latin1"),
          });
        });
      });
      sending.on("error", reject);
      sending.end(method === "POST" ? text : undefined);
    });

  const askAll = async (gateway: TestGateway, sent: readonly Sent[]) => {
    const received: Received[] = [];
    for (const one of sent) received.push(await ask(gateway, one));
    return received;
  };

  /** Sends everything twice to each door. @returns what came, and how often Apollo Server answered the second time */
  const compare = async (sent: readonly Sent[]) => {
    const cold = await askAll(warm, sent);
    throughApollo.mockClear();
    const again = await askAll(warm, sent);
    const callsOfApollo = throughApollo.mock.calls.length;
    const reference = await askAll(apollo, sent);
    const referenceAgain = await askAll(apollo, sent);
    return { cold, again, reference, referenceAgain, callsOfApollo };
  };

  describe("warm where the document is known", () => {
    it.each<[string, number, () => Sent]>([
      ["an answer", 200, () => post("{ hello product(id: 3) { name reviews { stars } } }")],
      ["null", 200, () => post("{ nothing product(id: 1) { related { name } } }")],
      ["numbers", 200, () => post("{ int float lists }")],
      ["text that needs escaping, and text that is not ASCII", 200, () => post("{ text }")],
      ["a scalar with a structure of its own", 200, () => post("{ json }")],
      ["an abstract type", 200, () => post("{ animal { __typename name ... on Dog { barks } } }")],
      ["aliases", 200, () => post('{ a: hello b: hello(name: "ä") __proto__: hello constructor: nothing }')],
      [
        "one field in two places",
        200,
        () => post("{ hello } fragment F on Query { hello }".replace("{ hello }", "{ ...F hello }")),
      ],
      ["variables", 200, () => post(WITH_VARIABLES, { variables: { id: "ä\n", all: true } })],
      ["variables that are left out", 200, () => post(WITH_VARIABLES, { variables: { id: 4, unknown: {} } })],
      [
        "an input object",
        200,
        () => post("query ($f: Filter) { find(filter: $f) }", { variables: { f: { name: "n" } } }),
      ],
      [
        "null in place of variables, name and extensions",
        200,
        () => post("{ hello }", { variables: null, operationName: null, extensions: null }),
      ],
      ["an operation by its name", 200, () => post(TWO, { operationName: "B" })],
      ["the other operation of the same document", 200, () => post(TWO, { operationName: "A" })],
      [
        "unknown extensions and unknown fields of the request",
        200,
        () => post("{ hello }", { extensions: { tracing: { a: 1 } }, id: 7 }),
      ],
      [
        "introspection",
        200,
        () => post('{ __schema { queryType { name fields { name } } } __type(name: "Product") { name } __typename }'),
      ],
      ["a mutation", 200, () => post('mutation { rename(id: "1", name: "x") { name } }')],
      ["a client's error of a subgraph", 200, () => post("{ clientFault hello }")],
      ["an internal error of a subgraph", 200, () => post("{ serverFault hello }")],
      ["an error that takes its parent with it", 200, () => post("{ thing { fails } hello }")],
      ["an error in a list", 200, () => post("{ thing { things { id fails } } }")],
      ["an error that takes all data with it", 200, () => post("{ sure { fails } hello }")],
      ["fields that the caller may not have", 200, () => post("{ hello mine staffOnly }")],
      ["fields that this caller may have", 200, () => post("{ hello mine staffOnly }", {}, { authorization: bearer })],
      ["nothing but fields that the caller may not have", 200, () => post("{ mine }")],
      ["accept: */*", 200, () => post("{ hello }", {}, { accept: "*/*" })],
      ["accept: application/json", 200, () => post("{ hello }", {}, { accept: "application/json" })],
      [
        "accept: application/json;q=0.1, */*;q=0.2",
        200,
        () => post("{ hello }", {}, { accept: "application/json;q=0.1, */*;q=0.2" }),
      ],
      [
        "accept: application/graphql-response+json",
        200,
        () => post("{ hello }", {}, { accept: "application/graphql-response+json" }),
      ],
      [
        "what Apollo Client accepts",
        200,
        () =>
          post(
            "{ hello }",
            {},
            {
              accept: "multipart/mixed;deferSpec=20220824,application/graphql-response+json,application/json;q=0.9",
            },
          ),
      ],
      [
        "a content type with a charset",
        200,
        () => post("{ hello }", {}, { "content-type": "Application/JSON; charset=UTF-8" }),
      ],
      ["an origin", 200, () => post("{ hello }", {}, { origin: "https://shop.example" })],
      ["the last of two keys", 200, () => ({ body: '{"query":"{ nope }","query":"{ hello }"}' })],
      ["GET", 200, () => search({ query: WITH_VARIABLES, variables: '{"id":"1"}' }, PREFLIGHT)],
      ["GET by name", 200, () => search({ query: TWO, operationName: "A", other: "1" }, PREFLIGHT)],
      ["text that is no GraphQL", 400, () => post("{ hello")],
      ["a document that does not fit the schema", 400, () => post("{ helo product { id } }")],
      [
        "fifty mistakes in one document",
        400,
        () => post(`{ ${Array.from({ length: 50 }, (_, i) => `x${i}`).join(" ")} }`),
      ],
      [
        "a document over a limit",
        400,
        () => post(`{ product(id: 1) ${"{ related ".repeat(100)}{ id }${" }".repeat(100)} }`),
      ],
    ])("%s", async (_what, status, sent) => {
      const { cold, again, reference, referenceAgain, callsOfApollo } = await compare([sent()]);
      expect(reference[0]?.status).toBe(status);
      expect(referenceAgain).toEqual(reference);
      expect(cold).toEqual(reference);
      expect(again).toEqual(reference);
      expect(callsOfApollo).toBe(0);
    });

    it("a persisted query, before and after it is known", async () => {
      const hash = { extensions: persisted(APQ) };
      const sent = [{ body: hash }, { body: { query: APQ, ...hash } }, { body: hash }, { body: hash }];
      const first = await askAll(warm, sent);
      expect(first).toEqual(await askAll(apollo, sent));
      expect(first.map(({ body }) => JSON.parse(body) as unknown)).toEqual([
        { errors: [{ message: "PersistedQueryNotFound", extensions: { code: "PERSISTED_QUERY_NOT_FOUND" } }] },
        ...Array.from({ length: 3 }, () => ({ data: { hello: "hello world", apq: "Query" } })),
      ]);
      const known = [{ body: hash }, search({ extensions: JSON.stringify(hash.extensions) }, PREFLIGHT)];
      const { again, reference, callsOfApollo } = await compare(known);
      expect(again).toEqual(reference);
      expect(callsOfApollo).toBe(0);
    });

    it("the plan that a developer asks for", async () => {
      const headers = { "apollo-query-plan-experimental": "1" };
      const { cold, again, callsOfApollo } = await compare([post("{ hello latest { stars } }", {}, headers)]);
      expect(callsOfApollo).toBe(0);
      for (const { body } of [...cold, ...again]) {
        const answer = JSON.parse(body) as Record<string, unknown>;
        expect(Object.keys(answer)).toEqual(["data", "extensions"]);
        expect(answer["extensions"]).toMatchObject({
          apolloQueryPlan: { object: { kind: "QueryPlan" }, text: expect.stringContaining("Fetch") },
          queryExecution: { planned: 2 },
        });
      }
    });
  });

  describe("as Apollo Server answers what is unusual", () => {
    it.each<[string, number, () => Sent]>([
      ["malformed JSON", 400, () => ({ body: "{" })],
      ["a byte order mark", 400, () => ({ body: '\ufeff{"query":"{ hello }"}' })],
      ["no body", 400, () => ({ body: "" })],
      ["a list", 400, () => ({ body: [{ query: "{ hello }" }] })],
      ["an empty object", 400, () => ({ body: {} })],
      ["an empty text", 400, () => post("")],
      ["a query that is no text", 400, () => ({ body: { query: 7 } })],
      ["variables that are a text", 400, () => post("{ hello }", { variables: "{}" })],
      ["variables that are a list", 400, () => post("{ hello }", { variables: [] })],
      ["extensions that are a list", 400, () => post("{ hello }", { extensions: [] })],
      ["an operation name that is no text", 400, () => post("{ hello }", { operationName: 7 })],
      ["an operation name that is empty", 400, () => post("{ hello }", { operationName: "" })],
      ["an operation that is not there", 400, () => post(TWO, { operationName: "C" })],
      ["two operations and no name", 400, () => post(TWO)],
      ["a subscription", 406, () => post('subscription { productChanged(id: "1") { id } }')],
      ["a missing variable", 400, () => post(WITH_VARIABLES)],
      ["a variable of a wrong type", 400, () => post(WITH_VARIABLES, { variables: { id: {} } })],
      ["an accept header that nothing fits", 406, () => post("{ hello }", {}, { accept: "image/png" })],
      ["a form", 400, () => post("{ hello }", {}, { "content-type": "text/plain" })],
      ["another charset", 415, () => post("{ hello }", {}, { "content-type": "application/json; charset=utf-16" })],
      ["a token that is not valid", 401, () => post("{ hello }", {}, { authorization: "Bearer a.b.c" })],
      ["an authorization that is none", 401, () => post("{ hello }", {}, { authorization: "Basic YTpi" })],
      ["a hash of another text", 400, () => post("{ hello }", { extensions: persisted("{ other }") })],
      ["another version of persisted queries", 400, () => post("{ hello }", { extensions: persisted("{ hello }", 2) })],
      ["GET that a browser may send from anywhere", 400, () => search({ query: "{ hello }" })],
      [
        "GET with a field twice",
        400,
        () => ({ ...search({}, PREFLIGHT), path: "/graphql?query=%7Bhello%7D&query=%7Bhello%7D" }),
      ],
      ["GET with variables that are no JSON", 400, () => search({ query: "{ hello }", variables: "{" }, PREFLIGHT)],
      [
        "a mutation by GET",
        405,
        () => search({ query: 'mutation { rename(id: "1", name: "x") { name } }' }, PREFLIGHT),
      ],
      ["HEAD", 405, () => ({ method: "HEAD" })],
      ["PUT", 405, () => ({ method: "PUT" })],
    ])("%s", async (_what, status, sent) => {
      const { cold, again, reference, referenceAgain } = await compare([sent()]);
      expect(reference[0]?.status).toBe(status);
      expect(referenceAgain).toEqual(reference);
      expect(cold).toEqual(reference);
      expect(again).toEqual(reference);
    });
  });
});

describe("a whole operation is refused", () => {
  it("alike by both doors", async () => {
    const shop = await startShop();
    const env = { ACCESS_MODE: "reject" };
    const gateways = await Promise.all(
      ["true", "false"].map((WARM_DOOR) => startTestGateway({ subgraphs: shop.all, env: { ...env, WARM_DOOR } })),
    );
    try {
      const answers = [];
      for (const gateway of [...gateways, ...gateways]) {
        const { status, body } = await gateway.post({ query: "{ hello mine }" });
        answers.push({ status, body });
      }
      expect(new Set(answers.map((answer) => JSON.stringify(answer))).size).toBe(1);
      expect(answers[0]).toMatchObject({ status: 401, body: { errors: [{ path: ["mine"] }] } });
      expect(shop.catalog.received).toEqual([]);
    } finally {
      await Promise.all(gateways.map((gateway) => gateway.close()));
      await shop.close();
    }
  });
});
