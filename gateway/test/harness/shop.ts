import { GraphQLError } from "graphql";
import { federationLink } from "./compose";
import { type FakeSubgraph, startFakeSubgraph } from "./fake-subgraph";

/** A small graph over two subgraphs, whose fields are named for what they provoke. */
export interface Shop {
  readonly catalog: FakeSubgraph;
  readonly reviews: FakeSubgraph;
  readonly all: readonly FakeSubgraph[];
  close(): Promise<void>;
}

export const CATALOG_SDL = `${federationLink('["@key", "@authenticated", "@requiresScopes", "@shareable"]')}
  type Query {
    "Hello."
    hello(name: String = "world"): String!
    product(id: ID!): Product
    products: [Product!]!
    clientFault: String
    serverFault: String
    mine: String @authenticated
    staffOnly: String @requiresScopes(scopes: [["staff"]])
    echo(text: String!): String
  }
  type Mutation { rename(id: ID!, name: String!): Product }
  type Subscription { productChanged(id: ID!): Product }
  type Product @key(fields: "id") { id: ID! name: String related: [Product!] }
`;

export const REVIEWS_SDL = `${federationLink('["@key"]')}
  type Query { latest: [Review!]! }
  type Review { stars: Int! product: Product! }
  type Product @key(fields: "id") { id: ID! reviews: [Review!] }
`;

const named = (id: string) => ({ id, name: `product ${id}`, related: () => [named(`${id}0`)] });

export async function startShop(options: { before?: () => Promise<void> } = {}): Promise<Shop> {
  const before = options.before ? { before: options.before } : {};
  const catalog = await startFakeSubgraph({
    name: "catalog",
    sdl: CATALOG_SDL,
    ...before,
    resolvers: {
      Query: {
        hello: (_: unknown, { name }: { name: string }) => `hello ${name}`,
        product: (_: unknown, { id }: { id: string }) => named(id),
        products: () => ["1", "2"].map(named),
        clientFault: () => {
          throw new GraphQLError("The name is taken.", { extensions: { code: "CONFLICT", secret: "row 7" } });
        },
        serverFault: () => {
          throw new Error("relation secrets does not exist at db.internal:5432");
        },
        mine: () => "yours",
        staffOnly: () => "for staff",
        echo: (_: unknown, { text }: { text: string }) => text,
      },
      Mutation: { rename: (_: unknown, { id, name }: { id: string; name: string }) => ({ id, name }) },
      Product: { __resolveReference: ({ id }: { id: string }) => named(id) },
    },
  });
  const reviews = await startFakeSubgraph({
    name: "reviews",
    sdl: REVIEWS_SDL,
    resolvers: {
      Query: { latest: () => [{ stars: 5, product: { id: "1" } }] },
      Product: { reviews: ({ id }: { id: string }) => [{ stars: Number(id) % 5, product: { id } }] },
    },
  });
  return {
    catalog,
    reviews,
    all: [catalog, reviews],
    close: async () => void (await Promise.all([catalog.close(), reviews.close()])),
  };
}
