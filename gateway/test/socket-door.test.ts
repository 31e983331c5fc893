import { type Client, createClient, type ExecutionResult } from "graphql-ws";
import { WebSocket } from "ws";
import { unauthenticated } from "../../kit/errors";
import type { Authenticator } from "../access/tokens/caller";
import { createAuthenticator } from "../access/tokens/create-authenticator";
import { createJwksCache } from "../access/tokens/jwks-cache";
import { createSocketDoor } from "../http/socket-door";
import { closeClients, connect } from "../streams/websocket/test/raw-client";
import { recordingLog } from "./harness/recording-log";
import { type Shop, startShop } from "./harness/shop";
import { startTestGateway, type TestGateway } from "./harness/test-gateway";
import { startTokenIssuer, type TokenIssuer } from "./harness/token-issuer";

/** What authentication has nothing to do with. */
const unused = { cors: {}, generations: {} } as Omit<Parameters<typeof createSocketDoor>[0], "authenticator">;

type Messages = { data?: unknown; errors?: readonly { message: string; extensions?: Record<string, unknown> }[] }[];

describe("operations over a socket meet the checks of the HTTP door", () => {
  let shop: Shop;
  let issuer: TokenIssuer;
  let gateway: TestGateway;
  const clients: Client[] = [];

  beforeAll(async () => {
    [shop, issuer] = await Promise.all([startShop(), startTokenIssuer()]);
    gateway = await startTestGateway({ subgraphs: shop.all, env: { JWKS_URL: issuer.jwksUrl } });
  });
  afterAll(async () => {
    for (const client of clients) await client.dispose();
    await gateway.close();
    await Promise.all([shop.close(), issuer.close()]);
  });

  /** @returns every message of the operation, errors included, until it ends */
  const run = (query: string, options: { authorization?: string; variables?: Record<string, unknown> } = {}) => {
    const { authorization, variables } = options;
    const client = createClient({
      url: `ws://127.0.0.1:${gateway.port}/graphql`,
      webSocketImpl: WebSocket,
      retryAttempts: 0,
      lazy: true,
      ...(authorization === undefined ? {} : { connectionParams: { Authorization: authorization } }),
    });
    clients.push(client);
    return new Promise<Messages>((resolve) => {
      const messages: Messages = [];
      client.subscribe(
        { query, ...(variables ? { variables } : {}) },
        {
          next: (message) => void messages.push(message as ExecutionResult as Messages[number]),
          error: (errors) => resolve([...messages, { errors: (Array.isArray(errors) ? errors : []) as never }]),
          complete: () => resolve(messages),
        },
      );
    });
  };
  const codeOf = (messages: Messages) => messages.at(-1)?.errors?.map(({ extensions }) => extensions?.["code"]);

  it("queries and mutations are answered", async () => {
    expect(await run("{ product(id: 3) { name reviews { stars } } }")).toEqual([
      { data: { product: { name: "product 3", reviews: [{ stars: 3 }] } } },
    ]);
    const renamed = await run("mutation ($name: String!) { rename(id: 1, name: $name) { name } }", {
      variables: { name: "n" },
    });
    expect(renamed).toEqual([{ data: { rename: { name: "n" } } }]);
  });

  it("access rules hold", async () => {
    const [anonymous] = await run("{ hello mine }");
    expect(anonymous?.data).toEqual({ hello: "hello world", mine: null });
    expect(anonymous?.errors?.[0]?.extensions).toEqual({ code: "UNAUTHENTICATED" });
    const [known] = await run("{ mine }", { authorization: `Bearer ${await issuer.sign()}` });
    expect(known).toEqual({ data: { mine: "yours" } });
  });

  it.each([
    ["no GraphQL", "{ hello", "GRAPHQL_PARSE_FAILED"],
    ["an unknown field", "{ helo }", "GRAPHQL_VALIDATION_FAILED"],
    ["_entities", "{ _entities { __typename } }", "GRAPHQL_VALIDATION_FAILED"],
    [
      "a depth of 100",
      `{ product(id: 1) ${"{ related ".repeat(100)}{ id }${" }".repeat(100)} }`,
      "OPERATION_LIMIT_EXCEEDED",
    ],
    ["a missing variable", "query ($id: ID!) { product(id: $id) { id } }", "BAD_USER_INPUT"],
    [
      "a subscription without an event source",
      "subscription { productChanged(id: 1) { id } }",
      "SUBSCRIPTION_NOT_SUPPORTED",
    ],
  ])("refuses %s", async (_what, query, code) => {
    expect(codeOf(await run(query))).toEqual([code]);
  });

  it.each([
    ["no GraphQL", "{ hello\n", { line: 2, column: 1 }],
    ["an unknown field", "{\n  helo\n}", { line: 2, column: 3 }],
  ])("says where %s is", async (_what, query, location) => {
    const [refusal] = await run(query);
    expect(refusal?.errors?.[0]).toMatchObject({ locations: [location] });
  });

  it("what is internal stays inside", async () => {
    const [answer] = await run("{ serverFault }");
    expect(answer?.errors?.[0]).toMatchObject({ message: "Unexpected error.", path: ["serverFault"] });
    expect(answer?.errors?.[0]?.extensions).toEqual({ code: "INTERNAL_SERVER_ERROR", requestId: expect.any(String) });
  });

  it.each([
    ["http://localhost:3000", true],
    ["https://studio.apollographql.com", true],
    ["https://evil.example", false],
  ])("a page of %s may connect: %s", async (origin, allowed) => {
    const socket = new WebSocket(`ws://127.0.0.1:${gateway.port}/graphql`, "graphql-transport-ws", { origin });
    const opened = await new Promise<boolean>((resolve) => {
      socket.once("open", () => resolve(true));
      socket.once("error", () => resolve(false));
    });
    socket.terminate();
    expect(opened).toBe(allowed);
  });
});

describe("a socket that comes before the keys of tokens", () => {
  it("waits for them, and is served", async () => {
    const [shop, issuer] = await Promise.all([startShop(), startTokenIssuer()]);
    issuer.goAway();
    const gateway = await startTestGateway({ subgraphs: shop.all, env: { JWKS_URL: issuer.jwksUrl } });
    await gateway.logged("signing keys could not be fetched");
    const client = await connect(`ws://127.0.0.1:${gateway.port}/graphql`);
    const authorization = `Bearer ${await issuer.sign()}`;
    client.send({ type: "connection_init", payload: { authorization } });
    // The answer to a later message shows that the first one was taken, and not refused.
    client.send({ type: "ping" });
    expect(await client.next()).toEqual({ type: "pong" });
    issuer.comeBack();
    expect(await client.next()).toEqual({ type: "connection_ack" });
    client.send({ type: "subscribe", id: "1", payload: { query: "{ mine }" } });
    expect(await client.next()).toEqual({ type: "next", id: "1", payload: { data: { mine: "yours" } } });
    closeClients();
    await gateway.close();
    await Promise.all([shop.close(), issuer.close()]);
  });

  it("is told that they are missing after a time", async () => {
    const issuer = await startTokenIssuer();
    issuer.goAway();
    const { log } = recordingLog();
    const keys = createJwksCache({ url: issuer.jwksUrl, log });
    const authenticator = createAuthenticator({ keys, issuer: "tributary", audience: "tributary" });
    const door = createSocketDoor({ ...unused, authenticator, keysMs: 10 });
    await expect(door.authenticate(`Bearer ${await issuer.sign()}`)).rejects.toMatchObject({
      code: "SERVICE_UNAVAILABLE",
    });
    await authenticator.close();
    await issuer.close();
  });

  it("does not wait when its token is not valid whatever the keys are, or when it has none", async () => {
    const authenticator: Authenticator = {
      authenticate: (authorization) =>
        authorization === undefined
          ? Promise.resolve({ viewer: undefined })
          : Promise.reject(unauthenticated("The access token has expired.")),
      ready: new Promise(() => undefined),
      close: () => Promise.resolve(),
    };
    const door = createSocketDoor({ ...unused, authenticator, keysMs: 2 ** 30 });
    expect(await door.authenticate(undefined)).toEqual({ viewer: undefined });
    await expect(door.authenticate("Bearer old")).rejects.toMatchObject({ code: "UNAUTHENTICATED" });
  });
});
