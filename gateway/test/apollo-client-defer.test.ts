import { ApolloClient, ApolloLink, gql, HttpLink, InMemoryCache, type ObservableQuery } from "@apollo/client";
import { CombinedGraphQLErrors } from "@apollo/client/errors";
import { Defer20220824Handler, GraphQL17Alpha9Handler } from "@apollo/client/incremental";
import { PersistedQueryLink } from "@apollo/client/link/persisted-queries";
import { createHash } from "node:crypto";
import { federationLink } from "./harness/compose";
import { type FakeSubgraph, startFakeSubgraph } from "./harness/fake-subgraph";
import { startTestGateway, type TestGateway } from "./harness/test-gateway";

/** Subgraphs that wait before they answer, by name. */
const gates = new Map<string, { readonly opened: Promise<void>; readonly open: () => void }>();

const hold = (...names: readonly string[]) => {
  for (const name of names) {
    let open!: () => void;
    const opened = new Promise<void>((resolve) => (open = resolve));
    gates.set(name, { opened, open });
  }
};
const release = (name: string) => gates.get(name)?.open();

let subgraphs: readonly FakeSubgraph[];
let gateway: TestGateway;

beforeAll(async () => {
  const before = (name: string) => async () => gates.get(name)?.opened;
  subgraphs = await Promise.all([
    startFakeSubgraph({
      name: "products",
      sdl: `${federationLink('["@key"]')}
        type Query { product(id: ID!): Product products: [Product!]! }
        type Product @key(fields: "id") { id: ID! name: String }`,
      resolvers: {
        Query: {
          product: (_: unknown, { id }: { id: string }) => ({ id, name: `n${id}` }),
          products: () => ["1", "2"].map((id) => ({ id, name: `n${id}` })),
        },
      },
    }),
    startFakeSubgraph({
      name: "reviews",
      before: before("reviews"),
      sdl: `${federationLink('["@key"]')}
        type Review { stars: Int! author: User }
        type User @key(fields: "id") { id: ID! }
        type Product @key(fields: "id") { id: ID! reviews: [Review!] broken: String strict: Int! }`,
      resolvers: {
        Product: {
          reviews: ({ id }: { id: string }) => [{ stars: Number(id), author: { id: `u${id}` } }],
          broken: () => {
            throw new Error("row 7");
          },
          strict: () => {
            throw new Error("row 8");
          },
        },
      },
    }),
    startFakeSubgraph({
      name: "users",
      before: before("users"),
      sdl: `${federationLink('["@key"]')} type User @key(fields: "id") { id: ID! name: String }`,
      resolvers: { User: { name: ({ id }: { id: string }) => `name of ${id}` } },
    }),
  ]);
  gateway = await startTestGateway({ subgraphs });
});
afterAll(() => Promise.all([gateway.close(), ...subgraphs.map((subgraph) => subgraph.close())]));
afterEach(() => {
  for (const { open } of gates.values()) open();
  gates.clear();
});

/** A client as an application makes it, and the type of each answer that it got. */
function createClient(options: { handler?: Defer20220824Handler | GraphQL17Alpha9Handler; before?: ApolloLink } = {}) {
  const types: (string | null)[] = [];
  const http = new HttpLink({
    uri: `${gateway.url}/graphql`,
    fetch: async (...request: Parameters<typeof fetch>) => {
      const response = await fetch(...request);
      types.push(response.headers.get("content-type"));
      return response;
    },
  });
  const client = new ApolloClient({
    link: options.before ? ApolloLink.from([options.before, http]) : http,
    cache: new InMemoryCache(),
    incrementalHandler: options.handler ?? new Defer20220824Handler(),
  });
  return { client, types };
}

interface Seen {
  readonly data: unknown;
  readonly state: string;
  readonly errors: readonly string[];
}

/** What a component that watches the query is given, one after the other. */
function watch(query: ObservableQuery<unknown>) {
  const seen: Seen[] = [];
  let onMore = () => {};
  const subscription = query.subscribe(({ data, dataState, loading, error }) => {
    if (data === undefined && loading) return;
    const errors = CombinedGraphQLErrors.is(error) ? error.errors.map(({ path }) => (path ?? []).join(".")) : [];
    seen.push({ data, state: loading || dataState === "streaming" ? "streaming" : "complete", errors });
    onMore();
  });
  return {
    /** Waits for an answer that shows it. */
    until: async (isThere: (seen: Seen) => boolean): Promise<Seen> => {
      for (;;) {
        const found = seen.find(isThere);
        if (found) return found;
        await new Promise<void>((resolve) => (onMore = resolve));
      }
    },
    stop: () => subscription.unsubscribe(),
  };
}

const PARTS = 'multipart/mixed; boundary="-"; deferSpec=20220824';

describe("Apollo Client", () => {
  it("shows each deferred part when it is there, one inside of another included", async () => {
    hold("reviews", "users");
    const { client, types } = createClient();
    const { until, stop } = watch(
      client.watchQuery({
        query: gql`
          query Page($id: ID!) {
            product(id: $id) {
              id
              name
              ...Reviews @defer(label: "reviews")
            }
          }
          fragment Reviews on Product {
            reviews {
              stars
              author {
                id
                ... @defer(label: "author") {
                  name
                }
              }
            }
          }
        `,
        variables: { id: "7" },
      }),
    );
    const first = await until(({ data }) => data !== undefined);
    expect(first).toMatchObject({ state: "streaming", data: { product: { id: "7", name: "n7" } } });
    expect(JSON.stringify(first.data)).not.toContain("stars");
    release("reviews");
    const second = await until(({ data }) => JSON.stringify(data).includes("stars"));
    expect(second).toMatchObject({
      state: "streaming",
      data: { product: { reviews: [{ stars: 7, author: { id: "u7" } }] } },
    });
    expect(JSON.stringify(second.data)).not.toContain("name of");
    release("users");
    expect(await until(({ state }) => state === "complete")).toEqual({
      state: "complete",
      errors: [],
      data: {
        product: {
          __typename: "Product",
          id: "7",
          name: "n7",
          reviews: [{ __typename: "Review", stars: 7, author: { __typename: "User", id: "u7", name: "name of u7" } }],
        },
      },
    });
    expect(types).toEqual([PARTS]);
    stop();
  });

  it("gets the parts of every element of a list", async () => {
    const { client } = createClient();
    const { until, stop } = watch(
      client.watchQuery({
        query: gql`
          {
            products {
              id
              ... @defer {
                reviews {
                  stars
                }
              }
            }
          }
        `,
      }),
    );
    const { data } = await until(({ state }) => state === "complete");
    expect(data).toMatchObject({ products: [{ reviews: [{ stars: 1 }] }, { reviews: [{ stars: 2 }] }] });
    stop();
  });

  it("keeps what is there beside an error of a deferred part, and is told its path", async () => {
    const { client } = createClient();
    const { until, stop } = watch(
      client.watchQuery({
        query: gql`
          {
            product(id: "1") {
              name
              ... @defer(label: "bad") {
                broken
              }
              ... @defer(label: "good") {
                reviews {
                  stars
                }
              }
            }
          }
        `,
        fetchPolicy: "no-cache",
        errorPolicy: "all",
      }),
    );
    expect(await until(({ state }) => state === "complete")).toMatchObject({
      errors: ["product.broken"],
      data: { product: { name: "n1", broken: null, reviews: [{ stars: 1 }] } },
    });
    stop();
  });

  it("does without a part that is null as a whole", async () => {
    const { client } = createClient();
    const { until, stop } = watch(
      client.watchQuery({
        query: gql`
          {
            product(id: "1") {
              name
              ... @defer {
                strict
              }
            }
          }
        `,
        fetchPolicy: "no-cache",
        errorPolicy: "all",
      }),
    );
    const last = await until(({ errors }) => errors.length > 0);
    expect(last).toMatchObject({ errors: ["product.strict"], data: { product: { name: "n1" } } });
    expect(last.data).not.toHaveProperty("product.strict");
    stop();
  });

  it.each([
    ["written out", "", "false", {}],
    ["by a variable", "query ($put: Boolean!)", "$put", { put: false }],
  ])("gets one answer where nothing is put off: %s", async (_how, head, condition, variables) => {
    const { client, types } = createClient();
    const query = gql(`${head} { product(id: "1") { name ... @defer(if: ${condition}) { reviews { stars } } } }`);
    const { data } = await client.query({ query, variables });
    expect(data).toMatchObject({ product: { name: "n1", reviews: [{ stars: 1 }] } });
    expect(types).toEqual([expect.stringMatching(/^application\/(graphql-response\+)?json/)]);
  });

  it("is told what is wrong with a document that defers", async () => {
    const { client } = createClient();
    const query = gql`
      {
        product(id: "1") {
          ... @defer {
            shoeSize
          }
        }
      }
    `;
    const error: unknown = await client.query({ query }).catch((reason: unknown) => reason);
    expect(CombinedGraphQLErrors.is(error) && error.errors[0]?.extensions).toEqual({
      code: "GRAPHQL_VALIDATION_FAILED",
    });
  });

  it("may send the hash of a document that defers", async () => {
    const sha256 = (text: string) => createHash("sha256").update(text).digest("hex");
    const { client, types } = createClient({ before: new PersistedQueryLink({ sha256 }) });
    const query = gql`
      {
        product(id: "2") {
          id
          ... @defer(label: "hashed") {
            reviews {
              stars
            }
          }
        }
      }
    `;
    for (let time = 0; time < 2; time++) {
      const { until, stop } = watch(client.watchQuery({ query, fetchPolicy: "network-only" }));
      const { data } = await until(({ state }) => state === "complete");
      expect(data).toMatchObject({ product: { reviews: [{ stars: 2 }] } });
      stop();
    }
    expect(types.at(-1)).toBe(PARTS);
  });

  it("that speaks a later version of the protocol gets one answer", async () => {
    const { client, types } = createClient({ handler: new GraphQL17Alpha9Handler() });
    const { data } = await client.query({
      query: gql`
        {
          product(id: "3") {
            name
            ... @defer {
              reviews {
                stars
              }
            }
          }
        }
      `,
    });
    expect(data).toMatchObject({ product: { name: "n3", reviews: [{ stars: 3 }] } });
    expect(types).toEqual([expect.stringMatching(/^application\/(graphql-response\+)?json/)]);
  });
});
