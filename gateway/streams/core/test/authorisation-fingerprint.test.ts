import { Registry } from "prom-client";
import { createLogger } from "../../../../kit/log";
import type { Viewer } from "../../../../kit/viewer";
import type { UpstreamContext } from "../../../upstream/upstream-context";
import { createStreamPreparer } from "../create-stream-preparer";
import type { PreparedStream } from "../prepared-stream";
import { asViewer, checked, createShop, eventOf, type RecordedCall, user } from "./shop";

/** Whom a key must tell apart. */
const VIEWERS: readonly Viewer[] = [
  undefined,
  user("u1"),
  user("u2"),
  user("u1", { roles: ["STAFF"] }),
  user("u1", { roles: ["STAFF", "ADMIN"] }),
  user("u1", { roles: ["ADMIN", "STAFF"] }),
  user("u1", { scopes: ["STAFF"] }),
  user("u1", { scopes: ["orders:read"] }),
  user("u1", { sessionId: "s1" }),
  user("u1", { sessionId: "s2" }),
  { kind: "partner", subject: "u1", roles: [], scopes: [] },
  { kind: "partner", subject: "acme", roles: [], scopes: ["orders:read"] },
  { kind: "service", subject: "u1", roles: [], scopes: [] },
  user('u1"],"scopes":["orders:read'),
  user('u1\n[["x-tenant","a"]]'),
  user("nobody"),
];

const HEADERS: readonly (Readonly<Record<string, string>> | undefined)[] = [
  undefined,
  {},
  { "x-tenant": "a" },
  { "x-tenant": "b" },
  { "x-tenant": "a", "accept-language": "de" },
  { "accept-language": "de", "x-tenant": "a" },
  { "x-tenant": "a,accept-language: de" },
  { "x-tenan": "ta" },
  { authorization: "Bearer u1" },
  { authorization: "Bearer u2" },
];

/** The same to everyone: nothing that a subgraph is asked for depends on who asks. */
const INDEPENDENT: readonly string[] = [
  "subscription ($id: ID!) { productChanged(id: $id) { id title } }",
  "subscription ($id: ID!, $note: String) { productChanged(id: $id, note: $note) { id price } }",
  "subscription ($id: ID!) { p: productChanged(id: $id) { id name: title } }",
  'subscription { productChanged(id: "p1") { id title } }',
  'subscription { productChanged(id: "p2") { id title } }',
  "subscription ($id: ID!, $currency: String) { productChanged(id: $id) { price(currency: $currency) } }",
  "subscription ($id: ID!, $format: Format) { productChanged(id: $id) { price(format: $format) } }",
  "subscription ($id: ID!) { productChanged(id: $id) { shipping maker { name } } }",
  "subscription ($id: ID!) { productChanged(id: $id) { ...A } } fragment A on Product { rating ... on Product { title } }",
  "subscription ($id: ID!, $yes: Boolean = true) { productChanged(id: $id) { id title @include(if: $yes) yours @skip(if: true) } }",
  "subscription ($ids: [ID!]!) { priceChanged(ids: $ids) { id price } }",
  "subscription ($ids: [ID!]!) { priceChanged(ids: $ids) { title rating } }",
  "subscription { thingChanged { ... on Bundle { name } ... on Product { title } } }",
  "subscription ($id: ID!, $of: String) { productChanged(id: $id) { rating(of: $of) } }",
  // The name of the operation is in the text of what the plan asks later.
  "subscription A($id: ID!) { productChanged(id: $id) { rating } }",
  "subscription B($id: ID!) { productChanged(id: $id) { rating } }",
];

/** Somewhere on its way, what a subgraph says may depend on who asks. */
const DEPENDENT: readonly string[] = [
  "subscription ($id: ID!) { productChanged(id: $id) { yours } }",
  "subscription ($id: ID!) { productChanged(id: $id) { id title: yours } }",
  "subscription ($id: ID!) { productChanged(id: $id) { ...A } } fragment A on Product { title yourReview }",
  "subscription ($id: ID!, $yes: Boolean = true) { productChanged(id: $id) { id ... @include(if: $yes) { yours } } }",
  // What a marked field requires is asked for as well.
  "subscription ($id: ID!) { productChanged(id: $id) { advice } }",
  // And so is the key by which its subgraph knows the entity.
  "subscription ($id: ID!) { productChanged(id: $id) { stock } }",
  // What only some may watch may be about entities that only they see.
  "subscription ($id: ID!) { staffOnly(id: $id) { id title } }",
  // A marked field of a type that is not, and the other way round.
  "subscription ($id: ID!) { productChanged(id: $id) { maker { country { code } } } }",
  "subscription ($id: ID!) { productChanged(id: $id) { box { size owner } } }",
  // An access directive says more than the mark.
  "subscription ($id: ID!) { productChanged(id: $id) { members } }",
  "subscription ($ids: [ID!]!) { priceChanged(ids: $ids) { price yourReview } }",
  "subscription ($id: ID!) { orderUpdated(orderId: $id) { id status } }",
  "subscription ($id: ID!, $shout: Boolean) { o: orderUpdated(orderId: $id) { note(shout: $shout) product { title } } }",
  "subscription { myOrders { secret } }",
  "subscription { thingChanged { ... on Bundle { name } ... on Product { yours } } }",
];

const VARIABLES: readonly Readonly<Record<string, unknown>>[] = [
  { id: "p1", ids: ["p1"] },
  { id: "p2", ids: ["p1", "p2"] },
  { id: 1, ids: "p1" },
  { id: "1", ids: ["p1"], currency: null },
  { id: "p1", ids: [], currency: "EUR", format: { style: "a", digits: 2 } },
  { ids: ["p1"], id: "p1", format: { digits: 2, style: "a" }, currency: "X", note: "n" },
  { id: "p1", ids: ["p1"], format: { style: "a" }, yes: true, shout: true, of: "a" },
  { id: "p1", ids: ["p1"], yes: false, shout: false, of: "abc" },
];

interface Sample {
  readonly query: string;
  readonly variables: Readonly<Record<string, unknown>>;
  readonly context: UpstreamContext;
  readonly key: string;
  readonly text: string | undefined;
  /** Everything by which a subgraph may tell the callers apart, call for call. */
  readonly calls: string;
}

/** The same choices for the same seed. https://en.wikipedia.org/wiki/Linear_congruential_generator */
function random(seed: number) {
  let state = seed;
  return <T>(values: readonly T[]): T => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return values[Math.floor((state / 2 ** 32) * values.length)] as T;
  };
}

const shop = createShop();
const preparer = createStreamPreparer({
  upstreams: shop.upstreams,
  log: createLogger("test", "silent"),
  metrics: new Registry(),
  eventsTaken: () => 1,
});

const prepare = (
  query: string,
  variables: Readonly<Record<string, unknown>>,
  context: UpstreamContext,
): Promise<PreparedStream> => {
  const used = Object.fromEntries(Object.entries(variables).filter(([name]) => query.includes(`$${name}:`)));
  return preparer({ checked: checked(shop.generation, query, used), context });
};

/** A new one each time: nothing is shared between two events. */
const EVENT = {
  product: () => eventOf("product.changed.v1", { productId: "p1", id: "p1" }),
  price: () => eventOf("product.priced.v1", { productId: "p1", price: { amount: 5 }, title: "t" }),
  order: () => eventOf("order.changed.v1", { orderId: "o1", userId: "u1" }),
};

const eventFor = (query: string) => {
  if (query.includes("priceChanged")) return EVENT.price();
  return query.includes("order") || query.includes("Orders") ? EVENT.order() : EVENT.product();
};

const callText = ({ subgraph, viewer, headers: { "x-event-id": _event, ...headers }, body }: RecordedCall) =>
  JSON.stringify([subgraph, viewer ?? null, Object.entries(headers).sort(), body]);

/** What one viewer has executed for one event, alone: nothing is shared with anyone. */
async function sample(
  query: string,
  variables: Readonly<Record<string, unknown>>,
  context: UpstreamContext,
): Promise<Sample> {
  const prepared = await prepare(query, variables, context);
  shop.state.calls.length = 0;
  const text = await prepared.resolve({ key: "p1", event: eventFor(query) });
  return {
    query,
    variables,
    context,
    key: prepared.executionKey,
    text,
    calls: shop.state.calls.map(callText).sort().join("\n"),
  };
}

const byKey = (samples: readonly Sample[]) => {
  const groups = new Map<string, Sample[]>();
  for (const one of samples) groups.set(one.key, [...(groups.get(one.key) ?? []), one]);
  return [...groups.values()];
};

test.each([1, 2, 3])(
  "equal execution keys mean that every subgraph is asked the same, byte for byte (seed %i)",
  async (seed) => {
    const pick = random(seed);
    const samples: Sample[] = [];
    for (let i = 0; i < 150; i++) {
      const query = pick(i % 2 === 0 ? DEPENDENT : INDEPENDENT);
      samples.push(await sample(query, pick(VARIABLES), asViewer(pick(VIEWERS), pick(HEADERS))));
    }
    const groups = byKey(samples);
    expect(groups.length).toBeLessThan(samples.length);
    for (const group of groups) {
      expect(new Set(group.map(({ calls }) => calls)).size).toBe(1);
      expect(new Set(group.map(({ text }) => text)).size).toBe(1);
    }
  },
);

test("two callers share an execution of what depends on them only when they are of equal value", async () => {
  for (const query of DEPENDENT) {
    const [variables = {}] = VARIABLES;
    const keys = new Map<string, string>();
    for (const viewer of VIEWERS) {
      for (const headers of HEADERS) {
        const { executionKey } = await prepare(query, variables, asViewer(viewer, headers));
        const who = JSON.stringify([viewer ?? null, Object.entries(headers ?? {}).sort()]);
        expect([executionKey, keys.get(executionKey) ?? who]).toEqual([executionKey, who]);
        keys.set(executionKey, who);
      }
    }
  }
});

test("what is the same to everyone is executed once for everyone, as nobody, with the headers that are passed on", async () => {
  for (const query of INDEPENDENT) {
    for (const headers of [undefined, { "x-tenant": "a", authorization: "Bearer u1" }]) {
      const samples: Sample[] = [];
      for (const viewer of VIEWERS) {
        samples.push(await sample(query, VARIABLES[0] ?? {}, asViewer(viewer, headers)));
      }
      expect(new Set(samples.map(({ key }) => key)).size).toBe(1);
      expect(new Set(samples.map(({ calls }) => calls)).size).toBe(1);
      expect(shop.state.calls.map(({ viewer }) => viewer)).toEqual(shop.state.calls.map(() => undefined));
    }
  }
});

test("forwarded headers tell callers apart whatever is asked, because a subgraph may answer by them", async () => {
  const [query = ""] = INDEPENDENT;
  const keyOf = async (headers: Readonly<Record<string, string>>) =>
    (await sample(query, { id: "p1" }, asViewer(undefined, headers))).key;
  expect(await keyOf({ "x-tenant": "a" })).not.toBe(await keyOf({ "x-tenant": "b" }));
  expect(await keyOf({ "x-tenant": "a", "accept-language": "de" })).toBe(
    await keyOf({ "accept-language": "de", "x-tenant": "a" }),
  );
});

test("of the variables only those count that reach a subgraph, in one form for equal values", async () => {
  const keyOf = async (query: string, variables: Readonly<Record<string, unknown>>) =>
    (await sample(query, variables, asViewer(user("u1")))).key;
  const rating = "subscription ($of: String) { productChanged(id: 1) { rating(of: $of) } }";
  expect(await keyOf(rating, { of: "a" })).not.toBe(await keyOf(rating, { of: "abc" }));
  const yours = "subscription ($id: ID!, $note: String) { productChanged(id: $id, note: $note) { yours } }";
  expect(await keyOf(yours, { id: "p1", note: "x" })).toBe(await keyOf(yours, { id: "p2" }));
  const literal = (id: string) => `subscription { productChanged(id: "${id}") { yours } }`;
  expect(await keyOf(literal("p1"), {})).toBe(await keyOf(literal("p2"), {}));

  const price = "subscription ($id: ID!, $format: Format) { productChanged(id: $id) { yours price(format: $format) } }";
  const plain = await keyOf(price, { id: "p1", format: { style: "a", digits: 2 } });
  expect(await keyOf(price, { id: "p1", format: { digits: 2, style: "a" } })).toBe(plain);
  expect(await keyOf(price, { id: "p1", format: { style: "a" } })).toBe(plain);
  expect(await keyOf(price, { id: "p1", format: { style: "b" } })).not.toBe(plain);
  expect(await keyOf(price, { id: "p1" })).not.toBe(plain);
  expect(await keyOf(price, { id: "p1", format: null })).not.toBe(await keyOf(price, { id: "p1" }));
});

test("the words of the answer are part of the key: aliases, fields, their order and what conditions leave", async () => {
  const ask = "subscription ($yes: Boolean = true) { productChanged(id: 1) ";
  const keyOf = async (selection: string, variables: Readonly<Record<string, unknown>> = {}) =>
    (await sample(`${ask}${selection}`, variables, asViewer(user("u1")))).key;
  const condition = "{ yours @include(if: $yes) id title }}";
  const keys = [
    await keyOf("{ yours @include(if: $yes) id }}"),
    await keyOf("{ yours @include(if: $yes) name: id }}"),
    await keyOf("{ yours @include(if: $yes) __proto__: id }}"),
    await keyOf("{ yours @include(if: $yes) title: id }}"),
    await keyOf("{ id yours @include(if: $yes) }}"),
    await keyOf(condition),
    await keyOf(condition, { yes: false }),
    await keyOf("{ yours @skip(if: $yes) own_title: id }}"),
  ];
  expect(new Set(keys).size).toBe(keys.length);
  const named = async (name: string) =>
    (await sample(`subscription ${name} { productChanged(id: 1) { yourReview } }`, {}, asViewer(user("u1")))).key;
  expect(await named("A")).not.toBe(await named("B"));
  const inFragment = "{ ...A }} fragment A on Product { yours @include(if: $yes) id title }";
  const pair = [await keyOf(inFragment), await keyOf(inFragment)];
  expect(new Set(pair).size).toBe(1);
});

test("nobody gets what was executed for another, when all of them wait for one event together", async () => {
  const event = new Map(DEPENDENT.map((query) => [query, eventFor(query)]));
  const all = await Promise.all(
    DEPENDENT.flatMap((query) =>
      VIEWERS.flatMap((viewer) =>
        [undefined, { "x-tenant": "a" }, { "x-tenant": "b" }].map(async (headers) => {
          const context = asViewer(viewer, headers);
          const stream = await prepare(query, VARIABLES[0] ?? {}, context);
          return { query, stream, who: `${viewer?.subject ?? "nobody"}@${headers?.["x-tenant"] ?? "-"}` };
        }),
      ),
    ),
  );
  let mentions = 0;
  await Promise.all(
    all.map(async ({ query, stream, who }) => {
      const text = await stream.resolve({ key: "p1", event: event.get(query) });
      for (const [, name] of JSON.stringify(JSON.parse(text ?? "null")).matchAll(
        /"(?:yours|members|box|review|note|NOTE|secret|advice for yours) ((?:[^"\\]|\\.)*)"/g,
      )) {
        mentions++;
        expect(JSON.parse(`"${name}"`)).toBe(who);
      }
    }),
  );
  expect(mentions).toBeGreaterThan(100);
});
