import { buildSubgraphSchema } from "@apollo/subgraph";
import { getOperationAST, graphql, GraphQLError, type GraphQLSchema, parse } from "graphql";
import type { EventMessage } from "../../../../kit/amqp/event-message";
import { createLogger } from "../../../../kit/log";
import type { Viewer } from "../../../../kit/viewer";
import { createOperationCosts } from "../../../access/cost/operation-cost";
import { readAccessRules } from "../../../access/rules/access-rules";
import { createExecutor } from "../../../execution/create-executor";
import { createOperationStore } from "../../../execution/operation-store";
import type { Generation } from "../../../generation";
import { createOverrideLabels } from "../../../operation/override-labels";
import { coerceVariableValues } from "../../../operation/coerce-variables";
import { compose } from "../../../test/harness/compose";
import { loadInThread } from "../../../test/harness/load-in-thread";
import type { Outcome } from "../../../upstream/call-subgraph";
import { clientsOf } from "../../../upstream/create-upstreams";
import { readAnswer } from "../../../upstream/read-answer";
import { replyOf } from "../../../upstream/reply";
import type { UpstreamContext } from "../../../upstream/upstream-context";
import { UpstreamFault } from "../../../upstream/upstream-fault";
import type { SubgraphClient, SubgraphRequest, Upstreams } from "../../../upstream/upstreams";
import type { CheckedOperation } from "../../stream";

/** One request as a subgraph gets it: all by which it may tell callers apart, and the ids that it logs. */
export interface RecordedCall {
  readonly subgraph: string;
  readonly viewer: Viewer;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  readonly requestId: string;
  readonly traceparent: string;
}

/** Answers in place of the subgraph. */
export type Script = (request: SubgraphRequest, context: UpstreamContext) => Outcome | Promise<Outcome>;

interface Asker {
  readonly viewer: Viewer;
  readonly headers: Readonly<Record<string, string>>;
}

const LINKS = `
extend schema
  @link(url: "https://specs.apollo.dev/federation/v2.12", import: ["@key", "@requires", "@provides", "@external", "@shareable", "@authenticated", "@composeDirective"])
  @link(url: "https://tributary.dev/event/v1.0", import: ["@event", { name: "@viewerIndependent", as: "@sameForAll" }])
  @composeDirective(name: "@event")
  @composeDirective(name: "@sameForAll")
scalar event__Any
directive @sameForAll on FIELD_DEFINITION | OBJECT
directive @event(types: [String!]!, key: String!, entities: event__Any, where: String, authorize: String, delivery: event__Any, payload: event__Any, buffer: event__Any, replay: event__Any) on FIELD_DEFINITION
`;

const SDL = {
  products: `${LINKS}
    type Query { top: Product }
    type Product @key(fields: "id") @key(fields: "sku") {
      id: ID! @sameForAll
      title: String! @sameForAll
      price(currency: String, format: Format): Int @sameForAll
      weight: Int @sameForAll
      sku: ID
      yours: String
      members: String @sameForAll @authenticated
      maker: Maker @sameForAll
      box: Box @sameForAll
    }
    input Format { digits: Int = 2, style: String }
    type Maker @sameForAll { name: String! country: Country }
    type Country { code: String! }
    type Box { size: Int @sameForAll owner: String }
    type Bundle @key(fields: "id") @sameForAll { id: ID! name: String! products: [Product!]! }
    union Thing = Product | Bundle
    type Subscription {
      productChanged(id: ID!, note: String): Product
        @event(types: ["product.changed.v1"], key: "productId", where: "productId == $args.id")
      priceChanged(ids: [ID!]!): Product
        @event(types: ["product.priced.v1"], key: "productId", where: "productId in $args.ids", delivery: "PAYLOAD"
          payload: [{ field: "price", path: "price.amount" }, { field: "title", path: "title" }, { field: "maker", path: "maker" }])
      thingChanged: Thing
        @event(types: ["product.changed.v1", "bundle.changed.v1"], key: "id"
          entities: [{ event: "product.changed.v1", type: "Product" }, { event: "bundle.changed.v1", type: "Bundle" }])
      staffOnly(id: ID!): Product
        @authenticated @event(types: ["product.changed.v1"], key: "productId", where: "productId == $args.id")
      silent: Product
    }`,
  reviews: `${LINKS}
    type Product @key(fields: "id") {
      id: ID! @sameForAll
      weight: Int @external
      shipping: Int @requires(fields: "weight") @sameForAll
      yours: String @external
      advice: String @requires(fields: "yours") @sameForAll
      rating(of: String): Int @sameForAll
      yourReview: String
    }`,
  stock: `${LINKS}
    type Product @key(fields: "sku") { sku: ID stock: Int @sameForAll }`,
  orders: `${LINKS}
    type Order @key(fields: "id") {
      id: ID! status: String! note(shout: Boolean): String product: Product! secret: String
      search(filter: Filter!): String extras: [Extra!]! lines: [Line!]! broken: String
    }
    input Filter { words: [String!]! inner: Filter }
    union Extra = Gift | Coupon
    type Gift { amount: Int! }
    type Coupon { amount: Int }
    type Line { quantity: Int! product: Product! broken: String }
    type Product @key(fields: "id", resolvable: false) { id: ID! }
    type Subscription {
      orderUpdated(orderId: ID!): Order @event(types: ["order.changed.v1"], key: "orderId", where: "orderId == $args.orderId")
      myOrders: Order @event(types: ["order.changed.v1"], key: "orderId", where: "userId == $claims.sub")
    }`,
};

const nameOf = ({ viewer, headers }: Asker) => `${viewer?.subject ?? "nobody"}@${headers["x-tenant"] ?? "-"}`;

/**
 * A few small subgraphs in this process, and a generation made of them. What differs between viewers says whose it is.
 * @param edit makes another graph of them
 */
export function createShop(edit: (sdl: string) => string = (sdl) => sdl) {
  const state = {
    calls: [] as RecordedCall[],
    price: 100,
    status: "PENDING",
    scripts: new Map<string, Script>(),
    /** Answers arrive after it. */
    answers: Promise.resolve(),
  };
  const build = (typeDefs: string, resolvers: object) =>
    buildSubgraphSchema({ typeDefs: parse(typeDefs), resolvers: resolvers as never });
  const broken = () => {
    throw new GraphQLError("no luck", { extensions: { code: "CONFLICT" } });
  };
  const product = (id: string) => (id === "gone" ? null : { __typename: "Product", id, sku: `sku-${id}` });
  const schemas: Record<string, GraphQLSchema> = {
    products: build(SDL.products, {
      Product: {
        __resolveReference: ({ id }: { id: string }) => product(id),
        title: ({ id }: { id: string }) => `product "${id}"`,
        price: (_: unknown, { currency }: { currency?: string }) => (currency === "X" ? -1 : state.price),
        weight: () => 7,
        yours: (_: unknown, _args: unknown, asker: Asker) => `yours ${nameOf(asker)}`,
        members: (_: unknown, _args: unknown, asker: Asker) => `members ${nameOf(asker)}`,
        maker: () => ({ name: "maker", country: { code: "DE" } }),
        box: (_: unknown, _args: unknown, asker: Asker) => ({ size: 3, owner: `box ${nameOf(asker)}` }),
      },
      Bundle: {
        __resolveReference: ({ id }: { id: string }) => ({ id, name: `bundle ${id}`, products: [product("p1")] }),
      },
      Thing: { __resolveType: (thing: { __typename?: string }) => thing.__typename ?? "Bundle" },
    }),
    reviews: build(SDL.reviews, {
      Product: {
        __resolveReference: (representation: object) => representation,
        shipping: ({ weight }: { weight: number }) => weight * 2,
        advice: ({ yours }: { yours: string }) => `advice for ${yours}`,
        rating: (_: unknown, { of }: { of?: string }) => of?.length ?? 5,
        yourReview: (_: unknown, _args: unknown, asker: Asker) => `review ${nameOf(asker)}`,
      },
    }),
    stock: build(SDL.stock, { Product: { __resolveReference: (product: object) => product, stock: () => 4 } }),
    orders: build(SDL.orders, {
      Order: {
        __resolveReference: ({ id }: { id: string }, { viewer }: Asker) =>
          viewer && (viewer.subject.startsWith("u") || viewer.scopes.includes("orders:read"))
            ? { id, status: state.status, product: { id: "p1" }, lines: [{ quantity: 2, product: { id: "p1" } }] }
            : null,
        search: (_: unknown, { filter }: { filter: unknown }) => JSON.stringify(filter),
        extras: () => [
          { __typename: "Gift", amount: 1 },
          { __typename: "Coupon", amount: 2 },
        ],
        broken,
        note: (_: unknown, { shout }: { shout?: boolean }, asker: Asker) =>
          shout ? `NOTE ${nameOf(asker)}` : `note ${nameOf(asker)}`,
        secret: (_: unknown, _args: unknown, asker: Asker) => `secret ${nameOf(asker)}`,
      },
      Line: { broken },
    }),
  };
  const log = createLogger("test", "silent");
  const answer = async (name: string, request: SubgraphRequest, context: UpstreamContext): Promise<Outcome> => {
    const script = state.scripts.get(name);
    if (script) return script(request, context);
    const { query, variables = {} } = JSON.parse(request.body) as {
      query: string;
      variables?: Record<string, unknown>;
    };
    const contextValue: Asker = { viewer: context.viewer, headers: context.forwardedHeaders ?? {} };
    const schema = schemas[name];
    if (!schema) return new UpstreamFault("connection", "no such subgraph");
    const result = await graphql({ schema, source: query, variableValues: variables, contextValue });
    await state.answers;
    return answerOf(result, request);
  };
  const clientOf = (name: string): SubgraphClient => ({
    send: (request, context) => {
      const { viewer, forwardedHeaders = {}, requestId, traceparent } = context;
      state.calls.push({
        subgraph: name,
        viewer,
        headers: forwardedHeaders,
        body: request.body,
        requestId,
        traceparent,
      });
      const gone = new Promise<Outcome>((resolve) =>
        context.signal?.addEventListener("abort", () => resolve(new UpstreamFault("aborted", "gone")), { once: true }),
      );
      return Promise.race([answer(name, request, context), gone]).then((outcome) =>
        replyOf(outcome, { subgraph: name, requestId, isShared: false, log }),
      );
    },
  });
  const clients = new Map(Object.keys(SDL).map((name) => [name, clientOf(name)]));
  const upstreams: Pick<Upstreams, "client"> = {
    client: ({ name }) => {
      const client = clients.get(name);
      if (!client) throw new Error(`there is no subgraph "${name}"`);
      return client;
    },
  };
  const supergraph = loadInThread(
    compose(Object.entries(SDL).map(([name, sdl]) => ({ name, sdl: edit(sdl), url: `http://${name}/graphql` }))),
  );
  const executor = createExecutor({
    supergraph,
    planner: supergraph.planner,
    client: clientsOf(upstreams, supergraph.subgraphs),
  });
  const generation: Generation = {
    supergraph,
    executor,
    rules: readAccessRules(supergraph.fullDocument),
    operations: createOperationStore({ executor, maxBytes: 50_000_000, onLookUp: () => undefined }),
    overrideLabels: createOverrideLabels([], new Set()),
    costs: createOperationCosts({
      schema: supergraph.apiSchema,
      supergraph: supergraph.fullDocument,
      listSize: 10,
    }),
  };
  return { state, upstreams, generation };
}

/** An answer of a subgraph as the HTTP client hands it on. */
export function answerOf(result: unknown, { rewrite }: SubgraphRequest): Outcome {
  const chunks = [Buffer.from(JSON.stringify(result))];
  const size = chunks[0]?.length ?? 0;
  const answer = readAnswer({ status: 200, contentType: "application/json", contentEncoding: "", chunks, size });
  if (answer.data) rewrite?.(answer.data);
  return answer;
}

/** As the doors check it. */
export function checked(
  generation: Generation,
  text: string,
  variables: Readonly<Record<string, unknown>> = {},
): CheckedOperation {
  const document = parse(text);
  const operation = getOperationAST(document);
  if (!operation) throw new Error("there is no operation");
  const { apiSchema } = generation.supergraph;
  const { coerced, errors } = coerceVariableValues(apiSchema, operation.variableDefinitions ?? [], variables);
  if (errors) throw new AggregateError(errors);
  return { generation, document, operation, variables: coerced };
}

export const asViewer = (viewer: Viewer, forwardedHeaders?: Readonly<Record<string, string>>): UpstreamContext => ({
  requestId: "the-client",
  traceparent: "00-11111111111111111111111111111111-2222222222222222-01",
  viewer,
  ...(forwardedHeaders ? { forwardedHeaders } : {}),
});

export const user = (subject: string, more: Partial<NonNullable<Viewer>> = {}): Viewer => ({
  kind: "user",
  subject,
  roles: [],
  scopes: [],
  ...more,
});

let events = 0;
export const eventOf = (type: string, data: unknown, more: Partial<EventMessage> = {}): EventMessage => ({
  id: `event-${++events}`,
  type,
  source: "/shop",
  subject: "s",
  time: "2026-11-21T10:00:00.000Z",
  data,
  ...more,
});
