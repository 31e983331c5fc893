import { buildSubgraphSchema } from "@apollo/subgraph";
import { buildSchema, graphql, type GraphQLSchema, parse } from "graphql";
import { products, type Product, reviews, users } from "./data";

/**
 * The four subgraphs in the form that every contender can compose, Federation 1: Federation 2 composers read it as well,
 * and Mercurius reads nothing else.
 */
export const subgraphSdl = {
  accounts: /* GraphQL */ `
    extend type Query {
      me: User
      user(id: ID!): User
      users: [User]
    }

    type User @key(fields: "id") {
      id: ID!
      name: String
      username: String
      birthday: Int
    }
  `,
  inventory: /* GraphQL */ `
    extend type Product @key(fields: "upc") {
      upc: String! @external
      weight: Int @external
      price: Int @external
      inStock: Boolean
      shippingEstimate: Int @requires(fields: "price weight")
    }
  `,
  products: /* GraphQL */ `
    extend type Query {
      topProducts(first: Int = 5): [Product]
    }

    type Product @key(fields: "upc") {
      upc: String!
      name: String
      price: Int
      weight: Int
    }
  `,
  reviews: /* GraphQL */ `
    type Review @key(fields: "id") {
      id: ID!
      body: String
      product: Product
      author: User @provides(fields: "username")
    }

    extend type User @key(fields: "id") {
      id: ID! @external
      username: String @external
      reviews: [Review]
    }

    extend type Product @key(fields: "upc") {
      upc: String! @external
      reviews: [Review]
    }
  `,
} as const;

export type SubgraphName = keyof typeof subgraphSdl;
export const subgraphNames = Object.keys(subgraphSdl) as SubgraphName[];

/** The same graph in one schema: what `expectedAnswer` executes. */
const monolithSdl = /* GraphQL */ `
  type Query {
    me: User
    user(id: ID!): User
    users: [User]
    topProducts(first: Int = 5): [Product]
  }

  type User {
    id: ID!
    name: String
    username: String
    birthday: Int
    reviews: [Review]
  }

  type Product {
    upc: String!
    name: String
    price: Int
    weight: Int
    inStock: Boolean
    shippingEstimate: Int
    reviews: [Review]
  }

  type Review {
    id: ID!
    body: String
    product: Product
    author: User
  }
`;

const userBy = (id: string) => users.find((user) => user.id === id);
const productBy = (upc: string) => products.find((product) => product.upc === upc);
const reviewBy = (id: string) => reviews.find((review) => review.id === id);

/** Dear things travel for nothing, others for half their weight. */
const shippingEstimate = ({ price, weight }: Pick<Product, "price" | "weight">) =>
  price > 1_000 ? 0 : Math.trunc(weight / 2);

const rootResolvers = {
  me: () => users[0],
  user: (_: unknown, { id }: { id: string }) => userBy(id),
  users: () => users,
  topProducts: (_: unknown, { first }: { first: number }) => products.slice(0, first),
};
const reviewsOfUser = ({ id }: { id: string }) => userBy(id)?.reviews.map(reviewBy);
const reviewsOfProduct = ({ upc }: { upc: string }) => reviews.filter((review) => review.product === upc);
const reviewResolvers = {
  product: ({ product }: { product: string }) => productBy(product),
  author: ({ author }: { author: string }) => userBy(author),
};

const resolvers = {
  accounts: {
    Query: { me: rootResolvers.me, user: rootResolvers.user, users: rootResolvers.users },
    User: { __resolveReference: ({ id }: { id: string }) => userBy(id) },
  },
  inventory: {
    Product: {
      __resolveReference: (reference: Product) => ({ ...reference, inStock: productBy(reference.upc)?.inStock }),
      shippingEstimate,
    },
  },
  products: {
    Query: { topProducts: rootResolvers.topProducts },
    Product: { __resolveReference: ({ upc }: { upc: string }) => productBy(upc) },
  },
  reviews: {
    Review: { ...reviewResolvers, __resolveReference: ({ id }: { id: string }) => reviewBy(id) },
    User: { __resolveReference: ({ id }: { id: string }) => userBy(id), reviews: reviewsOfUser },
    Product: { __resolveReference: ({ upc }: { upc: string }) => productBy(upc), reviews: reviewsOfProduct },
  },
};

export function createSubgraphSchema(name: SubgraphName): GraphQLSchema {
  // The resolver maps differ by subgraph; the builder's type wants one index signature for all of them.
  return buildSubgraphSchema({ typeDefs: parse(subgraphSdl[name]), resolvers: resolvers[name] as never });
}

/** What a gateway must answer, computed without any gateway. */
export async function expectedAnswer(source: string): Promise<unknown> {
  const schema = buildSchema(monolithSdl);
  const fields = {
    Query: rootResolvers,
    User: { reviews: reviewsOfUser },
    Product: { reviews: reviewsOfProduct, shippingEstimate },
    Review: reviewResolvers,
  };
  for (const [type, own] of Object.entries(fields)) {
    const definitions = (schema.getType(type) as ReturnType<GraphQLSchema["getQueryType"]>)!.getFields();
    for (const [field, resolve] of Object.entries(own)) definitions[field]!.resolve = resolve as never;
  }
  const result = await graphql({ schema, source });
  if (result.errors) throw new Error(`the scenario does not answer its own operation: ${result.errors[0]!.message}`);
  return JSON.parse(JSON.stringify(result));
}
