import { ApolloClient, gql, HttpLink, InMemoryCache } from "@apollo/client";
import { CombinedGraphQLErrors, CombinedProtocolErrors } from "@apollo/client/errors";
import { cacheExchange, Client as UrqlClient, fetchExchange, type OperationResult } from "@urql/core";
import { GraphQLError } from "graphql";
import { createClient as createSseClient, type ExecutionResult } from "graphql-sse";
import { createFakeStreams, type FakeStreams } from "../streams/http/test/fake-streams";
import { type Shop, startShop } from "./harness/shop";
import { startStreamGateway, type StreamGateway } from "./harness/stream-gateway";
import { startTokenIssuer, type TokenIssuer } from "./harness/token-issuer";

const SUBSCRIPTION = "subscription Changes($id: ID!) { productChanged(id: $id) { id name } }";
const variables = { id: "1" };
const dataOf = (name: string) => ({ productChanged: { id: "1", name, __typename: "Product" } });
const EXPIRED = new GraphQLError("The token has expired.", { extensions: { code: "SUBSCRIPTION_TOKEN_EXPIRED" } });
const REFUSED = new GraphQLError("You may not watch this.", { extensions: { code: "FORBIDDEN" } });

let shop: Shop;
let issuer: TokenIssuer;
let streams: FakeStreams;
let gateway: StreamGateway;
let url: string;

beforeAll(async () => {
  [shop, issuer] = await Promise.all([startShop(), startTokenIssuer()]);
  streams = createFakeStreams();
  gateway = await startStreamGateway({ subgraphs: shop.all, streams, env: { JWKS_URL: issuer.jwksUrl } });
  url = `${gateway.url}/graphql`;
});
afterEach(() => streams.refuse());
afterAll(async () => {
  await gateway.close();
  await Promise.all([shop.close(), issuer.close()]);
});

/** What a client's subscriber is told, to be waited for. */
function createListener<T>() {
  const told: T[] = [];
  let end: { error?: unknown } | undefined;
  let onMore = () => {};
  return {
    next: (value: T) => {
      told.push(value);
      onMore();
    },
    error: (error: unknown) => {
      end = { error };
      onMore();
    },
    complete: () => {
      end ??= {};
      onMore();
    },
    /** Waits for the n-th message, counted from 1. */
    message: async (n: number): Promise<T> => {
      while (told.length < n) await new Promise<void>((resolve) => (onMore = resolve));
      return told[n - 1] as T;
    },
    end: async () => {
      while (!end) await new Promise<void>((resolve) => (onMore = resolve));
      return end;
    },
    told,
  };
}

describe("graphql-sse", () => {
  it("gets messages with their cursors, and the end", async () => {
    const client = createSseClient({ url, retryAttempts: 0 });
    const listener = createListener<ExecutionResult>();
    client.subscribe({ query: SUBSCRIPTION, variables }, listener);
    const subscription = await streams.next();
    subscription.give(dataOf("a"), "c1");
    subscription.give(dataOf("b"), "c2");
    expect(await listener.message(2)).toEqual({ data: dataOf("b"), extensions: { cursor: "c2" } });
    subscription.sink.end({ kind: "complete" });
    expect(await listener.end()).toEqual({});
    client.dispose();
  });

  it("sends its token, and leaves when its user does", async () => {
    const headers = { authorization: `Bearer ${await issuer.sign()}` };
    const client = createSseClient({ url, headers, retryAttempts: 0 });
    const stop = client.subscribe({ query: SUBSCRIPTION, variables }, createListener<ExecutionResult>());
    const subscription = await streams.next();
    expect(subscription.request.client).toBe("user:user-1");
    stop();
    await subscription.left;
  });

  it("is told why it is refused, and why it ends, as results", async () => {
    const client = createSseClient({ url, retryAttempts: 0 });
    streams.refuse([REFUSED]);
    const refused = createListener<ExecutionResult>();
    client.subscribe({ query: SUBSCRIPTION, variables }, refused);
    expect(await refused.message(1)).toEqual({ errors: [REFUSED.toJSON()] });
    expect(await refused.end()).toEqual({});
    streams.refuse();
    const expired = createListener<ExecutionResult>();
    client.subscribe({ query: SUBSCRIPTION, variables }, expired);
    (await streams.next()).sink.end({ kind: "error", errors: [EXPIRED] });
    expect(await expired.message(1)).toEqual({ errors: [EXPIRED.toJSON()] });
    client.dispose();
  });

  it("comes back with its cursor when the process goes away", async () => {
    let cursor: string | undefined;
    const client = createSseClient({
      url,
      retry: () => Promise.resolve(),
      headers: (): Record<string, string> => (cursor === undefined ? {} : { "last-event-id": cursor }),
    });
    const listener = createListener<ExecutionResult>();
    client.subscribe(
      { query: SUBSCRIPTION, variables },
      {
        ...listener,
        next: (result: ExecutionResult) => {
          cursor = result.extensions?.["cursor"] as string;
          listener.next(result);
        },
      },
    );
    const first = await streams.next();
    first.give(dataOf("a"), "c1");
    await listener.message(1);
    first.sink.end({ kind: "going-away" });
    const second = await streams.next();
    expect(second.request.cursor).toBe("c1");
    second.give(dataOf("b"), "c2");
    expect((await listener.message(2)).data).toEqual(dataOf("b"));
    client.dispose();
  });

  it("gets the one answer of a query", async () => {
    const client = createSseClient({ url, retryAttempts: 0 });
    const listener = createListener<ExecutionResult>();
    client.subscribe({ query: "{ hello }" }, listener);
    expect(await listener.message(1)).toEqual({ data: { hello: "hello world" } });
    expect(await listener.end()).toEqual({});
    client.dispose();
  });
});

describe("urql", () => {
  const createClient = () =>
    new UrqlClient({
      url,
      exchanges: [cacheExchange, fetchExchange],
      fetchSubscriptions: true,
      preferGetMethod: false,
    });
  const subscribe = (client: UrqlClient) => {
    const listener = createListener<OperationResult>();
    const { unsubscribe } = client.subscription(SUBSCRIPTION, variables).subscribe(listener.next);
    return { listener, unsubscribe };
  };

  it("gets messages with their cursors, and leaves", async () => {
    const { listener, unsubscribe } = subscribe(createClient());
    const subscription = await streams.next();
    expect(subscription.request.operationName).toBe("Changes");
    subscription.give(dataOf("a"), "c1");
    subscription.give(dataOf("b"), "c2");
    const { data, error, extensions } = await listener.message(2);
    expect({ data, error, extensions }).toEqual({ data: dataOf("b"), error: undefined, extensions: { cursor: "c2" } });
    unsubscribe();
    await subscription.left;
  });

  it("is told of errors by their codes", async () => {
    streams.refuse([REFUSED]);
    const { listener } = subscribe(createClient());
    const { error } = await listener.message(1);
    expect(error?.graphQLErrors.map(({ extensions }) => extensions["code"])).toEqual(["FORBIDDEN"]);
  });

  it("gets JSON for queries, which it takes from the ordinary door", async () => {
    const { data } = await createClient().query("{ hello }", {});
    expect(data).toEqual({ hello: "hello world" });
  });
});

describe("Apollo Client", () => {
  const createClient = () => new ApolloClient({ link: new HttpLink({ uri: url }), cache: new InMemoryCache() });
  const subscribe = (extensions?: Record<string, unknown>) => {
    const listener = createListener<ApolloClient.SubscribeResult<unknown>>();
    const client = createClient();
    const running = client
      .subscribe({
        query: gql(SUBSCRIPTION),
        variables,
        ...(extensions ? { extensions, context: { http: { includeExtensions: true } } } : {}),
      })
      .subscribe(listener);
    return { listener, stop: () => running.unsubscribe() };
  };

  it("gets messages with their cursors, and the end", async () => {
    const { listener } = subscribe();
    const subscription = await streams.next();
    subscription.give(dataOf("a"), "c1");
    expect((await listener.message(1)).data).toEqual(dataOf("a"));
    subscription.give(dataOf("b"), "c2");
    expect(await listener.message(2)).toMatchObject({ data: dataOf("b"), extensions: { cursor: "c2" } });
    subscription.sink.end({ kind: "complete" });
    expect(await listener.end()).toEqual({});
    expect(listener.told.every(({ error }) => error === undefined)).toBe(true);
  });

  it("resumes by the extensions of its operation, and leaves", async () => {
    const { stop } = subscribe({ resume: { cursor: "c7" } });
    const subscription = await streams.next();
    expect(subscription.request.cursor).toBe("c7");
    stop();
    await subscription.left;
  });

  it("is told why it is refused, by GraphQL errors", async () => {
    streams.refuse([REFUSED]);
    const { listener } = subscribe();
    const { error } = await listener.message(1);
    expect(CombinedGraphQLErrors.is(error) && error.errors[0]?.extensions?.["code"]).toBe("FORBIDDEN");
  });

  it.each([
    ["an expired token", { kind: "error", errors: [EXPIRED] }, "SUBSCRIPTION_TOKEN_EXPIRED"],
    ["a process that goes away", { kind: "going-away" }, "SUBSCRIPTION_GOING_AWAY"],
  ] as const)("is told of %s by a protocol error", async (_what, ending, code) => {
    const { listener } = subscribe();
    const subscription = await streams.next();
    subscription.give(dataOf("a"), "c1");
    await listener.message(1);
    subscription.sink.end(ending);
    const { error } = await listener.message(2);
    expect(CombinedProtocolErrors.is(error) && error.errors[0]?.extensions?.["code"]).toBe(code);
  });
});
