import { request } from "node:http";
import { connect } from "node:net";
import { type Shop, startShop } from "./harness/shop";
import { startTestGateway, type TestGateway } from "./harness/test-gateway";
import { startTokenIssuer } from "./harness/token-issuer";

const HELLO = { query: "{ hello }" };

describe("the GraphQL endpoint", () => {
  let shop: Shop;
  let gateway: TestGateway;

  beforeAll(async () => {
    shop = await startShop();
    gateway = await startTestGateway({ subgraphs: shop.all });
  });
  afterAll(async () => {
    await gateway.close();
    await shop.close();
  });

  const get = (path: string, headers: Record<string, string> = {}, method = "GET") =>
    fetch(gateway.url + path, { method, headers, redirect: "manual" });
  const codes = (body: { errors?: readonly { extensions: Readonly<Record<string, unknown>> }[] }) =>
    body.errors?.map(({ extensions }) => extensions["code"]);

  describe("answers", () => {
    it("a query over several subgraphs", async () => {
      const { status, body } = await gateway.post({
        query: "query P($id: ID!) { product(id: $id) { name reviews { stars product { name } } } }",
        variables: { id: "7" },
        operationName: "P",
      });
      expect(status).toBe(200);
      expect(body).toEqual({
        data: { product: { name: "product 7", reviews: [{ stars: 2, product: { name: "product 7" } }] } },
      });
    });

    it("a mutation by POST", async () => {
      const { body } = await gateway.post({ query: 'mutation { rename(id: "1", name: "x") { name } }' });
      expect(body).toEqual({ data: { rename: { name: "x" } } });
    });

    it("a query by GET that a browser cannot send from another site unnoticed", async () => {
      const response = await get("/graphql?query=%7Bhello%7D", { "apollo-require-preflight": "1" });
      expect(await response.json()).toEqual({ data: { hello: "hello world" } });
      const bare = await get("/graphql?query=%7Bhello%7D");
      expect(bare.status).toBe(400);
      expect(await bare.text()).toContain("Cross-Site Request Forgery");
    });

    it("in the media type that the client prefers", async () => {
      const modern = await gateway.post(HELLO, { accept: "application/graphql-response+json, application/json;q=0.9" });
      expect(modern.headers.get("content-type")).toBe("application/graphql-response+json; charset=utf-8");
      expect((await gateway.post(HELLO)).headers.get("content-type")).toBe("application/json; charset=utf-8");
      expect((await gateway.post(HELLO, { accept: "image/png" })).status).toBe(406);
    });

    it("introspection", async () => {
      const { body } = await gateway.post({ query: "{ __schema { queryType { name } subscriptionType { name } } }" });
      expect(body.data).toEqual({
        __schema: { queryType: { name: "Query" }, subscriptionType: { name: "Subscription" } },
      });
    });

    it.each(["apollo-query-plan-experimental", "apollo-expose-query-plan"])(
      "with the query plan when a developer asks for it by %s",
      async (header) => {
        const query = "{ product(id: 1) { name reviews { stars } } }";
        const { body } = await gateway.post({ query }, { [header]: "true" });
        expect(body.data).toEqual({ product: { name: "product 1", reviews: [{ stars: 1 }] } });
        const extensions = body.extensions as {
          apolloQueryPlan: { object: unknown; text: string };
          queryExecution: { planned: number; calls: readonly Record<string, unknown>[] };
        };
        expect(extensions.apolloQueryPlan.object).toMatchObject({ kind: "QueryPlan", node: { kind: "Sequence" } });
        expect(extensions.apolloQueryPlan.text).toContain('Fetch(service: "catalog")');
        expect(extensions.queryExecution.planned).toBe(2);
        expect(extensions.queryExecution.calls).toEqual([
          expect.objectContaining({ subgraph: "catalog", representations: 0, errors: 0 }),
          expect.objectContaining({ subgraph: "reviews", representations: 1, errors: 0 }),
        ]);
        for (const call of extensions.queryExecution.calls) expect(call["durationMs"]).toBeGreaterThan(0);
      },
    );

    it("a browser's visit by leading it to the explorer", async () => {
      const response = await get("/graphql", { accept: "text/html,application/xhtml+xml" });
      expect(response.status).toBe(303);
      expect(new URL(response.headers.get("location") ?? "", `${gateway.url}/graphql`).pathname).toBe("/explorer/");
    });
  });

  describe("refuses", () => {
    it.each([
      ["malformed JSON", "{", 400, "BAD_REQUEST"],
      ["an empty body", "", 400, "BAD_REQUEST"],
      ["a body that is no object", '"text"', 400, "BAD_REQUEST"],
      ["a batch", JSON.stringify([HELLO, HELLO]), 400, "BAD_REQUEST"],
      ["a body without a query", "{}", 400, "BAD_REQUEST"],
      ["a query that is no text", '{"query":{"kind":"Document"}}', 400, "BAD_REQUEST"],
      ["variables that are no object", '{"query":"{hello}","variables":[1]}', 400, "BAD_REQUEST"],
      ["text that is not GraphQL", '{"query":"{ hello"}', 400, "GRAPHQL_PARSE_FAILED"],
      ["an unknown field", '{"query":"{ helo }"}', 400, "GRAPHQL_VALIDATION_FAILED"],
      ["_entities", '{"query":"{ _entities(representations: []) { __typename } }"}', 400, "GRAPHQL_VALIDATION_FAILED"],
      ["_service", '{"query":"{ _service { sdl } }"}', 400, "GRAPHQL_VALIDATION_FAILED"],
      [
        "a fragment that contains itself",
        '{"query":"{ product(id: 1) { ...F } } fragment F on Product { related { ...F } }"}',
        400,
        "GRAPHQL_VALIDATION_FAILED",
      ],
      ["a missing variable", '{"query":"query ($id: ID!) { product(id: $id) { id } }"}', 400, "BAD_USER_INPUT"],
      [
        "a variable of the wrong type",
        '{"query":"query ($id: ID!) { product(id: $id) { id } }","variables":{"id":{}}}',
        400,
        "BAD_USER_INPUT",
      ],
      [
        "an unknown operation name",
        '{"query":"query A { hello }","operationName":"B"}',
        400,
        "OPERATION_RESOLUTION_FAILURE",
      ],
      [
        "several operations without a name",
        '{"query":"query A { hello } query B { hello }"}',
        400,
        "OPERATION_RESOLUTION_FAILURE",
      ],
    ])("%s", async (_what, body, status, code) => {
      const answer = await gateway.post(body);
      expect([answer.status, codes(answer.body)]).toEqual([status, [code]]);
      expect(answer.body.data).toBeUndefined();
      expect(answer.headers.get("x-request-id")).toBeTruthy();
    });

    it("a subscription by POST that accepts no stream, naming the transports that carry it", async () => {
      const { status, body } = await gateway.post({ query: 'subscription { productChanged(id: "1") { id } }' });
      expect([status, codes(body)]).toEqual([406, ["SUBSCRIPTION_TRANSPORT_REQUIRED"]]);
      for (const way of ["WebSocket", "/graphql", "text/event-stream", "multipart/mixed"]) {
        expect(body.errors?.[0]?.message).toContain(way);
      }
    });

    it("a mutation by GET", async () => {
      const query = encodeURIComponent('mutation { rename(id: "1", name: "x") { id } }');
      const response = await get(`/graphql?query=${query}`, { "apollo-require-preflight": "1" });
      expect([response.status, response.headers.get("allow")]).toEqual([405, "POST"]);
    });

    it.each(["PUT", "DELETE", "PATCH", "HEAD"])("%s, naming what is allowed", async (method) => {
      const response = await get("/graphql", {}, method);
      expect([response.status, response.headers.get("allow")]).toEqual([405, "GET, POST, OPTIONS"]);
    });

    it.each([
      ["application/json; charset=utf-16", 415],
      ["application/json; charset=utf-7", 415],
      ['application/json; charset="x-user-defined"', 415],
      ["application/json; charset=utf-8; charset=utf-16", 415],
      ["application/xml", 415],
      ["application/json;charset=UTF-8", 200],
      ['application/json; charset="utf8"', 200],
    ])("or takes the content type %s: %i", async (contentType, status) => {
      const answer = await gateway.post(HELLO, { "content-type": contentType });
      expect(answer.status).toBe(status);
      if (status === 415) expect(codes(answer.body)).toEqual(["UNSUPPORTED_MEDIA_TYPE"]);
    });

    it.each(["text/plain", "application/x-www-form-urlencoded"])(
      "what a form of another site can send: %s",
      async (type) => {
        const answer = await gateway.post(HELLO, { "content-type": type });
        expect([answer.status, codes(answer.body)]).toEqual([400, ["BAD_REQUEST"]]);
        expect(answer.body.errors?.[0]?.message).toContain("Cross-Site Request Forgery");
      },
    );

    it("a compressed body", async () => {
      const answer = await gateway.post(HELLO, { "content-encoding": "gzip" });
      expect([answer.status, codes(answer.body)]).toEqual([415, ["UNSUPPORTED_MEDIA_TYPE"]]);
    });

    it("a query of a megabyte", async () => {
      const answer = await gateway.post({ query: `{ hello #${"x".repeat(1_048_576)}\n }` });
      expect([answer.status, codes(answer.body)]).toEqual([413, ["PAYLOAD_TOO_LARGE"]]);
    });
  });

  describe("errors of subgraphs", () => {
    it("a client error keeps its message, path and code, and nothing else", async () => {
      const { body } = await gateway.post({ query: "{ clientFault }" });
      expect(body.errors).toEqual([
        { message: "The name is taken.", path: ["clientFault"], extensions: { code: "CONFLICT" } },
      ]);
      expect(body.data).toEqual({ clientFault: null });
    });

    it("anything else is one fixed sentence with the request id, and is logged with its cause", async () => {
      const { body, headers } = await gateway.post({ query: "{ serverFault }" });
      const requestId = headers.get("x-request-id");
      expect(body.errors).toEqual([
        {
          message: "Unexpected error.",
          path: ["serverFault"],
          extensions: { code: "INTERNAL_SERVER_ERROR", requestId },
        },
      ]);
      const line = gateway.lines.find(({ msg, requestId: id }) => msg === "a subgraph failed" && id === requestId);
      expect(JSON.stringify(line)).toContain("relation secrets does not exist");
    });
  });

  describe("names in documents are data (CVE-2026-32621)", () => {
    it("aliases and variables may be called like members of prototypes", async () => {
      const { body } = await gateway.post({
        query: `query ($__proto__: String!, $constructor: String!) {
          __proto__: echo(text: $__proto__) constructor: echo(text: $constructor) toString: hello
          prototype: product(id: "1") { __proto__: name constructor: id }
        }`,
        variables: JSON.parse('{"__proto__": "a", "constructor": "b"}'),
      });
      expect(JSON.stringify(body)).toBe(
        '{"data":{"__proto__":"a","constructor":"b","toString":"hello world","prototype":{"__proto__":"product 1","constructor":"1"}}}',
      );
      expect(({} as Record<string, unknown>)["name"]).toBeUndefined();
    });
  });

  describe("request ids", () => {
    it("a sane one is taken over and sent on, another is replaced", async () => {
      const mine = await gateway.post(HELLO, { "x-request-id": "req-42" });
      expect(mine.headers.get("x-request-id")).toBe("req-42");
      expect(shop.catalog.received.at(-1)?.headers["x-request-id"]).toBe("req-42");
      const other = await gateway.post(HELLO, { "x-request-id": "a b<script>" });
      expect(other.headers.get("x-request-id")).toMatch(/^[0-9a-f-]{36}$/);
    });

    it("the trace goes on to subgraphs, the client's other headers do not", async () => {
      const traceparent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
      await gateway.post(HELLO, {
        traceparent,
        authorization: "Bearer a.b.c",
        cookie: "session=1",
        "x-tributary-identity": "forged",
        "x-other": "1",
      });
      const headers = shop.catalog.lastHeaders();
      expect(headers["traceparent"]).toBe(traceparent);
      for (const name of ["authorization", "cookie", "x-tributary-identity", "x-other"]) {
        expect(headers[name]).toBeUndefined();
      }
    });
  });

  describe("automatic persisted queries", () => {
    const query = '{ hello(name: "apq") }';
    const sha256Hash = "3c1ba2d8f4a0f3dbd6bd8a3f5dbd1d0a0f4cd3a5bcd7a0f7c7c1b5b0b7f7d0aa";
    const hashOf = async (text: string) =>
      Buffer.from(await crypto.subtle.digest("SHA-256", Buffer.from(text))).toString("hex");

    it("an unknown hash asks for the text, which is then remembered", async () => {
      const hash = await hashOf(query);
      const extensions = { persistedQuery: { version: 1, sha256Hash: hash } };
      const unknown = await gateway.post({ extensions });
      expect([unknown.status, codes(unknown.body)]).toEqual([200, ["PERSISTED_QUERY_NOT_FOUND"]]);
      expect((await gateway.post({ query, extensions })).body).toEqual({ data: { hello: "hello apq" } });
      expect((await gateway.post({ extensions })).body).toEqual({ data: { hello: "hello apq" } });
      const search = new URLSearchParams({ extensions: JSON.stringify(extensions) });
      const response = await get(`/graphql?${search}`, { "apollo-require-preflight": "1" });
      expect(await response.json()).toEqual({ data: { hello: "hello apq" } });
    });

    it("a hash of another text and another version are the client's mistakes", async () => {
      const wrong = await gateway.post({ query, extensions: { persistedQuery: { version: 1, sha256Hash } } });
      expect([wrong.status, codes(wrong.body)]).toEqual([400, ["BAD_REQUEST"]]);
      expect(wrong.body.errors?.[0]?.message).toBe("provided sha does not match query");
      const version = await gateway.post({ query, extensions: { persistedQuery: { version: 2, sha256Hash } } });
      expect([version.status, codes(version.body)]).toEqual([400, ["BAD_REQUEST"]]);
    });
  });

  describe("CORS", () => {
    const preflight = (origin: string, more: Record<string, string> = {}) =>
      get(
        "/graphql",
        {
          origin,
          "access-control-request-method": "POST",
          "access-control-request-headers": "content-type,x-own",
          ...more,
        },
        "OPTIONS",
      );

    it.each([
      "https://studio.apollographql.com",
      "http://localhost:5173",
      "http://127.0.0.1:3000",
      "https://localhost",
    ])("%s may ask with whatever headers it names", async (origin) => {
      const response = await preflight(origin);
      expect(response.status).toBe(204);
      expect(response.headers.get("access-control-allow-origin")).toBe(origin);
      expect(response.headers.get("access-control-allow-methods")).toContain("POST");
      expect(response.headers.get("access-control-allow-headers")).toBe("content-type,x-own");
      expect(Number(response.headers.get("access-control-max-age"))).toBeGreaterThan(0);
      expect(response.headers.get("access-control-allow-credentials")).toBeNull();
      const answer = await gateway.post(HELLO, { origin });
      expect(answer.headers.get("access-control-allow-origin")).toBe(origin);
      expect(answer.headers.get("access-control-expose-headers")).toContain("x-request-id");
    });

    it.each([
      "https://evil.example",
      "http://localhost.evil.example",
      "https://studio.apollographql.com.evil.example",
      "null",
    ])("%s may not", async (origin) => {
      expect((await preflight(origin)).headers.get("access-control-allow-origin")).toBeNull();
      expect((await gateway.post(HELLO, { origin })).headers.get("access-control-allow-origin")).toBeNull();
    });

    it("a public page may reach a gateway in a private network", async () => {
      const asking = { "access-control-request-private-network": "true" };
      const allowed = await preflight("https://studio.apollographql.com", asking);
      expect(allowed.headers.get("access-control-allow-private-network")).toBe("true");
      const refused = await preflight("https://evil.example", asking);
      expect(refused.headers.get("access-control-allow-private-network")).toBeNull();
    });

    it("refusals can be read by the page too", async () => {
      const answer = await gateway.post("{", { origin: "http://localhost:3000" });
      expect([answer.status, answer.headers.get("access-control-allow-origin")]).toEqual([
        400,
        "http://localhost:3000",
      ]);
    });
  });

  describe("pages", () => {
    it("the home page leads everywhere and loads nothing", async () => {
      const response = await get("/", { accept: "text/html" });
      const html = await response.text();
      expect(response.status).toBe(200);
      for (const link of [
        'href="/explorer/"',
        'href="/schema.graphql"',
        'href="/health/ready"',
        "studio.apollographql.com/sandbox/explorer?endpoint=",
      ]) {
        expect(html).toContain(link);
      }
      expect(html).toContain(encodeURIComponent(`${gateway.url}/graphql`));
      expect(html).not.toMatch(/<script|<img|@import|url\(http/);
      expect(response.headers.get("content-security-policy")).toMatch(/^default-src 'none'; style-src 'sha256-/);
    });

    it("a forged Host header does not get into a page", async () => {
      const text = await raw('GET / HTTP/1.1\r\nHost: "><script>alert(1)</script>\r\nConnection: close\r\n\r\n');
      expect(text).not.toContain("<script>");
    });

    it("the API schema is served as SDL, without what is internal, and revalidated", async () => {
      const response = await get("/schema.graphql");
      const sdl = await response.text();
      expect(sdl).toContain("type Product");
      expect(sdl).toContain('"""Hello."""');
      expect(sdl).not.toMatch(/join__|_entities|@authenticated/);
      const again = await get("/schema.graphql", { "if-none-match": response.headers.get("etag") ?? "" });
      expect(again.status).toBe(304);
    });

    it.each(["/", "/schema.graphql", "/health/live", "/metrics"])("HEAD %s is GET without the body", async (path) => {
      const response = await get(path, {}, "HEAD");
      expect([response.status, await response.text()]).toEqual([200, ""]);
    });

    it.each(["/", "/schema.graphql", "/health/ready"])("%s can only be read", async (path) => {
      const response = await get(path, {}, "POST");
      expect([response.status, response.headers.get("allow")]).toEqual([405, "GET, HEAD, OPTIONS"]);
    });

    it("an unknown path is 404 in the form that is asked for", async () => {
      const page = await get("/nowhere", { accept: "text/html" });
      expect([page.status, page.headers.get("content-type")]).toEqual([404, "text/html; charset=utf-8"]);
      const json = await get("/nowhere");
      expect([json.status, codes((await json.json()) as never)]).toEqual([404, ["NOT_FOUND"]]);
      expect((await get("/partner/v1/docs")).status).toBe(404);
      expect((await get("/explorer/", { accept: "text/html" })).headers.get("content-type")).toContain("text/html");
    });
  });

  describe("operators", () => {
    it("live and ready say so", async () => {
      expect(await (await get("/health/live")).json()).toEqual({ live: true });
      const ready = await get("/health/ready");
      expect([ready.status, await ready.json()]).toEqual([200, { ready: true, checks: { supergraph: "ok" } }]);
    });

    it("metrics count requests by route and subgraph calls by subgraph", async () => {
      await gateway.post(HELLO);
      const text = await (await get("/metrics")).text();
      expect(text).toMatch(/gateway_http_requests_total\{route="\/graphql",method="POST",status="200"\} \d+/);
      expect(text).toMatch(/gateway_subgraph_request_duration_seconds_count\{subgraph="catalog",outcome="ok"\} \d+/);
      expect(text).toMatch(/gateway_operation_lookups_total\{result="hit"\} \d+/);
    });

    it("each request leaves one line with its id, route, status and duration", async () => {
      const { headers } = await gateway.post(HELLO);
      const requestId = headers.get("x-request-id");
      const lines = gateway.lines.filter(({ msg, requestId: id }) => msg === "request answered" && id === requestId);
      expect(lines).toEqual([
        expect.objectContaining({ route: "/graphql", status: 200, method: "POST", durationMs: expect.any(Number) }),
      ]);
    });
  });

  /** Bytes as they are, for what no HTTP client would send. */
  const raw = (bytes: string) =>
    new Promise<string>((resolve, reject) => {
      const socket = connect(gateway.port, "127.0.0.1", () => socket.end(bytes));
      let text = "";
      socket.on("data", (chunk) => (text += chunk.toString()));
      socket.on("close", () => resolve(text));
      socket.on("error", reject);
    });

  it("broken HTTP is answered 400 and the gateway goes on", async () => {
    expect(await raw("GARBAGE\r\n\r\n")).toContain("400 Bad Request");
    expect((await gateway.post(HELLO)).status).toBe(200);
  });
});

describe("a client that goes away", () => {
  it("leaves no subgraph call behind, and a line that says so", async () => {
    let arrived = () => {};
    const isThere = new Promise<void>((resolve) => (arrived = resolve));
    let release = () => {};
    const held = new Promise<void>((resolve) => (release = resolve));
    const shop = await startShop({
      before: () => {
        arrived();
        return held;
      },
    });
    const gateway = await startTestGateway({ subgraphs: shop.all });
    try {
      const client = request(`${gateway.url}/graphql`, {
        method: "POST",
        headers: { "content-type": "application/json" },
      });
      client.on("error", () => undefined);
      client.end(JSON.stringify({ query: "{ product(id: 1) { reviews { stars } } hello }" }));
      await isThere;
      client.destroy();
      await gateway.logged("a call to a subgraph was given up");
      expect(await gateway.logged("request answered")).toMatchObject({ status: 499, route: "/graphql" });
      expect(shop.reviews.received).toEqual([]);
    } finally {
      release();
      await gateway.close();
      await shop.close();
    }
  });
});

describe("in production", () => {
  it("introspection, suggestions and query plans are off", async () => {
    const shop = await startShop();
    const gateway = await startTestGateway({ subgraphs: shop.all, env: { NODE_ENV: "production" } });
    try {
      const introspection = await gateway.post({ query: "{ __schema { queryType { name } } }" });
      expect(introspection.status).toBe(400);
      expect(introspection.body.errors?.[0]?.extensions).toEqual({ code: "GRAPHQL_VALIDATION_FAILED" });
      expect(introspection.body.errors?.[0]?.message).toBe("Introspection is switched off.");
      expect((await fetch(`${gateway.url}/schema.graphql`)).status).toBe(404);
      expect(await (await fetch(gateway.url)).text()).not.toContain("/schema.graphql");
      const mistyped = await gateway.post({ query: "{ helo }" });
      expect(mistyped.body.errors?.[0]?.message).not.toContain("Did you mean");
      const plan = await gateway.post(HELLO, { "apollo-query-plan-experimental": "1" });
      expect(plan.body).toEqual({ data: { hello: "hello world" } });
    } finally {
      await gateway.close();
      await shop.close();
    }
  });
});

describe("query plans in production", () => {
  it("are for callers with the role that the settings name", async () => {
    const [shop, issuer] = await Promise.all([startShop(), startTokenIssuer()]);
    const env = { NODE_ENV: "production", JWKS_URL: issuer.jwksUrl, QUERY_PLANS_ROLE: "staff" };
    const gateway = await startTestGateway({ subgraphs: shop.all, env });
    try {
      const plan = async (roles?: readonly string[]) => {
        const headers: Record<string, string> = { "apollo-query-plan-experimental": "1" };
        if (roles) headers["authorization"] = `Bearer ${await issuer.sign({ roles })}`;
        const { body } = await gateway.post(HELLO, headers);
        return Object.keys(body.extensions ?? {});
      };
      for (let time = 0; time < 2; time++) {
        expect(await plan(["staff"])).toEqual(["apolloQueryPlan", "queryExecution"]);
        expect(await plan(["seller"])).toEqual([]);
        expect(await plan()).toEqual([]);
      }
    } finally {
      await gateway.close();
      await Promise.all([shop.close(), issuer.close()]);
    }
  });
});

describe("settings", () => {
  it("forwards the headers that are configured, and allows configured origins", async () => {
    const shop = await startShop();
    const env = { FORWARD_HEADERS: "Authorization, X-Tenant", CORS_ORIGINS: "https://shop.example" };
    const gateway = await startTestGateway({ subgraphs: shop.all, env });
    try {
      const answer = await gateway.post(HELLO, {
        authorization: "Bearer whatever",
        "x-tenant": "t1",
        cookie: "c=1",
        origin: "https://shop.example",
      });
      expect(answer.headers.get("access-control-allow-origin")).toBe("https://shop.example");
      const headers = shop.catalog.lastHeaders();
      expect([headers["authorization"], headers["x-tenant"], headers["cookie"]]).toEqual([
        "Bearer whatever",
        "t1",
        undefined,
      ]);
    } finally {
      await gateway.close();
      await shop.close();
    }
  });
});
