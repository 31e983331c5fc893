import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { Registry } from "prom-client";
import { createIdentityKey, verifyIdentity } from "../../kit/identity";
import { createUpstreams, type UpstreamOptions } from "../upstream/create-upstreams";
import type { UpstreamContext } from "../upstream/upstream-context";
import { recordingLog } from "./harness/recording-log";

const SECRET = "an internal secret of 32 characters!";

describe("asking a subgraph", () => {
  let server: Server;
  let port: number;
  let answer: (req: IncomingMessage, res: ServerResponse) => void;
  let requests: { headers: IncomingMessage["headers"]; body: string }[];
  let closers: (() => Promise<void>)[];
  const { log, lines } = recordingLog();

  beforeEach(async () => {
    requests = [];
    closers = [];
    lines.length = 0;
    server = createServer((req, res) => {
      let body = "";
      req.on("data", (chunk) => (body += chunk));
      req.on("end", () => {
        requests.push({ headers: req.headers, body });
        answer(req, res);
      });
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    port = (server.address() as AddressInfo).port;
  });
  afterEach(async () => {
    server.closeAllConnections();
    await Promise.all(closers.map((close) => close()));
    await new Promise((resolve) => server.close(resolve));
  });

  const json =
    (body: unknown, status = 200, type = "application/json") =>
    (_req: IncomingMessage, res: ServerResponse) => {
      res.writeHead(status, { "content-type": type });
      res.end(typeof body === "string" ? body : JSON.stringify(body));
    };

  const ask = (
    query: string,
    { options = {}, context = {} }: { options?: Partial<UpstreamOptions>; context?: Partial<UpstreamContext> } = {},
  ) => {
    const all = {
      timeoutMs: 20_000,
      maxResponseBytes: 10_000,
      maxConnections: 4,
      internalSecret: undefined,
      ...options,
    };
    const upstreams = createUpstreams({ options: all, log, metrics: new Registry() });
    closers.push(() => upstreams.close());
    const upstream = upstreams.forSubgraph({ name: "shop", url: `http://127.0.0.1:${port}/graphql?tenant=1` });
    return upstream.process({
      kind: "incoming operation" as never,
      request: { query, variables: { a: 1 }, operationName: "Q" },
      incomingRequestContext: {} as never,
      context: { requestId: "r1", traceparent: "00-t-1", viewer: undefined, ...context } as never,
    });
  };
  const UNAVAILABLE = {
    data: null,
    errors: [
      expect.objectContaining({
        message: "A service behind this part of the graph is not available; try again later.",
        extensions: { code: "SUBGRAPH_UNAVAILABLE", requestId: "r1" },
      }),
    ],
  };

  it("sends the operation with the caller's signed identity and the ids of the request", async () => {
    answer = json({ data: { a: 1 } });
    const viewer = { kind: "user", subject: "u1", roles: [], scopes: ["x"] } as const;
    const options = { internalSecret: SECRET };
    await ask("query Q { a }", { options, context: { viewer, forwardedHeaders: { "x-tenant": "t" } } });
    const [request] = requests;
    expect(JSON.parse(request?.body ?? "")).toEqual({
      query: "query Q { a }",
      variables: { a: 1 },
      operationName: "Q",
    });
    expect(request?.headers).toMatchObject({ "x-request-id": "r1", traceparent: "00-t-1", "x-tenant": "t" });
    const header = request?.headers["x-tributary-identity"] as string;
    expect(await verifyIdentity(createIdentityKey(SECRET), header, "shop")).toEqual(viewer);
    await expect(verifyIdentity(createIdentityKey(SECRET), header, "other")).rejects.toThrow();
  });

  it("tells subgraphs the state of a trace beside its parent, and no client's in place of it", async () => {
    answer = json({ data: { a: 1 } });
    const forwardedHeaders = { tracestate: "theirs=1" };
    await ask("query Q { a }", { context: { traceparent: "00-t-1 ours=1,yours=2", forwardedHeaders } });
    await ask("query Q { a }", { context: { forwardedHeaders } });
    const told = requests.map(({ headers }) => [headers["traceparent"], headers["tracestate"]]);
    expect(told).toEqual([
      ["00-t-1", "ours=1,yours=2"],
      ["00-t-1", undefined],
    ]);
  });

  it("signs for an anonymous caller too, and not at all without a secret", async () => {
    answer = json({ data: {} });
    await ask("{ a }", { options: { internalSecret: SECRET } });
    await ask("{ a }");
    const [signed, unsigned] = requests.map(({ headers }) => headers["x-tributary-identity"] as string | undefined);
    expect(await verifyIdentity(createIdentityKey(SECRET), signed, "shop")).toBeUndefined();
    expect(unsigned).toBeUndefined();
  });

  it("takes errors beside data, with any status, in both media types", async () => {
    const body = {
      data: { a: null },
      errors: [{ message: "Sold out.", path: ["a"], extensions: { code: "CONFLICT" } }],
    };
    for (const [status, type] of [
      [200, "application/json; charset=utf-8"],
      [422, "application/graphql-response+json"],
      [500, "application/json"],
    ] as const) {
      answer = json(body, status, type);
      expect(await ask("{ a }")).toEqual({
        data: { a: null },
        errors: [expect.objectContaining({ message: "Sold out.", path: ["a"], extensions: { code: "CONFLICT" } })],
      });
    }
  });

  it.each([
    ["no code", { message: "relation users" }],
    ["an internal code", { message: "stack", extensions: { code: "INTERNAL_SERVER_ERROR", stacktrace: ["at x"] } }],
    [
      "a complaint about the gateway's own query",
      { message: 'Cannot query field "x"', extensions: { code: "GRAPHQL_VALIDATION_FAILED" } },
    ],
    ["no object", "boom"],
    ["null", null],
    ["a code that is no text", { message: "m", extensions: { code: 7 } }],
  ])("hides an error with %s and logs it", async (_what, error) => {
    answer = json({ data: null, errors: [error] });
    const { errors } = await ask("{ a }");
    expect(JSON.parse(JSON.stringify(errors))).toEqual([
      { message: "Unexpected error.", extensions: { code: "INTERNAL_SERVER_ERROR", requestId: "r1" } },
    ]);
    expect(lines.map(({ msg }) => msg)).toEqual(["a subgraph failed"]);
  });

  it.each([
    ["HTML", json("<h1>Bad Gateway</h1>", 502, "text/html"), "content-type"],
    ["broken JSON", json("{"), "malformed"],
    ["a JSON array", json([]), "malformed"],
    ["neither data nor errors", json({}), "malformed"],
    ["data that is no object", json({ data: [1] }), "malformed"],
    ["a status without errors", json({ data: { a: 1 } }, 503), "status"],
    ["more than it may", json({ data: { a: "x".repeat(20_000) } }), "too-large"],
  ])(
    "an answer of %s is an unavailable service to the client, and a reason in the log",
    async (_what, reply, reason) => {
      answer = reply;
      expect(await ask("{ a }")).toEqual(UNAVAILABLE);
      expect(lines).toEqual([
        expect.objectContaining({ msg: "a subgraph gave no usable answer", reason, subgraph: "shop" }),
      ]);
    },
  );

  it("a service that is down is unavailable, without saying where it should have been", async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
    const result = await ask("{ a }");
    expect(result).toEqual(UNAVAILABLE);
    expect(JSON.stringify(result)).not.toMatch(/127\.0\.0\.1|ECONNREFUSED|shop/);
  });

  it("gives up at the deadline", async () => {
    answer = () => {};
    expect(await ask("{ a }", { options: { timeoutMs: 50 } })).toEqual(UNAVAILABLE);
    expect(lines[0]).toMatchObject({ reason: "deadline" });
  });

  it("gives up at the deadline in the middle of an answer", async () => {
    answer = (_req, res) => {
      res.writeHead(200, { "content-type": "application/json" });
      res.write('{"data":');
    };
    expect(await ask("{ a }", { options: { timeoutMs: 50 } })).toEqual(UNAVAILABLE);
    expect(lines[0]).toMatchObject({ reason: "deadline" });
  });

  it("gives up when the client is gone, which is nobody's fault", async () => {
    const client = new AbortController();
    const gone = new Promise<void>((resolve) => {
      answer = (req) => {
        req.socket.once("close", resolve);
        client.abort();
      };
    });
    expect(await ask("{ a }", { context: { signal: client.signal } })).toEqual(UNAVAILABLE);
    await gone;
    expect(lines.map(({ msg }) => msg)).toEqual(["a call to a subgraph was given up"]);
  });

  it("tries a query once more when its connection breaks", async () => {
    answer = (req, res) => (requests.length === 1 ? void req.socket.destroy() : json({ data: { a: 1 } })(req, res));
    expect(await ask("query Q { a }")).toEqual({ data: { a: 1 } });
    expect(requests).toHaveLength(2);
  });

  it("tries a query twice at most, and a mutation never again", async () => {
    answer = (req) => void req.socket.destroy();
    expect(await ask("query Q { a }")).toEqual(UNAVAILABLE);
    expect(requests).toHaveLength(2);
    expect(await ask("mutation M { a }")).toEqual(UNAVAILABLE);
    expect(requests).toHaveLength(3);
  });

  it("keeps its connections from one call to the next, also over a reload", async () => {
    answer = json({ data: {} });
    const options = { timeoutMs: 20_000, maxResponseBytes: 10_000, maxConnections: 4, internalSecret: undefined };
    const upstreams = createUpstreams({ options, log, metrics: new Registry() });
    closers.push(() => upstreams.close());
    let connections = 0;
    server.on("connection", () => connections++);
    const address = { name: "shop", url: `http://127.0.0.1:${port}/graphql` };
    for (let i = 0; i < 20; i++) {
      await upstreams.forSubgraph(address).process({
        kind: "incoming operation" as never,
        request: { query: "{ a }" },
        incomingRequestContext: {} as never,
        context: { requestId: "r1", traceparent: "00-t-1", viewer: undefined } as never,
      });
    }
    // The pool may open a second one while the first still reads the end of an answer.
    expect(connections).toBeLessThanOrEqual(2);
    expect(upstreams.forSubgraph(address)).toBe(upstreams.forSubgraph({ ...address }));
  });
});
