import { readFileSync } from "node:fs";
import path from "node:path";
import { createApiKey } from "../../kit/api-key";
import { SCENARIO_NAMES } from "../partners/test-mode/scenario";
import { createAnswerCheck, type OpenApi } from "./harness/check-openapi";
import { federationLink } from "./harness/compose";
import { type FakeSubgraph, startFakeSubgraph } from "./harness/fake-subgraph";
import { manifestOf, type PartnerGateway, startPartnerGateway } from "./harness/partner-gateway";

const SDL = `${federationLink('["@key", "@requiresScopes"]')}
  scalar DateTime
  enum State { OPEN CLOSED }
  type Order @key(fields: "id") { id: ID! state: State! placedAt: DateTime! note: String lines: [Line!]! secret: String @requiresScopes(scopes: [["orders:secret"]]) }
  type Line { sku: String! quantity: Int! }
  type PageInfo { hasNextPage: Boolean! endCursor: String }
  type OrderConnection { nodes: [Order!]! pageInfo: PageInfo! totalCount: Int! }
  type Done { order: Order! }
  type NotFoundError { message: String! }
  union Result = Done | NotFoundError
  type Query { order(id: ID!): Order orders(first: Int, after: String): OrderConnection! }
  type Mutation { cancel(id: ID!, note: String): Result! }
`;
const ACME = [
  `query GetOrder($id: ID!) @rest(path: "/orders/{id}") { order(id: $id) { id state placedAt note lines { sku quantity } } }`,
  `query GetSecret($id: ID!) @rest(path: "/secrets/{id}") { order(id: $id) { id secret } }`,
  `query ListOrders($first: Int = 5, $after: String) @rest(path: "/orders") {
    orders(first: $first, after: $after) { totalCount nodes { id state note } pageInfo { hasNextPage endCursor } }
  }`,
  `mutation Cancel($id: ID!, $note: String) @rest(path: "/orders/{id}/cancel") {
    cancel(id: $id, note: $note) { __typename ... on Done { order { id note } } ... on NotFoundError { message } }
  }`,
];
const { operations } = JSON.parse(manifestOf({ acme: ACME })) as { operations: { name: string; id: string }[] };
const getOrder = operations.find(({ name }) => name === "GetOrder")?.id;
const ID = "018f0000-0000-7000-8000-000000000001";

describe("calls with a test key", () => {
  let orders: FakeSubgraph;
  let gateway: PartnerGateway;
  let testKey: string;
  let check: ReturnType<typeof createAnswerCheck>;

  beforeAll(async () => {
    orders = await startFakeSubgraph({
      name: "orders",
      sdl: SDL,
      resolvers: { Query: { order: () => null }, Mutation: {} },
    });
    gateway = await startPartnerGateway({ subgraphs: [orders], documents: { acme: ACME } });
    testKey = await gateway.addKey("acme", {}, createApiKey("test"));
    const description = await fetch(`${gateway.url}/partner/v1/openapi.json`, { headers: { "x-api-key": testKey } });
    check = createAnswerCheck((await description.json()) as OpenApi);
  });
  afterAll(async () => {
    await gateway?.close();
    await orders?.close();
  });

  const call = async (
    method: "GET" | "POST",
    path: string,
    options: { key?: string; scenario?: string; body?: unknown; idempotencyKey?: string } = {},
  ) => {
    const { key = testKey, scenario, body, idempotencyKey = crypto.randomUUID() } = options;
    const response = await fetch(`${gateway.url}/partner/v1${path}`, {
      method,
      headers: {
        "x-api-key": key,
        ...(scenario === undefined ? {} : { "Tributary-Test-Scenario": scenario }),
        ...(method === "POST" ? { "content-type": "application/json", "idempotency-key": idempotencyKey } : {}),
      },
      ...(method === "POST" ? { body: JSON.stringify(body ?? {}) } : {}),
    });
    return {
      status: response.status,
      headers: response.headers,
      body: (await response.json()) as Record<string, never>,
    };
  };

  it("are answered like live ones, and call no service", async () => {
    const answers = [
      ["GET", `/orders/${ID}`, await call("GET", `/orders/${ID}`)],
      ["GET", "/orders", await call("GET", "/orders?first=3")],
      [
        "POST",
        `/orders/${ID}/cancel`,
        await call("POST", `/orders/${ID}/cancel`, { body: { note: "changed my mind" } }),
      ],
    ] as const;
    for (const [method, path, { status, headers, body }] of answers) {
      expect(status).toBe(200);
      expect(headers.get("tributary-test-mode")).toBe("true");
      expect(check(method, path, status, body)).toEqual([]);
    }
    expect(answers[0][2].body).toMatchObject({ id: ID });
    expect(answers[1][2].body["nodes"]).toHaveLength(3);
    expect(answers[2][2].body).toEqual({ __typename: "Done", order: { id: ID, note: "changed my mind" } });
    expect(orders.received).toEqual([]);
  });

  it("get the same answer through GraphQL by id", async () => {
    const plain = await call("GET", `/orders/${ID}`);
    const manifest = await call("POST", "/graphql", {
      body: { documentId: getOrder, variables: { id: ID } },
    });
    expect(manifest.body).toEqual({ data: { order: plain.body } });
  });

  it("page through a list by its Link headers to the end", async () => {
    const seen: string[] = [];
    let path: string | undefined = "/orders?first=20";
    let total = 0;
    while (path !== undefined) {
      const { headers, body }: Awaited<ReturnType<typeof call>> = await call("GET", path);
      const { nodes, totalCount } = body as unknown as { nodes: { id: string }[]; totalCount: number };
      seen.push(...nodes.map(({ id }) => id));
      total = totalCount;
      path = /<\/partner\/v1([^>]+)>; rel="next"/.exec(headers.get("link") ?? "")?.[1];
    }
    expect(new Set(seen).size).toBe(total);
    expect(seen).toHaveLength(total);
  });

  it("are held to the rules of access: what the key's scopes do not allow is refused", async () => {
    const { status, body } = await call("GET", `/secrets/${ID}`);
    expect([status, body["code"]]).toEqual([403, "FORBIDDEN"]);
    const key = await gateway.addKey("acme", { scopes: ["orders:secret"] }, createApiKey("test"));
    expect((await call("GET", `/secrets/${ID}`, { key })).status).toBe(200);
  });

  it("are refused variables that do not fit", async () => {
    const { status, body } = await call("GET", "/orders?first=many");
    expect([status, body["code"]]).toEqual([400, "BAD_USER_INPUT"]);
    expect((await call("GET", "/nothing")).headers.get("tributary-test-mode")).toBe("true");
  });

  const statuses: Readonly<Record<string, number>> = {
    UNAUTHENTICATED: 401,
    FORBIDDEN: 403,
    BAD_USER_INPUT: 422,
    NOT_FOUND: 404,
    CONFLICT: 409,
    RATE_LIMITED: 429,
    SUBGRAPH_UNAVAILABLE: 503,
    SUBGRAPH_RESPONSE_INVALID: 502,
    ENTITY_NOT_FOUND: 502,
    INTERNAL_SERVER_ERROR: 500,
    PERSISTED_QUERY_NOT_IN_LIST: 404,
    OPERATION_RETIRED: 410,
    OPERATION_LIMIT_EXCEEDED: 400,
    QUOTA_EXCEEDED: 429,
    IDEMPOTENCY_KEY_REQUIRED: 400,
    IDEMPOTENCY_KEY_REUSED: 422,
    IDEMPOTENCY_KEY_IN_USE: 409,
    IDEMPOTENCY_OUTCOME_UNKNOWN: 409,
    IDEMPOTENCY_ANSWER_NOT_KEPT: 409,
    SERVICE_UNAVAILABLE: 503,
  };

  it.each(Object.entries(statuses))(
    "can ask to fail with %s, which is a %i over plain HTTP",
    async (scenario, status) => {
      for (const [method, path] of [
        ["GET", `/orders/${ID}`],
        ["POST", `/orders/${ID}/cancel`],
      ] as const) {
        const answer = await call(method, path, { scenario });
        expect([answer.status, answer.body["code"]]).toEqual([status, scenario]);
        expect(answer.headers.get("content-type")).toContain("application/problem+json");
        expect(answer.headers.get("tributary-test-mode")).toBe("true");
        expect(check(method, path, answer.status, answer.body)).toEqual([]);
      }
    },
  );

  it("can ask for every scenario that there is, as the guide has it", () => {
    const guide = readFileSync(path.resolve(__dirname, "../../docs/guides/partners-test-mode.md"), "utf8");
    expect([...guide.matchAll(/^\| `([^`]+)`/gm)].map(([, name]) => name)).toEqual(SCENARIO_NAMES);
    expect([...Object.keys(statuses), "partial", "null", "sparse", "empty", "slow-<ms>"]).toEqual(SCENARIO_NAMES);
  });

  it("can ask for an answer that lacks a part, for nothing, and for empty lists", async () => {
    const partial = await call("GET", `/orders/${ID}`, { scenario: "partial" });
    expect([partial.status, partial.body["code"]]).toEqual([503, "SUBGRAPH_UNAVAILABLE"]);
    expect(partial.body["data"]).toMatchObject({ order: { id: ID, note: null } });
    const missing = await call("GET", `/orders/${ID}`, { scenario: "null" });
    expect([missing.status, missing.body["code"]]).toEqual([404, "NOT_FOUND"]);
    const sparse = await call("GET", `/orders/${ID}`, { scenario: "sparse" });
    expect(sparse.body).toMatchObject({ id: ID, note: null });
    const empty = await call("GET", "/orders", { scenario: "empty" });
    expect(empty.body).toMatchObject({ totalCount: 0, nodes: [], pageInfo: { hasNextPage: false, endCursor: null } });
  });

  it("can ask for a slow answer", async () => {
    const begin = performance.now();
    expect((await call("GET", `/orders/${ID}`, { scenario: "slow-60" })).status).toBe(200);
    // Timers count whole milliseconds from the loop's own time.
    expect(performance.now() - begin).toBeGreaterThan(55);
  });

  it.each(["nonsense", "slow", "slow--1", "slow-30001", "not_found", "constructor"])(
    "cannot ask for %j, and are told what there is",
    async (scenario) => {
      const { status, headers, body } = await call("GET", `/orders/${ID}`, { scenario });
      expect([status, body["code"]]).toEqual([400, "BAD_REQUEST"]);
      expect(headers.get("content-type")).toContain("application/problem+json");
      expect(body["detail"]).toContain("QUOTA_EXCEEDED");
    },
  );

  it("are the only ones that can: a live key that asks is refused, and nothing runs", async () => {
    const key = gateway.keys["acme"]!;
    const before = orders.received.length;
    const { status, headers, body } = await call("POST", `/orders/${ID}/cancel`, { key, scenario: "CONFLICT" });
    expect([status, body["code"]]).toEqual([400, "BAD_REQUEST"]);
    expect(headers.get("tributary-test-mode")).toBeNull();
    expect(orders.received).toHaveLength(before);
    const live = await call("GET", `/orders/${ID}`, { key });
    expect([live.status, live.headers.get("tributary-test-mode")]).toEqual([404, null]);
    expect(orders.received).toHaveLength(before + 1);
  });

  it("never reached a service in all of these tests but the last, and no failure that was asked for is in the log", () => {
    expect(orders.received).toHaveLength(1);
    expect(gateway.lines.filter(({ level }) => level >= 50)).toEqual([]);
  });
});
