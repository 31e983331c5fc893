import { readFileSync } from "node:fs";
import { join } from "node:path";
import { buildSubgraphSchema } from "@apollo/subgraph";
import type { GraphQLDataSource } from "@apollo/gateway";
import { type DocumentNode, graphql, GraphQLError, type GraphQLSchema, parse } from "graphql";
import { composeSupergraph } from "../../../schema/compose-supergraph";
import { EVENT_DIRECTIVE_SDL } from "../../../kit/subgraph/event-directive";
import type { Viewer } from "../../../kit/viewer";
import type { Generation } from "../../generation";
import { createSupergraphSnapshot } from "../../supergraph/supergraph-snapshot";
import type { UpstreamContext } from "../../upstream/upstream-context";
import type { Upstreams } from "../../upstream/upstreams";

const LINK = `extend schema @link(url: "https://specs.apollo.dev/federation/v2.12", import: ["@key", "@composeDirective"])`;

export const ORDER_1 = "01890000-0000-7000-8000-0000000000e1";

/** Three tiny subgraphs in this process, and a gateway generation made of them. */
export function createCommerce() {
  const state = { status: "PENDING", ordersDown: false, usersDown: false, calls: [] as string[] };
  const subgraph = (typeDefs: string, resolvers: object) =>
    buildSubgraphSchema({ typeDefs: parse(typeDefs), resolvers: resolvers as never });
  const sdl = {
    orders: `${LINK} ${EVENT_DIRECTIVE_SDL}
      type Query { order(id: ID!): Order }
      type Order @key(fields: "id") { id: ID! status: String! note(shout: Boolean): String customer: User! lines: [Line!]! broken: String }
      type Line { quantity: Int! product: Product! }
      type User @key(fields: "id", resolvable: false) { id: ID! }
      type Product @key(fields: "id", resolvable: false) { id: ID! }
      type Subscription {
        orderUpdated(orderId: ID!): Order! @event(types: ["orders.order.placed.v1", "orders.order.confirmed.v1"], key: "orderId", where: "orderId == $args.orderId")
        myOrders: Order @event(types: ["orders.order.placed.v1"], key: "orderId", where: "userId == $claims.sub")
      }`,
    users: `${LINK} type Query { me: User } type User @key(fields: "id") { id: ID! name: String }`,
    products: `${LINK} type Query { top: Product } type Product @key(fields: "id") { id: ID! title: String! }`,
  };
  const schemas: Record<string, GraphQLSchema> = {
    orders: subgraph(sdl.orders, {
      Order: {
        __resolveReference: ({ id }: { id: string }, { viewer }: { viewer: Viewer }) =>
          id === ORDER_1 && (viewer?.subject === "u1" || viewer?.scopes.includes("orders:read"))
            ? { id, status: state.status, customer: { id: "u1" }, lines: [{ quantity: 2, product: { id: "p1" } }] }
            : null,
        note: (_: unknown, { shout }: { shout?: boolean }) => (shout ? "HELLO" : "hello"),
        broken: () => {
          throw new GraphQLError("no luck", { extensions: { code: "CONFLICT" } });
        },
      },
    }),
    users: subgraph(sdl.users, {
      User: { __resolveReference: ({ id }: { id: string }) => ({ id, name: `user ${id}` }) },
    }),
    products: subgraph(sdl.products, {
      Product: { __resolveReference: ({ id }: { id: string }) => ({ id, title: `product ${id}` }) },
    }),
  };
  const sources = Object.fromEntries(
    Object.entries(schemas).map(([name, schema]): [string, GraphQLDataSource] => [
      name,
      {
        process: async ({ request, context }) => {
          state.calls.push(name);
          if ((name === "orders" && state.ordersDown) || (name === "users" && state.usersDown)) {
            return {
              data: null,
              errors: [new GraphQLError("away", { extensions: { code: "SUBGRAPH_UNAVAILABLE" } })],
            } as never;
          }
          const result = await graphql({
            schema,
            source: request.query ?? "",
            variableValues: request.variables ?? {},
            contextValue: context,
          });
          return JSON.parse(JSON.stringify(result)) as never;
        },
      },
    ]),
  );
  const upstreams: Upstreams = {
    forSubgraph: ({ name }) => sources[name] as never,
    close: () => Promise.resolve(),
  };
  const { supergraphSdl } = composeSupergraph(
    Object.entries(sdl).map(([name, text]) => ({ name, url: `http://${name}/graphql`, sdl: text })),
  );
  const supergraph = createSupergraphSnapshot(supergraphSdl);
  const generation = { supergraph } as Generation;
  return { state, upstreams, generation };
}

export const asUser = (subject: string, ...scopes: string[]): UpstreamContext => ({
  requestId: "r1",
  traceparent: "00-11111111111111111111111111111111-2222222222222222-01",
  viewer: { kind: "user", subject, roles: [], scopes },
});

export const asNobody: UpstreamContext = { ...asUser("x"), viewer: undefined };

export const documentOf = (text: string): DocumentNode => parse(text);

/** The platform's real supergraph, as it is committed. */
export const committedSupergraph = (): string =>
  readFileSync(join(__dirname, "../../../schema/supergraph.graphql"), "utf8");
