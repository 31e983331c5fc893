import type { UpstreamContext } from "../upstream/upstream-context";
import type { SubgraphRequest } from "../upstream/upstreams";
import { federationLink } from "./harness/compose";
import { startFakeSubgraph } from "./harness/fake-subgraph";
import { json, type ScriptedSubgraph, startScriptedSubgraph } from "./harness/scripted-subgraph";
import { startTestGateway } from "./harness/test-gateway";

const viewer = { kind: "user", subject: "u1", roles: ["STAFF"], scopes: ["x"] } as const;

describe("sharing calls to a subgraph", () => {
  let subgraph: ScriptedSubgraph;
  /** One for each request that arrived and has no answer yet. */
  let held: { body: string; answer: (body?: unknown) => void; break: () => void; closed: Promise<void> }[];
  let onArrival: () => void;

  const open = async (share: boolean | undefined) => {
    subgraph = await startScriptedSubgraph({
      ...(share === undefined ? {} : { share }),
      internalSecret: "an internal secret of 32 characters!",
    });
    held = [];
    onArrival = () => {};
    subgraph.script = (req, res, body) => {
      held.push({
        body,
        answer: (value = { data: { n: held.length } }) => json(value)(req, res, body),
        break: () => req.socket.destroy(),
        closed: new Promise((resolve) => res.once("close", resolve)),
      });
      onArrival();
    };
  };
  beforeEach(() => open(true));
  afterEach(() => subgraph.close());

  const arrived = (count: number) =>
    new Promise<void>((resolve) => {
      onArrival = () => held.length >= count && resolve();
      onArrival();
    });
  const request = (requestId: string, context: Partial<UpstreamContext> = {}, more: Partial<SubgraphRequest> = {}) =>
    subgraph.send(more, { requestId, traceparent: `00-${requestId}-1`, viewer, ...context });

  /** Sends both at once, waits until `expected` requests arrived, and answers them all. */
  const askBoth = async (
    first: Parameters<typeof request>,
    second: Parameters<typeof request>,
    { expected }: { expected: number },
  ) => {
    const calls = [request(...first), request(...second)];
    await arrived(expected);
    for (const call of held) call.answer();
    await Promise.all(calls);
    return subgraph.requests.length;
  };

  it("is off unless it is configured", async () => {
    await subgraph.close();
    await open(undefined);
    expect(await askBoth(["r1"], ["r2"], { expected: 2 })).toBe(2);
  });

  it("equal queries of equal viewers are sent once, with the ids of whoever asked first, and counted", async () => {
    const calls = [request("r1"), request("r2", { viewer: { ...viewer } }), request("r3")];
    await arrived(1);
    held[0]?.answer();
    const [first, ...others] = await Promise.all(calls);
    expect(first).toMatchObject({ data: { n: 1 }, errors: [], isFault: false });
    for (const other of others) expect(other.data).toBe(first?.data);
    expect(subgraph.requests.map(({ headers }) => headers["x-request-id"])).toEqual(["r1"]);
    expect(await subgraph.metrics.metrics()).toContain('gateway_subgraph_requests_shared_total{subgraph="shop"} 2');
  });

  it("the plan's rewrite is applied once", async () => {
    const rewrite = jest.fn((data: Record<string, unknown>) => (data["renamed"] = data["n"]));
    const calls = [request("r1", {}, { rewrite }), request("r2", {}, { rewrite })];
    await arrived(1);
    held[0]?.answer();
    for (const { data } of await Promise.all(calls)) expect(data).toEqual({ n: 1, renamed: 1 });
    expect(rewrite).toHaveBeenCalledTimes(1);
  });

  it.each<[string, Partial<UpstreamContext>]>([
    ["an anonymous caller", { viewer: undefined }],
    ["another subject", { viewer: { ...viewer, subject: "u2" } }],
    ["a partner of the same name", { viewer: { ...viewer, kind: "partner" } }],
    ["other roles", { viewer: { ...viewer, roles: [] } }],
    ["other scopes", { viewer: { ...viewer, scopes: ["x", "y"] } }],
    ["another session", { viewer: { ...viewer, sessionId: "s2" } }],
  ])("never with %s", async (_who, other) => {
    expect(await askBoth(["r1"], ["r2", other], { expected: 2 })).toBe(2);
  });

  it.each<[string, Record<string, string> | undefined, Record<string, string> | undefined]>([
    ["a header that only one has", undefined, { "x-tenant": "a" }],
    ["another value", { "x-tenant": "a" }, { "x-tenant": "b" }],
    ["another name", { "x-tenant": "a" }, { "x-client": "a" }],
    ["a value that looks like two headers", { a: "1", b: "2" }, { a: '1"],["b","2' }],
  ])("never with different forwarded headers: %s", async (_what, one, other) => {
    expect(await askBoth(["r1", { forwardedHeaders: one }], ["r2", { forwardedHeaders: other }], { expected: 2 })).toBe(
      2,
    );
  });

  it("with the same forwarded headers, in any order", async () => {
    const one = { a: "1", b: "2" };
    const other = { b: "2", a: "1" };
    expect(await askBoth(["r1", { forwardedHeaders: one }], ["r2", { forwardedHeaders: other }], { expected: 1 })).toBe(
      1,
    );
  });

  it("never with another body", async () => {
    expect(await askBoth(["r1", {}, { body: "1" }], ["r2", {}, { body: "2" }], { expected: 2 })).toBe(2);
  });

  it("never for mutations, not even with a query of the same text", async () => {
    expect(await askBoth(["r1", {}, { kind: "mutation" }], ["r2", {}, { kind: "mutation" }], { expected: 2 })).toBe(2);
    held = [];
    expect(await askBoth(["r1", {}, { kind: "mutation" }], ["r2"], { expected: 2 })).toBe(4);
  });

  it("nothing is kept after the answer", async () => {
    const first = request("r1");
    await arrived(1);
    held[0]?.answer();
    expect((await first).data).toEqual({ n: 1 });
    const second = request("r2");
    await arrived(2);
    held[1]?.answer();
    expect((await second).data).toEqual({ n: 2 });
  });

  it("a client that goes away, even the first, takes nothing from the others", async () => {
    const client = new AbortController();
    const gone = request("r1", { signal: client.signal });
    const stays = request("r2");
    await arrived(1);
    client.abort();
    expect(await gone).toMatchObject({ isFault: true });
    held[0]?.answer();
    expect(await stays).toMatchObject({ data: { n: 1 }, isFault: false });
    expect(subgraph.requests).toHaveLength(1);
  });

  it("the call is given up when all are gone, and the next one is sent anew", async () => {
    const clients = [new AbortController(), new AbortController()];
    const calls = clients.map(({ signal }, i) => request(`r${i}`, { signal }));
    await arrived(1);
    for (const client of clients) client.abort();
    const next = request("r3");
    expect(await Promise.all(calls)).toMatchObject([{ isFault: true }, { isFault: true }]);
    await held[0]?.closed;
    await arrived(2);
    held[1]?.answer();
    expect((await next).data).toEqual({ n: 2 });
  });

  it("errors are shared; everybody finds them in the log under the own request id", async () => {
    const calls = [request("r1"), request("r2")];
    await arrived(1);
    held[0]?.answer({ data: null, errors: [{ message: "relation users", path: ["a"] }] });
    expect((await Promise.all(calls)).map(({ errors }) => errors[0]?.toJSON())).toEqual(
      ["r1", "r2"].map((requestId) => ({
        message: "Unexpected error.",
        path: ["a"],
        extensions: { code: "INTERNAL_SERVER_ERROR", requestId },
      })),
    );
    expect(subgraph.lines.map(({ requestId }) => requestId)).toEqual(["r1", "r2"]);
  });

  it("faults are shared: two tries in all, not two each", async () => {
    const calls = [request("r1"), request("r2")];
    await arrived(1);
    held[0]?.break();
    await arrived(2);
    held[1]?.break();
    expect((await Promise.all(calls)).map(({ errors }) => errors[0]?.extensions)).toEqual(
      ["r1", "r2"].map((requestId) => ({ code: "SUBGRAPH_UNAVAILABLE", requestId })),
    );
    expect(subgraph.requests).toHaveLength(2);
  });
});

describe("clients whose calls of subgraphs are shared", () => {
  it.each([
    ["plain text", "Chair"],
    ["text beyond ASCII", 'Stuhl "ä" 漢 🦊'],
  ])("each get the bytes that one alone would get: %s", async (_, name) => {
    const CLIENTS = 4;
    let allJoined = Promise.resolve();
    const products = await startFakeSubgraph({
      name: "products",
      sdl: `${federationLink("[]")} type Query { name: String }`,
      resolvers: { Query: { name: () => allJoined.then(() => name) } },
    });
    const gateway = await startTestGateway({ subgraphs: [products], env: { SUBGRAPH_SHARING: "true" } });
    const ask = async () => {
      const response = await fetch(`${gateway.url}/graphql`, {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify({ query: "{ name }" }),
      });
      const { "x-request-id": id, date, ...headers } = Object.fromEntries(response.headers);
      return {
        status: response.status,
        headers,
        body: await response.text(),
        hasOwnId: id !== undefined && date !== "",
      };
    };
    const waitForOthers = async () => {
      const joined = `gateway_subgraph_requests_shared_total{subgraph="products"} ${CLIENTS - 1}`;
      while (!(await (await fetch(`${gateway.url}/metrics`)).text()).includes(joined));
    };
    try {
      const alone = await ask();
      // The first is answered through Apollo Server, the second at the warm door.
      expect(await ask()).toEqual(alone);
      allJoined = waitForOthers();
      for (const answer of await Promise.all(Array.from({ length: CLIENTS }, ask))) expect(answer).toEqual(alone);
      expect(JSON.parse(alone.body)).toEqual({ data: { name } });
    } finally {
      await gateway.close();
      await products.close();
    }
  });
});
