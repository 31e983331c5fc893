import { serviceUnavailable, unauthenticated } from "../../../../kit/errors";
import { closeClients, connect, type RawClient, refusalOf } from "./raw-client";
import { ALLOWED, asUser, EXPIRES_AT_MS, serve, type Served, SUBSCRIPTION } from "./serve";

let served: Served;
beforeEach(async () => void (served = await serve({ forwardHeaders: ["x-tenant"] })));
afterEach(async () => {
  closeClients();
  await served.close();
});

const subscribe = (id = "1") => ({ type: "subscribe", id, payload: { query: SUBSCRIPTION } });
/** What the core is asked for by a client with this payload of `connection_init`. */
const requestOf = async (client: RawClient, payload?: unknown) => {
  await client.init(payload);
  const opened = served.streams.nextOpened();
  client.send(subscribe());
  return (await opened).request;
};

describe("the upgrade", () => {
  test("another site's page and another path are refused before the socket opens", async () => {
    expect(await refusalOf(served.url, { origin: "https://evil.example" })).toBe(403);
    expect(await refusalOf(served.url.replace("/graphql", "/other"))).toBe(404);
    expect(await refusalOf(served.url.replace("/graphql", "/graphql/"))).toBe(404);
  });

  test("pages of allowed sites, and clients that are no pages, are let in; a query string does not matter", async () => {
    for (const [url, options] of [
      [served.url, { origin: ALLOWED }],
      [`${served.url}?a=b`, {}],
    ] as const) {
      const client = await connect(url, options);
      await client.init();
    }
  });

  test("what is no WebSocket handshake is answered as HTTP", async () => {
    const { port } = served;
    const answer = await fetch(`http://127.0.0.1:${port}/graphql`);
    expect(answer.status).toBe(200);
  });
});

describe("who asks", () => {
  test.each([
    ["authorization", { authorization: "Bearer u1" }],
    ["Authorization", { Authorization: "Bearer u1" }],
    ["AUTHORIZATION", { AUTHORIZATION: "Bearer u1" }],
    ["headers.Authorization", { headers: { Authorization: "Bearer u1" } }],
    ["Headers.authorization", { Headers: { authorization: "Bearer u1" } }],
  ])("the token is read from the connection parameter %s", async (_name, payload) => {
    const { context } = await requestOf(await connect(served.url), payload);
    expect(context.viewer).toEqual(asUser("u1"));
  });

  test("the token is read from the upgrade, and one in connection_init wins", async () => {
    const headers = { authorization: "Bearer u1" };
    expect((await requestOf(await connect(served.url, { headers }))).context.viewer).toEqual(asUser("u1"));
    const other = await requestOf(await connect(served.url, { headers }), { authorization: "Bearer u2" });
    expect(other.context.viewer).toEqual(asUser("u2"));
  });

  test.each([
    [{ authorization: 1 }],
    [{ headers: "Authorization: Bearer u1" }],
    [{ headers: null }],
    [{ headers: ["a"] }],
  ])("the parameters %j hold no token", async (payload) => {
    const request = await requestOf(await connect(served.url), payload);
    expect(request.context.viewer).toBeUndefined();
    expect(request.expiresAtMs).toBeUndefined();
    expect(request.client).toBe("address:127.0.0.1");
  });

  test("headers that subgraphs are to see come with the upgrade or the parameters; no others do", async () => {
    const headers = { "x-tenant": "a", "x-other": "b" };
    expect((await requestOf(await connect(served.url, { headers }))).context.forwardedHeaders).toEqual({
      "x-tenant": "a",
    });
    const named = { headers: { "X-Tenant": "c", "x-other": "d" } };
    expect((await requestOf(await connect(served.url, { headers }), named)).context.forwardedHeaders).toEqual({
      "x-tenant": "c",
    });
    expect((await requestOf(await connect(served.url))).context.forwardedHeaders).toBeUndefined();
  });

  test("a parameter that cannot be a header's value is not forwarded", async () => {
    const request = await requestOf(await connect(served.url), { "x-tenant": "a\r\nx-admin: yes" });
    expect(request.context.forwardedHeaders).toBeUndefined();
  });

  test("the request id and the trace of the upgrade follow each operation", async () => {
    const traceparent = "00-11111111111111111111111111111111-2222222222222222-01";
    const headers = { "x-request-id": "r1", traceparent };
    expect((await requestOf(await connect(served.url, { headers }))).context).toMatchObject({
      requestId: "r1",
      traceparent,
    });
  });

  test("a token that is not valid any more cannot subscribe; the connection stays", async () => {
    const client = await connect(served.url);
    await client.init({ authorization: "Bearer u1" });
    served.refused.set("Bearer u1", unauthenticated("The access token has expired."));
    client.send(subscribe());
    expect(await client.next()).toEqual({
      type: "error",
      id: "1",
      payload: [{ message: "The access token has expired.", extensions: { code: "UNAUTHENTICATED" } }],
    });
    client.send({ type: "ping" });
    expect(await client.next()).toEqual({ type: "pong" });
  });
});

describe("a newer token by ping", () => {
  const renewable = async () => {
    const client = await connect(served.url);
    await client.init({ authorization: "Bearer u1/staff" });
    const opened = served.streams.nextOpened();
    client.send(subscribe());
    return { client, stream: await opened };
  };
  const ping = (authorization: string) => ({ type: "ping", payload: { authorization } });

  test("the same viewer goes on, with the new end, in streams that run and those to come", async () => {
    const { client, stream } = await renewable();
    client.send(ping("Bearer u1/staff#7"));
    // The token is not sent back.
    expect(await client.next()).toEqual({ type: "pong" });
    served.refused.set("Bearer u1/staff", unauthenticated("The access token has expired."));
    const opened = served.streams.nextOpened();
    client.send(subscribe("2"));
    expect((await opened).request.expiresAtMs).toBe(EXPIRES_AT_MS + 7);
    expect(stream.renewals).toEqual([EXPIRES_AT_MS + 7]);
  });

  test.each([
    ["nested in headers", { headers: { Authorization: "Bearer u1/staff#7" } }],
    ["in capitals", { AUTHORIZATION: "Bearer u1/staff#7" }],
  ])("it is found %s", async (_name, payload) => {
    const { client, stream } = await renewable();
    client.send({ type: "ping", payload });
    const opened = served.streams.nextOpened();
    client.send(subscribe("2"));
    await opened;
    expect(stream.renewals).toEqual([EXPIRES_AT_MS + 7]);
  });

  test("an operation that follows at once waits for it", async () => {
    const { client } = await renewable();
    served.refused.set("Bearer u1/staff", unauthenticated("The access token has expired."));
    client.send(ping("Bearer u1/staff#7"));
    const opened = served.streams.nextOpened();
    client.send(subscribe("2"));
    expect((await opened).request.expiresAtMs).toBe(EXPIRES_AT_MS + 7);
  });

  test("a stream that was being opened meanwhile is renewed as well", async () => {
    const { client } = await renewable();
    let open = () => {};
    served.streams.gate = new Promise((resolve) => (open = resolve));
    client.send(subscribe("2"));
    client.send({ type: "ping" });
    expect(await client.next()).toEqual({ type: "pong" });
    client.send(ping("Bearer u1/staff#7"));
    expect(await client.next()).toEqual({ type: "pong" });
    client.send({ type: "ping" });
    expect(await client.next()).toEqual({ type: "pong" });
    const opened = served.streams.nextOpened();
    open();
    const { request, renewals } = await opened;
    expect(request.expiresAtMs).toBe(EXPIRES_AT_MS);
    client.send({ type: "ping" });
    await client.next();
    expect(renewals).toEqual([EXPIRES_AT_MS + 7]);
  });

  test.each([
    ["another user", "Bearer u2/staff"],
    ["the same user with other roles", "Bearer u1"],
  ])("that of %s closes the connection with 4403", async (_name, token) => {
    const { client, stream } = await renewable();
    client.send(ping(token));
    expect(await client.next()).toEqual({ type: "pong" });
    expect(await client.closed).toMatchObject({ code: 4403 });
    await stream.left;
    expect(stream.renewals).toEqual([]);
  });

  test("one that is not valid closes the connection with 4403, one that cannot be checked with 1013", async () => {
    const first = await renewable();
    first.client.send(ping("Bearer old"));
    expect((await first.client.closed).code).toBe(4403);
    served.refused.set("Bearer u1/staff#7", serviceUnavailable("Try again."));
    const second = await renewable();
    second.client.send(ping("Bearer u1/staff#7"));
    expect((await second.client.closed).code).toBe(1013);
  });

  test("before the acknowledgement it is a ping like any other", async () => {
    const client = await connect(served.url);
    client.send(ping("Bearer old"));
    expect(await client.next()).toEqual({ type: "pong" });
    await client.init();
  });
});
