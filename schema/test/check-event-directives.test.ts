import { EVENT_DIRECTIVE_SDL } from "../../kit/subgraph/event-directive";
import { CompositionError, composeSupergraph } from "../compose-supergraph";

const PLACED = "orders.order.placed.v1";
const CANCELLED = "orders.order.cancelled.v1";
const REPRICED = "products.variant.repriced.v1";

const HEAD = `extend schema @link(url: "https://specs.apollo.dev/federation/v2.12", import: ["@key", "@shareable", "@authenticated", "@composeDirective"])
  ${EVENT_DIRECTIVE_SDL}`;
const TYPES = `
  type Query { order: Order things: [Thing] }
  type Order @key(fields: "id") { id: ID! reason: Reason secret: String @authenticated loud(very: Boolean): String lines: [Line!] total: Int }
  type Line { a: Int }
  type Variant @key(fields: "id") { id: ID! productId: ID! amount: Int! }
  type Named @key(fields: "name") { name: String }
  type Plain { a: Int }
  union Thing = Order | Variant
  union Mixed = Order | Plain
  enum Reason { OUT_OF_STOCK CUSTOMER_REQUEST STAFF_REQUEST PRODUCT_UNAVAILABLE }
  enum Other { SOMETHING }
  input Where { a: Int }
  scalar DateTime`;

const subgraph = (subscription: string, types = TYPES) => ({
  name: "shop",
  url: "http://shop/graphql",
  sdl: `${HEAD} ${types} type Subscription { ${subscription} }`,
});

function reasonsOf(...subgraphs: { name: string; url: string; sdl: string }[]): readonly string[] {
  try {
    composeSupergraph(subgraphs);
    return [];
  } catch (error) {
    if (error instanceof CompositionError) return error.reasons;
    throw error;
  }
}

const event = (rest: string, types = PLACED, key = "orderId") =>
  `@event(types: ["${types}"], key: "${key}"${rest && `, ${rest}`})`;

test.each([
  ["everything left out", `f: Order ${event("")}`],
  ["an argument of the path's type", `f(id: ID!): Order ${event(`where: "orderId == $args.id"`)}`],
  [
    "an optional argument with a default",
    `f(least: Int = 3): Variant ${event(`where: "newPrice.amountMinor >= $args.least"`, REPRICED, "variantId")}`,
  ],
  ["a list behind in", `f(ids: [ID!]!): Order ${event(`where: "orderId in $args.ids"`)}`],
  [
    "claims and literals",
    `f: Order ${event(`where: "userId == $claims.sub && reason in ['OUT_OF_STOCK']"`, CANCELLED)}`,
  ],
  ["an enum as a text", `f(why: Reason!): Order ${event(`where: "reason == $args.why"`, CANCELLED)}`],
  ["a scalar of its own as anything", `f(at: DateTime!): Order ${event(`where: "orderId != $args.at"`)}`],
  [
    "a body of the fields' types",
    `f: Order ${event(`delivery: PAYLOAD, payload: [{ field: "id", path: "orderId" }, { field: "reason", path: "reason" }]`, CANCELLED)}`,
  ],
  [
    "a guarded field with authorize",
    `f: Order ${event(`delivery: PAYLOAD, payload: [{ field: "secret", path: "userId" }], authorize: "userId == $claims.sub"`)}`,
  ],
  [
    "a union with its types",
    `f: Thing @event(types: ["${PLACED}"], key: "orderId", entities: [{ event: "${PLACED}", type: "Order" }])`,
  ],
  [
    "a buffer and a replay of one's own",
    `f: Order ${event(`buffer: { policy: LATEST, maxMessages: 1, maxBytes: 4096, coalesceMs: 250 }, replay: { maxAgeSeconds: 0, maxEvents: 0 }`)}`,
  ],
])("composes a stream with %s", (_what, field) => {
  expect(reasonsOf(subgraph(field))).toEqual([]);
});

test.each([
  [
    "a key that is no id",
    `f: Order ${event("", PLACED, "lines")}`,
    `the path "lines" (key) is array in ${PLACED}, which is no id`,
  ],
  [
    "a key that may be null",
    `f: Variant ${event("", REPRICED, "productStatus")}`,
    `the path "productStatus" (key) is string or null in ${REPRICED}, which is no id`,
  ],
  ["no path at all for a key", `f: Order ${event("", PLACED, "order..id")}`, 'key is not a path such as "order.id"'],
  [
    "a path of one event type only",
    `f: Order @event(types: ["${PLACED}", "${CANCELLED}"], key: "orderId", where: "reason == 'OUT_OF_STOCK'")`,
    `the path "reason" (where) is not in the body of ${PLACED}`,
  ],
  [
    "an argument of another type",
    `f(n: Int!): Order ${event(`where: "orderId == $args.n"`)}`,
    `the path "orderId" (where) is string in ${PLACED} and never equals $args.n (number)`,
  ],
  [
    "an argument that is no scalar",
    `f(w: Where!): Order ${event(`where: "orderId == $args.w"`)}`,
    'the argument "w" is no scalar',
  ],
  [
    "an argument that can be left out",
    `f(id: ID): Order ${event(`where: "orderId == $args.id"`)}`,
    'the argument "id" can be left out',
  ],
  [
    "a list where one value is compared",
    `f(ids: [ID!]!): Order ${event(`where: "orderId == $args.ids"`)}`,
    "compares with one value, and $args.ids is not",
  ],
  [
    "one value behind in",
    `f(id: ID!): Order ${event(`where: "orderId in $args.id"`)}`,
    "compares with a list, and $args.id is not",
  ],
  [
    "a path that is an object",
    `f: Variant ${event(`where: "newPrice == 3"`, REPRICED, "variantId")}`,
    `is object in ${REPRICED}, which cannot be compared`,
  ],
  ["a literal of another type", `f: Order ${event(`where: "orderId == 3"`)}`, "never equals 3 (number)"],
  [
    "a literal that the body never has",
    `f: Order ${event(`where: "reason == 'BAD_LUCK'"`, CANCELLED)}`,
    `the path "reason" (where) is never "BAD_LUCK" in ${CANCELLED}`,
  ],
  [
    "a claim that nobody has",
    `f: Order ${event(`authorize: "userId == $claims.tenant"`)}`,
    'authorize names the claim "tenant", which nobody has',
  ],
  [
    "a path that authorize cannot find",
    `f: Order ${event(`authorize: "owner == $claims.sub"`)}`,
    `the path "owner" (authorize) is not in the body of ${PLACED}`,
  ],
  ["a list of entities", `f: [Order!] ${event("")}`, "it must return one entity, not a list"],
  ["an entity that is not found by id", `f: Named ${event("")}`, 'an entity with @key(fields: "id"), not Named'],
  [
    "a union without its types",
    `f: Thing ${event("")}`,
    `entities must say which type the events "${PLACED}" are about`,
  ],
  [
    "a union of which one is no entity",
    `f: Mixed @event(types: ["${PLACED}"], key: "orderId", entities: [{ event: "${PLACED}", type: "Order" }])`,
    "it returns Mixed, of which Plain is no entity",
  ],
  [
    "a type that is not of the union",
    `f: Thing @event(types: ["${PLACED}"], key: "orderId", entities: [{ event: "${PLACED}", type: "Named" }])`,
    `"${PLACED}" is about Named, which is no Thing`,
  ],
  [
    "entities of an event type it does not have",
    `f: Thing @event(types: ["${PLACED}"], key: "orderId", entities: [{ event: "${PLACED}", type: "Order" }, { event: "${CANCELLED}", type: "Order" }])`,
    `entities names the event type "${CANCELLED}"`,
  ],
  [
    "entities of an object type",
    `f: Order @event(types: ["${PLACED}"], key: "orderId", entities: [{ event: "${PLACED}", type: "Order" }])`,
    "entities is for a union or an interface",
  ],
  ["PAYLOAD without fields", `f: Order ${event("delivery: PAYLOAD")}`, "lists no fields in payload"],
  [
    "fields without PAYLOAD",
    `f: Order ${event(`payload: [{ field: "id", path: "orderId" }]`)}`,
    "the delivery is not PAYLOAD",
  ],
  [
    "a payload field that does not exist",
    `f: Order ${event(`delivery: PAYLOAD, payload: [{ field: "price", path: "orderId" }]`)}`,
    "payload names Order.price, which does not exist",
  ],
  [
    "a payload path that does not exist",
    `f: Order ${event(`delivery: PAYLOAD, payload: [{ field: "total", path: "total" }]`)}`,
    `the path "total" (payload total) is not in the body of ${PLACED}`,
  ],
  [
    "a payload field of another type",
    `f: Order ${event(`delivery: PAYLOAD, payload: [{ field: "total", path: "orderId" }]`)}`,
    `is string in ${PLACED}, which is no Int of Order.total`,
  ],
  [
    "a payload field with a selection of its own",
    `f: Order ${event(`delivery: PAYLOAD, payload: [{ field: "lines", path: "lines" }]`)}`,
    "which is no [Line] of Order.lines",
  ],
  [
    "a payload field with arguments",
    `f: Order ${event(`delivery: PAYLOAD, payload: [{ field: "loud", path: "orderId" }]`)}`,
    "which has arguments",
  ],
  [
    "a payload enum of other values",
    `f: Order ${event(`delivery: PAYLOAD, payload: [{ field: "reason", path: "orderId" }]`)}`,
    "which is no Reason of Order.reason",
  ],
  [
    "a guarded payload field without authorize",
    `f: Order ${event(`delivery: PAYLOAD, payload: [{ field: "secret", path: "userId" }]`)}`,
    "payload names Order.secret, which an access directive guards",
  ],
  [
    "a buffer that holds nothing",
    `f: Order ${event("buffer: { maxMessages: 0 }")}`,
    "buffer.maxMessages is a whole number from 1 to 100000, not 0",
  ],
  [
    "a buffer of endless bytes",
    `f: Order ${event("buffer: { maxBytes: 2147483647 }")}`,
    "buffer.maxBytes is a whole number from 1024 to 67108864",
  ],
  [
    "coalescing without LATEST",
    `f: Order ${event("buffer: { policy: CLOSE, coalesceMs: 100 }")}`,
    "only the policy LATEST allows",
  ],
  [
    "a replay of the past century",
    `f: Order ${event("replay: { maxAgeSeconds: 2147483647 }")}`,
    "replay.maxAgeSeconds is a whole number from 0 to 604800",
  ],
])("refuses %s", (_what, field, reason) => {
  const reasons = reasonsOf(subgraph(field));
  expect(reasons).toHaveLength(1);
  expect(reasons[0]).toMatch(/^shop: Subscription\.f: /);
  expect(reasons[0]).toContain(reason);
});

test("a guard in another subgraph guards the payload too", () => {
  const other = {
    name: "accounts",
    url: "http://accounts/graphql",
    sdl: `${HEAD} type Order @key(fields: "id") @authenticated { id: ID! buyer: String }`,
  };
  const field = `f: Order ${event(`delivery: PAYLOAD, payload: [{ field: "id", path: "orderId" }]`)}`;
  expect(reasonsOf(subgraph(field), other)[0]).toContain("payload names Order.id, which an access directive guards");
});

test("the directive is found under another name, and clients see nothing of its types", () => {
  const sdl = subgraph(`f: Order ${event("delivery: ENTITY, buffer: { policy: CLOSE }")}`)
    .sdl.replace('"@event", "@viewerIndependent"', '{ name: "@event", as: "@live" }, "@viewerIndependent"')
    .replace('@composeDirective(name: "@event")', '@composeDirective(name: "@live")')
    .replace("directive @event(", "directive @live(")
    .replace("f: Order @event", "f: Order @live");
  const { supergraphSdl, apiSdl } = composeSupergraph([{ name: "shop", url: "http://shop/graphql", sdl }]);
  expect(supergraphSdl).toContain("buffer: {policy: CLOSE}");
  expect(apiSdl).not.toContain("event__");
});

const catalogue = (marks: string) => ({ name: "a", url: "http://a/graphql", sdl: `${HEAD} ${marks}` });

test.each([
  [
    "a guarded field",
    `type Query { x: T } type T { a: Int @viewerIndependent @authenticated }`,
    "a: T.a is @viewerIndependent, and an access directive guards it",
  ],
  ["a field of a guarded type", `type Query { x: T } type T @authenticated { a: Int @viewerIndependent }`, "a: T.a"],
  ["a type with a guarded field", `type Query { x: T } type T @viewerIndependent { a: Int @authenticated }`, "a: T.a"],
  [
    "a field whose value is guarded",
    `type Query { x: T } type T { a: Secret @viewerIndependent } type Secret @authenticated { b: Int }`,
    "a: T.a",
  ],
])("refuses @viewerIndependent on %s", (_what, types, reason) => {
  const reasons = reasonsOf(catalogue(types));
  expect(reasons).toHaveLength(1);
  expect(reasons[0]).toContain(reason);
});

test("what is the same to everyone is so in every subgraph that gives it", () => {
  const marked = catalogue(
    `type Query { x: T } type T @key(fields: "id") @viewerIndependent { id: ID! a: Int @shareable }`,
  );
  const b = (field: string) => ({
    name: "b",
    url: "http://b/graphql",
    sdl: `${HEAD} type T @key(fields: "id") { id: ID! ${field} }`,
  });
  expect(reasonsOf(marked, b("a: Int @shareable"))).toEqual([
    "a: T.a is @viewerIndependent, and b gives the same field without saying so",
  ]);
  expect(reasonsOf(marked, b("a: Int @shareable @viewerIndependent"))).toEqual([]);
  expect(reasonsOf(marked, b("other: Int"))).toEqual([]);
});
