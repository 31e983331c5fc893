import { createHash } from "node:crypto";
import { GraphQLError } from "graphql";
import { createFakeStreams, type FakeStreams } from "../streams/http/test/fake-streams";
import { federationLink } from "./harness/compose";
import { startFakeSubgraph } from "./harness/fake-subgraph";
import { type RawExchange, sendRaw } from "./harness/raw-http";
import { type Shop, startShop } from "./harness/shop";
import { startStreamGateway, type StreamGateway } from "./harness/stream-gateway";
import { startTokenIssuer, type TokenIssuer } from "./harness/token-issuer";

const EVENTS = "text/event-stream";
const PARTS = 'multipart/mixed;subscriptionSpec="1.0"';
const PART_HEAD = "content-type: application/json; charset=utf-8";
const OPENING_PARTS = `\r\n--graphql\r\n${PART_HEAD}\r\n\r\n{}\r\n--graphql`;
const part = (json: unknown) => `\r\n${PART_HEAD}\r\n\r\n${JSON.stringify(json)}\r\n--graphql`;
const SUBSCRIPTION = 'subscription { productChanged(id: "1") { id name } }';
const DATA = { productChanged: { id: "1", name: "näme" } };

let shop: Shop;
let issuer: TokenIssuer;
let streams: FakeStreams;
let gateway: StreamGateway;
const exchanges: RawExchange[] = [];

beforeAll(async () => {
  [shop, issuer] = await Promise.all([startShop(), startTokenIssuer()]);
  streams = createFakeStreams();
  gateway = await startStreamGateway({
    subgraphs: shop.all,
    streams,
    env: { JWKS_URL: issuer.jwksUrl, CORS_ORIGINS: "https://shop.example", MAX_BODY_BYTES: "2000" },
  });
});
afterEach(() => {
  streams.refuse();
  for (const { socket } of exchanges.splice(0)) socket.destroy();
});
afterAll(async () => {
  await gateway.close();
  await Promise.all([shop.close(), issuer.close()]);
});

const send = async (request: Parameters<typeof sendRaw>[1]) => {
  const exchange = await sendRaw(gateway.port, request);
  exchanges.push(exchange);
  return exchange;
};
const post = (body: unknown, headers: Record<string, string> = {}) =>
  send({ headers: { accept: EVENTS, ...headers }, body: typeof body === "string" ? body : JSON.stringify(body) });
const get = (parameters: Record<string, string>, headers: Record<string, string> = {}) =>
  send({
    method: "GET",
    path: `/graphql?${new URLSearchParams(parameters)}`,
    headers: { accept: EVENTS, "sec-fetch-site": "same-origin", ...headers },
  });
/** Opens a subscription of the core behind a request. */
const open = async (asked: Promise<RawExchange>) => {
  const [exchange, subscription] = await Promise.all([asked, streams.next()]);
  return { exchange, subscription };
};
const nextEvent = (json: unknown, id?: string) =>
  `${id === undefined ? "" : `id: ${id}\n`}event: next\ndata: ${JSON.stringify(json)}\n\n`;
const COMPLETE = "event: complete\ndata:\n\n";

/** The errors of an answer that is whole. */
const errorsIn = (body: string) => {
  const json = /^data: (.+)$/m.exec(body)?.[1] ?? /\{"payload":(\{.*\})\}/.exec(body)?.[1] ?? body;
  return (JSON.parse(json) as { errors: { message: string; extensions: { code: string } }[] }).errors;
};
const codesIn = (body: string) => errorsIn(body).map(({ extensions }) => extensions.code);
const whole = async (exchange: RawExchange) => {
  const head = await exchange.head();
  const length = Number(/content-length: (\d+)/.exec(head)?.[1]);
  const body = await exchange.until((text) => Buffer.byteLength(text) >= length);
  return { head, status: Number(head.split(" ")[1]), body };
};

describe("a subscription as server-sent events", () => {
  it("is a stream of next events with the cursor as id, and a complete event at its end", async () => {
    const { exchange, subscription } = await open(post({ query: SUBSCRIPTION }));
    const head = await exchange.head();
    expect(head).toContain("http/1.1 200 ok");
    for (const header of [
      "content-type: text/event-stream; charset=utf-8",
      "cache-control: no-store, no-transform",
      "x-accel-buffering: no",
      "transfer-encoding: chunked",
      "connection: close",
    ]) {
      expect(head).toContain(header);
    }
    expect(head).not.toContain("content-encoding");
    expect(subscription.give(DATA, "cursor-1")).toBe(true);
    subscription.give(DATA);
    subscription.sink.end({ kind: "complete" });
    const extensions = { cursor: "cursor-1" };
    expect(await exchange.ended()).toBe(
      `:\n\n${nextEvent({ data: DATA, extensions }, "cursor-1")}${nextEvent({ data: DATA })}${COMPLETE}`,
    );
    expect(subscription.hasLeft()).toBe(false);
  });

  it("shows each message at once, before the next one is there", async () => {
    const { exchange, subscription } = await open(post({ query: SUBSCRIPTION }));
    for (const n of [1, 2, 3]) {
      subscription.give({ n });
      await exchange.until((body) => body.endsWith(nextEvent({ data: { n } })));
    }
  });

  it("ends with typed errors as its last next event", async () => {
    const { exchange, subscription } = await open(post({ query: SUBSCRIPTION }));
    const error = new GraphQLError("The token has expired.", {
      extensions: { code: "SUBSCRIPTION_TOKEN_EXPIRED", cursor: "c" },
    });
    subscription.sink.end({ kind: "error", errors: [error] });
    expect(await exchange.ended()).toBe(`:\n\n${nextEvent({ errors: [error] })}${COMPLETE}`);
  });

  it("that goes away with its process says when to come back, and does not say that it is complete", async () => {
    const { exchange, subscription } = await open(post({ query: SUBSCRIPTION }));
    subscription.sink.end({ kind: "going-away" });
    expect(await exchange.ended()).toMatch(/^:\n\nretry: \d{3,4}\n\n$/);
  });

  it("keeps each message on one line, whatever white space its JSON has", async () => {
    const { exchange, subscription } = await open(post({ query: SUBSCRIPTION }));
    subscription.sink.write({ text: '{\n  "data":\r\n {"a": "b\\nc"}\r}' });
    const body = await exchange.until((text) => text.includes("data:"));
    const lines = body.split("\n").filter((line) => line.startsWith("data:"));
    expect(lines.map((line) => JSON.parse(line.slice(5)) as unknown)).toEqual([{ data: { a: "b\nc" } }]);
  });

  it("may be asked for by GET, as an EventSource of the same host does", async () => {
    const query = "subscription ($id: ID!) { productChanged(id: $id) { id } }";
    const { exchange, subscription } = await open(get({ query, variables: '{"id":"7"}' }));
    expect(subscription.request.checked.variables).toEqual({ id: "7" });
    expect(await exchange.head()).toContain("text/event-stream");
  });
});

describe("a subscription in parts", () => {
  it("has payloads between boundaries, and a last boundary at its end", async () => {
    const { exchange, subscription } = await open(
      post({ query: SUBSCRIPTION }, { accept: `${PARTS}, application/json` }),
    );
    expect(await exchange.head()).toContain('content-type: multipart/mixed;boundary="graphql";subscriptionspec="1.0"');
    expect(subscription.give(DATA, "cursor-1")).toBe(true);
    subscription.sink.end({ kind: "complete" });
    const payload = { data: DATA, extensions: { cursor: "cursor-1" } };
    expect(await exchange.ended()).toBe(`${OPENING_PARTS}${part({ payload })}--\r\n`);
  });

  it.each([
    [
      "typed errors",
      {
        kind: "error",
        errors: [new GraphQLError("Too slow.", { extensions: { code: "SUBSCRIPTION_SLOW_CONSUMER" } })],
      },
      [{ message: "Too slow.", extensions: { code: "SUBSCRIPTION_SLOW_CONSUMER" } }],
    ],
    [
      "a word that the process ends",
      { kind: "going-away" },
      [{ message: expect.any(String) as string, extensions: { code: "SUBSCRIPTION_GOING_AWAY" } }],
    ],
  ] as const)("that ends early has %s beside an empty payload", async (_what, ending, errors) => {
    const { exchange, subscription } = await open(post({ query: SUBSCRIPTION }, { accept: PARTS }));
    subscription.sink.end(ending);
    const body = await exchange.ended();
    const last = body.slice(OPENING_PARTS.length).split("\r\n\r\n")[1]?.split("\r\n")[0] ?? "";
    expect(JSON.parse(last)).toEqual({ payload: null, errors });
    expect(body.endsWith("\r\n--graphql--\r\n")).toBe(true);
  });
});

describe("what the core is told", () => {
  it("is who asks, for how long, and whose limit counts", async () => {
    const exp = Math.floor(Date.now() / 1000) + 30;
    const authorization = `Bearer ${await issuer.sign({ exp })}`;
    const { subscription } = await open(
      post({ query: SUBSCRIPTION }, { authorization, "x-request-id": "request-0007" }),
    );
    expect(subscription.request).toMatchObject({ client: "user:user-1", expiresAtMs: exp * 1000, cursor: undefined });
    expect(subscription.request.context).toMatchObject({ viewer: { subject: "user-1" }, requestId: "request-0007" });
  });

  it("is the address of who does not say who they are", async () => {
    const { subscription } = await open(post({ query: SUBSCRIPTION }));
    expect(subscription.request).toMatchObject({ client: "address:127.0.0.1", expiresAtMs: undefined });
    expect(subscription.request.context.viewer).toBeUndefined();
  });

  it("is the operation, which can be checked again on another graph", async () => {
    const query = `query Q { hello } ${SUBSCRIPTION.replace("subscription", "subscription S")}`;
    const { subscription } = await open(post({ query, operationName: "S" }));
    const { checked, operationName, recheck } = subscription.request;
    expect([operationName, checked.operation.name?.value]).toEqual(["S", "S"]);
    expect(recheck(gateway.generation)).toMatchObject({ operation: { name: { value: "S" } } });
  });

  it.each([
    ["Last-Event-ID", { "last-event-id": "c1" }, {}, "c1"],
    ["the operation's extensions", {}, { resume: { cursor: "c2" } }, "c2"],
    ["both: the later one counts", { "last-event-id": "c3" }, { resume: { cursor: "c2" } }, "c3"],
    ["an empty Last-Event-ID", { "last-event-id": "" }, { resume: { cursor: "c2" } }, "c2"],
    ["nulls", {}, { resume: null }, undefined],
    ["nothing", {}, {}, undefined],
  ])("is the cursor by %s", async (_what, headers, extensions, cursor) => {
    const { subscription } = await open(post({ query: SUBSCRIPTION, extensions }, headers as Record<string, string>));
    expect(subscription.request.cursor).toBe(cursor);
  });
});

describe("a client", () => {
  it.each([
    ["events", EVENTS],
    ["parts", PARTS],
  ])("that goes leaves its subscription at once (%s)", async (_what, accept) => {
    const { exchange, subscription } = await open(post({ query: SUBSCRIPTION }, { accept }));
    await exchange.head();
    exchange.socket.destroy();
    await subscription.left;
  });

  it("that goes while its subscription is opened leaves it as soon as it is open", async () => {
    const release = streams.hold();
    const exchange = await post({ query: SUBSCRIPTION });
    const closed = new Promise((resolve) => exchange.socket.once("close", resolve));
    exchange.socket.destroy();
    await closed;
    release();
    await (
      await streams.next()
    ).left;
  });

  it("cannot queue a subscription behind another answer of its connection", async () => {
    const { exchange, subscription } = await open(post({ query: SUBSCRIPTION }));
    const body = JSON.stringify({ query: SUBSCRIPTION });
    exchange.socket.write(
      `POST /graphql HTTP/1.1\r\nhost: x\r\naccept: ${EVENTS}\r\ncontent-type: application/json\r\ncontent-length: ${body.length}\r\n\r\n${body}`,
    );
    // A later subscription is the next that the core sees.
    const other = await open(post({ query: SUBSCRIPTION }));
    expect(other.subscription.hasLeft()).toBe(false);
    exchange.socket.destroy();
    await subscription.left;
  });
});

describe("one answer as server-sent events", () => {
  it.each([
    ["a query", "{ hello }", { data: { hello: "hello world" } }],
    ["a mutation", 'mutation { rename(id: "1", name: "x") { name } }', { data: { rename: { name: "x" } } }],
  ])("%s is one next event, then complete", async (_what, query, expected) => {
    const { head, status, body } = await whole(await post({ query }));
    expect([status, body]).toEqual([200, `:\n\n${nextEvent(expected)}${COMPLETE}`]);
    expect(head).toContain("content-type: text/event-stream");
    expect(head).toContain("cache-control: no-store");
  });

  it("a query by GET of a page of the same host", async () => {
    const { body } = await whole(await get({ query: "{ hello }" }));
    expect(body).toBe(`:\n\n${nextEvent({ data: { hello: "hello world" } })}${COMPLETE}`);
  });

  it("is JSON to who takes JSON as well", async () => {
    const { head, body } = await whole(await post({ query: "{ hello }" }, { accept: `${EVENTS}, application/json` }));
    expect(head).toContain("content-type: application/json");
    expect(JSON.parse(body)).toEqual({ data: { hello: "hello world" } });
  });
});

describe("a persisted operation", () => {
  const persisted = (query: string) => ({
    persistedQuery: { version: 1, sha256Hash: createHash("sha256").update(query).digest("hex") },
  });

  it.each([
    ["events", EVENTS],
    ["parts", PARTS],
  ])("is kept when it is sent with its text, and opened by its hash (%s)", async (kind, accept) => {
    const query = `subscription Of${kind} { productChanged(id: "1") { id } }`;
    const extensions = persisted(query);
    const unknown = await whole(await post({ extensions }, { accept: `${accept}, application/json;q=0.1` }));
    expect(codesIn(unknown.body)).toEqual(["PERSISTED_QUERY_NOT_FOUND"]);
    await open(post({ query, extensions }, { accept }));
    const { subscription } = await open(post({ extensions: { ...extensions, resume: { cursor: "c" } } }, { accept }));
    expect(subscription.request.cursor).toBe("c");
  });

  it("is refused with the hash of another text", async () => {
    const extensions = persisted("{ hello }");
    const { status, body } = await whole(await post({ query: SUBSCRIPTION, extensions }));
    expect([status, codesIn(body)]).toEqual([400, ["BAD_REQUEST"]]);
  });
});

describe("who accepts neither kind of stream", () => {
  it.each([
    ["JSON", "application/json"],
    ["the newer JSON", "application/graphql-response+json"],
    ["everything", "*/*"],
    ["deferred parts", "multipart/mixed;deferSpec=20220824, application/json"],
    ["another version of multipart", 'multipart/mixed;subscriptionSpec="2.0", application/json'],
    ["both with no quality", `${EVENTS};q=0, ${PARTS};q=0, application/json`],
  ])("gets a typed 406: %s", async (_what, accept) => {
    const { status, body } = await whole(await post({ query: SUBSCRIPTION }, { accept }));
    expect([status, codesIn(body)]).toEqual([406, ["SUBSCRIPTION_TRANSPORT_REQUIRED"]]);
  });
});

describe("errors before the stream", () => {
  const REFUSALS: [string, Record<string, unknown>, string][] = [
    ["text that is not GraphQL", { query: "subscription {" }, "GRAPHQL_PARSE_FAILED"],
    ["an unknown field", { query: "subscription { nothing }" }, "GRAPHQL_VALIDATION_FAILED"],
    [
      "two subscription fields",
      { query: 'subscription { a: productChanged(id: "1") { id } b: productChanged(id: "2") { id } }' },
      "GRAPHQL_VALIDATION_FAILED",
    ],
    ["an operation name that is none", { query: SUBSCRIPTION, operationName: "X" }, "OPERATION_RESOLUTION_FAILURE"],
    ["a missing variable", { query: "subscription ($id: ID!) { productChanged(id: $id) { id } }" }, "BAD_USER_INPUT"],
    [
      "a depth of 100",
      { query: `subscription { productChanged(id: "1") { ${"related { ".repeat(100)}id${" }".repeat(100)} } }` },
      "OPERATION_LIMIT_EXCEEDED",
    ],
    [
      "a cursor that is no text",
      { query: SUBSCRIPTION, extensions: { resume: { cursor: 7 } } },
      "SUBSCRIPTION_INVALID_CURSOR",
    ],
    ["a resume that is no object", { query: SUBSCRIPTION, extensions: { resume: "c" } }, "SUBSCRIPTION_INVALID_CURSOR"],
  ];

  it.each(REFUSALS)("are events: %s", async (_what, body, code) => {
    const answer = await whole(await post(body));
    expect([answer.status, codesIn(answer.body)]).toEqual([200, [code]]);
    expect(answer.body.startsWith(":\n\nevent: next\ndata: ")).toBe(true);
    expect(answer.body.endsWith(COMPLETE)).toBe(true);
  });

  it.each(REFUSALS)("are JSON with a status to who takes it beside parts: %s", async (_what, body, code) => {
    const answer = await whole(await post(body, { accept: `${PARTS}, application/json` }));
    expect([answer.status, codesIn(answer.body)]).toEqual([400, [code]]);
    expect(answer.head).toContain("content-type: application/json; charset=utf-8");
  });

  it.each(REFUSALS)("are a part to who takes parts only: %s", async (_what, body, code) => {
    const answer = await whole(await post(body, { accept: PARTS }));
    expect([answer.status, codesIn(answer.body)]).toEqual([200, [code]]);
    expect(answer.body.endsWith("--graphql--\r\n")).toBe(true);
  });

  it.each([
    ["UNAUTHENTICATED", 401],
    ["FORBIDDEN", 403],
    ["SUBSCRIPTION_LIMIT_EXCEEDED", 429],
    ["SERVICE_UNAVAILABLE", 503],
    ["SUBSCRIPTION_NOT_SUPPORTED", 400],
    ["INTERNAL_SERVER_ERROR", 500],
  ])("of the core have a status where there is JSON: %s is %i", async (code, expected) => {
    streams.refuse([new GraphQLError("No.", { extensions: { code } })]);
    const answer = await whole(
      await post({ query: SUBSCRIPTION }, { accept: `${PARTS}, application/graphql-response+json` }),
    );
    expect([answer.status, codesIn(answer.body)]).toEqual([expected, [code]]);
    const events = await whole(await post({ query: SUBSCRIPTION }));
    expect([events.status, codesIn(events.body)]).toEqual([200, [code]]);
  });
});

test("a process that goes away tells events to come back, and never that they are complete", async () => {
  streams.refuse([new GraphQLError("Going.", { extensions: { code: "SUBSCRIPTION_GOING_AWAY" } })]);
  const events = await whole(await post({ query: SUBSCRIPTION }));
  expect([events.status, events.body]).toEqual([200, expect.stringMatching(/^:\n\nretry: \d+\n\n$/)]);
  const json = await whole(await post({ query: SUBSCRIPTION }, { accept: `${PARTS}, application/json` }));
  expect([json.status, codesIn(json.body)]).toEqual([503, ["SUBSCRIPTION_GOING_AWAY"]]);
});

describe("what is refused before GraphQL", () => {
  it.each([
    ["PUT", { method: "PUT" }, 405, "METHOD_NOT_ALLOWED"],
    ["DELETE", { method: "DELETE" }, 405, "METHOD_NOT_ALLOWED"],
    ["a token that is none", { headers: { authorization: "Bearer x" }, body: "{}" }, 401, "UNAUTHENTICATED"],
    ["broken JSON", { body: "{" }, 400, "BAD_REQUEST"],
    ["a body that is no object", { body: "[1]" }, 400, "BAD_REQUEST"],
    ["a body without a query", { body: "{}" }, 400, "BAD_REQUEST"],
    [
      "another charset",
      { headers: { "content-type": "application/json; charset=utf-16" }, body: "{}" },
      415,
      "UNSUPPORTED_MEDIA_TYPE",
    ],
    [
      "another content type",
      { headers: { "content-type": "application/xml" }, body: "{}" },
      415,
      "UNSUPPORTED_MEDIA_TYPE",
    ],
    [
      "a form's content type",
      { headers: { "content-type": "text/plain" }, body: `{"query":"{ hello }"}` },
      400,
      "BAD_REQUEST",
    ],
    ["too large a body", { body: JSON.stringify({ query: `#${"x".repeat(2_000)}` }) }, 413, "PAYLOAD_TOO_LARGE"],
    [
      "a mutation by GET",
      { method: "GET", path: `/graphql?query=${encodeURIComponent('mutation { rename(id: "1", name: "x") { id } }')}` },
      405,
      "BAD_REQUEST",
    ],
  ])(
    "has its status, for who accepts events too: %s",
    async (
      _what,
      { headers = {}, ...request }: { method?: string; path?: string; headers?: Record<string, string>; body?: string },
      status,
      code,
    ) => {
      const answer = await whole(
        await send({ ...request, headers: { accept: EVENTS, "sec-fetch-site": "same-origin", ...headers } }),
      );
      expect([answer.status, codesIn(answer.body)]).toEqual([status, [code]]);
      expect(answer.head).toContain("content-type: application/json");
    },
  );

  it("is an expired token", async () => {
    const nowS = Math.floor(Date.now() / 1000);
    const authorization = `Bearer ${await issuer.sign({ iat: nowS - 200, exp: nowS - 100 })}`;
    const answer = await whole(await post({ query: SUBSCRIPTION }, { authorization }));
    expect([answer.status, errorsIn(answer.body)[0]?.message]).toEqual([401, "The access token has expired."]);
    expect(answer.head).toContain("www-authenticate: bearer");
  });
});

describe("pages", () => {
  const params = { query: SUBSCRIPTION };

  it.each([
    ["of the same host", { "sec-fetch-site": "same-origin" }],
    ["of a listed origin", { origin: "https://shop.example", "sec-fetch-site": "cross-site" }],
    ["that the browser has asked for", { "apollo-require-preflight": "1", "sec-fetch-site": "cross-site" }],
  ])("%s may subscribe by GET", async (_what, headers) => {
    const { exchange } = await open(get(params, headers));
    const head = await exchange.head();
    expect(head).toContain("200 ok");
    expect(head.includes("access-control-allow-origin: https://shop.example")).toBe("origin" in headers);
  });

  it.each([
    ["of another origin", { origin: "https://evil.example", "sec-fetch-site": "cross-site" }],
    [
      "of another origin that calls itself the same",
      { origin: "https://evil.example", "sec-fetch-site": "same-origin" },
    ],
    ["of no origin", { origin: "null", "sec-fetch-site": "cross-site" }],
    ["of a sister host", { "sec-fetch-site": "same-site" }],
    ["that show no origin", { "sec-fetch-site": "cross-site" }],
    ["of browsers that say nothing", { "sec-fetch-site": "" }],
  ])("%s may not, and start nothing", async (_what, headers) => {
    const { status, head, body } = await whole(await get(params, headers));
    expect([status, codesIn(body)]).toEqual([400, ["BAD_REQUEST"]]);
    expect(errorsIn(body)[0]?.message).toContain("Cross-Site Request Forgery");
    expect(head).not.toContain("access-control-allow-origin");
  });
});

test("a gateway that closes waits for no stream: each is told to come back", async () => {
  const own = createFakeStreams();
  const other = await startStreamGateway({ subgraphs: shop.all, streams: own });
  const opened = await Promise.all(
    [EVENTS, PARTS].map(async (accept) => {
      const exchange = await sendRaw(other.port, {
        headers: { accept },
        body: JSON.stringify({ query: SUBSCRIPTION }),
      });
      exchanges.push(exchange);
      await exchange.head();
      return exchange;
    }),
  );
  await other.close();
  const [events, parts] = await Promise.all(opened.map((exchange) => exchange.ended()));
  expect(events).toMatch(/^:\n\nretry: \d+\n\n$/);
  expect(parts).toContain("SUBSCRIPTION_GOING_AWAY");
});

describe("without streams", () => {
  it("subscriptions are refused by name", async () => {
    const other = await startStreamGateway({ subgraphs: shop.all, streams: undefined });
    const exchange = await sendRaw(other.port, {
      headers: { accept: EVENTS },
      body: JSON.stringify({ query: SUBSCRIPTION }),
    });
    expect(codesIn((await whole(exchange)).body)).toEqual(["SUBSCRIPTION_NOT_SUPPORTED"]);
    exchange.socket.destroy();
    await other.close();
  });
});

describe("access rules", () => {
  it("hold: a subscription with anything refused is refused whole, and by whom it is asked decides", async () => {
    const orders = await startFakeSubgraph({
      name: "orders",
      sdl: `${federationLink('["@key", "@authenticated", "@requiresScopes"]')}
        type Query { order: Order }
        type Subscription { orderChanged: Order }
        type Order @key(fields: "id") { id: ID! total: Int @authenticated margin: Int @requiresScopes(scopes: [["staff"]]) }`,
      resolvers: {},
    });
    const guarded = await startStreamGateway({ subgraphs: [orders], streams, env: { JWKS_URL: issuer.jwksUrl } });
    const ask = async (field: string, headers: Record<string, string>) => {
      const body = JSON.stringify({ query: `subscription { orderChanged { id ${field} } }` });
      const exchange = await sendRaw(guarded.port, { headers, body });
      exchanges.push(exchange);
      return exchange;
    };
    const json = { accept: `${PARTS}, application/json` };
    const known = { authorization: `Bearer ${await issuer.sign()}` };
    const anonymous = await whole(await ask("total", json));
    expect([anonymous.status, codesIn(anonymous.body)]).toEqual([401, ["UNAUTHENTICATED"]]);
    const forbidden = await whole(await ask("margin", { ...json, ...known }));
    expect([forbidden.status, codesIn(forbidden.body)]).toEqual([403, ["FORBIDDEN"]]);
    expect(codesIn((await whole(await ask("total", { accept: EVENTS }))).body)).toEqual(["UNAUTHENTICATED"]);
    const { subscription } = await open(ask("total", { accept: EVENTS, ...known }));
    expect(subscription.request.context.viewer?.subject).toBe("user-1");
    await guarded.close();
    await orders.close();
  });
});

test("streams are counted apart from answers", async () => {
  const { exchange, subscription } = await open(post({ query: SUBSCRIPTION }));
  subscription.sink.end({ kind: "complete" });
  await exchange.ended();
  expect(await gateway.metrics()).toContain(
    'gateway_http_requests_total{route="/graphql (stream)",method="POST",status="200"}',
  );
});
