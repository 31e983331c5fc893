import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { type ExecutionResult, getOperationAST, GraphQLError, validate } from "graphql";
import { createClient } from "graphql-ws";
import { Registry } from "prom-client";
import { WebSocket } from "ws";
import { newId } from "../../../kit/ids";
import { createLogger } from "../../../kit/log";
import { createStreams, type Streams } from "../create-streams";
import { serveWebSocket, type WebSocketDoor, type WebSocketService } from "../serve-websocket";
import { asUser, createCommerce, documentOf, ORDER_1 } from "./commerce";

const log = createLogger("test", "silent");
const ALLOWED = "https://shop.example";
const SUBSCRIPTION = "subscription ($id: ID!) { orderUpdated(orderId: $id) { id status } }";
let server: Server;
let url: string;
let service: WebSocketService;
let streams: Streams;
let commerce: ReturnType<typeof createCommerce>;
let expired = new Set<string>();

/** Tokens are "Bearer <user>"; those in `expired` are not valid (any more). */
const door: WebSocketDoor = {
  authenticate: (authorization) => {
    const token = authorization?.replace(/^Bearer /, "");
    if (token !== undefined && expired.has(token)) return Promise.reject(new Error("The token has expired."));
    return Promise.resolve({ viewer: token === undefined ? undefined : asUser(token).viewer });
  },
  isOriginAllowed: (origin) => origin === undefined || origin === ALLOWED,
  check: ({ query, operationName, variables = {} }) => {
    const { generation } = commerce;
    try {
      const document = documentOf(query);
      const errors = validate(generation.supergraph.apiSchema, document);
      const operation = getOperationAST(document, operationName);
      if (errors.length > 0) return errors;
      return operation ? { generation, document, operation, variables } : [new GraphQLError("no such operation")];
    } catch (error) {
      return [error as GraphQLError];
    }
  },
  execute: ({ query }, viewer) =>
    Promise.resolve({ data: { echo: query.length > 0, viewer: viewer?.subject ?? null } }),
};

beforeEach(async () => {
  expired = new Set(["old"]);
  commerce = createCommerce();
  streams = createStreams({ upstreams: commerce.upstreams, log, metrics: new Registry() });
  server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  url = `ws://127.0.0.1:${(server.address() as AddressInfo).port}/graphql`;
  service = serveWebSocket({ server, path: "/graphql", door, streams, log });
});

afterEach(async () => {
  await service.close();
  streams.close();
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});

const clientOf = (connectionParams?: Record<string, unknown>) =>
  createClient({ url, webSocketImpl: WebSocket, retryAttempts: 0, ...(connectionParams ? { connectionParams } : {}) });

const placed = () => ({
  id: newId(),
  type: "orders.order.placed.v1",
  source: "/orders",
  subject: ORDER_1,
  time: new Date().toISOString(),
  data: { orderId: ORDER_1, userId: "u1" },
});

test.each([
  ["authorization", { authorization: "Bearer u1" }],
  ["Authorization", { Authorization: "Bearer u1" }],
  ["AUTHORIZATION", { AUTHORIZATION: "Bearer u1" }],
  ["headers.Authorization", { headers: { Authorization: "Bearer u1" } }],
])("a subscriber with the connection parameter %s sees the order change", async (_name, parameters) => {
  const client = clientOf(parameters);
  const results = client.iterate({ query: SUBSCRIPTION, variables: { id: ORDER_1 } });
  expect((await results.next()).value).toEqual({ data: { orderUpdated: { id: ORDER_1, status: "PENDING" } } });
  commerce.state.status = "CONFIRMED";
  streams.take(placed());
  expect((await results.next()).value).toEqual({ data: { orderUpdated: { id: ORDER_1, status: "CONFIRMED" } } });
  await results.return?.();
  await client.dispose();
});

const errorsOf = async (client: ReturnType<typeof clientOf>, query: string, variables?: Record<string, unknown>) => {
  const results = client.iterate({ query, ...(variables ? { variables } : {}) });
  try {
    await results.next();
  } catch (error) {
    return (error as GraphQLError[]).map(({ message, extensions }) => extensions?.["code"] ?? message);
  } finally {
    await client.dispose();
  }
  throw new Error("it was answered");
};

test("refusals are typed errors of the operation, and the connection stays", async () => {
  expect(await errorsOf(clientOf({ authorization: "Bearer u2" }), SUBSCRIPTION, { id: ORDER_1 })).toEqual([
    "FORBIDDEN",
  ]);
  expect(await errorsOf(clientOf(), SUBSCRIPTION, { id: ORDER_1 })).toEqual(["UNAUTHENTICATED"]);
  expect(await errorsOf(clientOf(), "subscription { nothing }")).toHaveLength(1);
  expect(await errorsOf(clientOf(), "subscription {")).toHaveLength(1);
});

test("a token that is not valid when connecting closes the connection with 4403", async () => {
  const closed = new Promise<number>((resolve) => {
    const client = clientOf({ authorization: "Bearer old" });
    client.on("closed", (event) => resolve((event as { code: number }).code));
    client.subscribe(
      { query: SUBSCRIPTION, variables: { id: ORDER_1 } },
      { next: () => undefined, error: () => undefined, complete: () => undefined },
    );
  });
  expect(await closed).toBe(4403);
});

test("a token that expired since the connection was made cannot subscribe", async () => {
  const client = createClient({
    url,
    webSocketImpl: WebSocket,
    retryAttempts: 0,
    lazy: false,
    connectionParams: { authorization: "Bearer u1" },
  });
  await new Promise((resolve) => client.on("connected", resolve));
  expired.add("u1");
  expect(await errorsOf(client, SUBSCRIPTION, { id: ORDER_1 })).toEqual(["UNAUTHENTICATED"]);
});

test("queries and mutations are answered as well, by the same executor as over HTTP", async () => {
  const client = clientOf({ authorization: "Bearer u1" });
  const { value } = (await client.iterate({ query: "{ me { id } }" }).next()) as { value: ExecutionResult };
  expect(value).toEqual({ data: { echo: true, viewer: "u1" } });
  await client.dispose();
});

/** What becomes of a raw upgrade: the HTTP status of a refusal, or the close code after some messages. */
const outcomeOf = (address: string, options: { origin?: string; protocol?: string; messages?: unknown[] } = {}) =>
  new Promise<number>((resolve) => {
    const { origin, protocol = "graphql-transport-ws", messages = [] } = options;
    const socket = new WebSocket(address, protocol, origin === undefined ? {} : { origin });
    socket.on("unexpected-response", (_req, res) => {
      res.resume();
      resolve(res.statusCode ?? 0);
    });
    socket.on("error", () => undefined);
    socket.on("open", () =>
      messages.forEach((message) => socket.send(typeof message === "string" ? message : JSON.stringify(message))),
    );
    socket.on("close", resolve);
  });

test("another site's page and another path are refused before the socket opens", async () => {
  expect(await outcomeOf(url, { origin: "https://evil.example" })).toBe(403);
  expect(await outcomeOf(url.replace("/graphql", "/other"))).toBe(404);
});

const INIT = { type: "connection_init" };

// https://github.com/enisdenjo/graphql-ws/blob/master/PROTOCOL.md
test.each([
  ["Receiving a message of a type or format which is not specified in this document", ["hello"], 4400],
  ["If the server receives more than one ConnectionInit message", [INIT, INIT], 4429],
  [
    "a client sends a Subscribe message before the connection is acknowledged",
    [{ type: "subscribe", id: "1", payload: { query: "{ a }" } }],
    4401,
  ],
  ["a message of an unknown type", [INIT, { type: "start" }], 4400],
])("protocol: %s", async (_sentence, messages, code) => {
  expect(await outcomeOf(url, { messages })).toBe(code);
});

test("protocol: a connection without the subprotocol is not acceptable", async () => {
  const socket = new WebSocket(url);
  expect(await new Promise((resolve) => socket.on("close", resolve))).toBe(4406);
});

test("a message larger than the limit closes that connection only", async () => {
  expect(await outcomeOf(url, { messages: ["x".repeat(300_000)] })).toBe(1009);
  const client = clientOf();
  expect((await client.iterate({ query: "{ me { id } }" }).next()).done).toBe(false);
  await client.dispose();
});

test("on shutdown clients are told to go away", async () => {
  const closed = outcomeOf(url, { messages: [INIT] });
  const other = new WebSocket(url, "graphql-transport-ws");
  await new Promise((resolve) => other.on("open", resolve));
  await service.close();
  expect(await closed).toBe(1001);
});
