import { buildSchema, type GraphQLSchema, parse } from "graphql";
import { NO_CONDITIONS } from "../../../operation/conditions";
import { createSampleOperations } from "../sample-operations";
import type { Scenario } from "../scenario";

// eslint-disable-next-line @typescript-eslint/no-explicit-any -- answers to many operations, each looked at in the test beside it
type Loose = any;

const SDL = `
  scalar DateTime scalar EmailAddress scalar Chapter
  enum Status { OPEN DONE SENT OLD @deprecated }
  enum Which { ALL OPEN }
  enum CurrencyCode { EUR USD }
  interface Error { code: String! message: String! }
  type NotThere implements Error { code: String! message: String! }
  interface Item { id: ID! }
  type Money { amountMinor: Int! currency: CurrencyCode! formatted: String! }
  type Customer { id: ID! name: String! email: EmailAddress! orders(first: Int, after: String): OrderConnection! }
  type Product implements Item { id: ID! slug: String! name: String! inStock: Boolean! price: Money! range: Range! isbn: Chapter note: String }
  type Map implements Item { id: ID! scale: Int! }
  type Range { min: Money! max: Money! }
  type Line { quantity: Int! product: Product! price: Money! }
  type Order { id: ID! status: Status! placedAt: DateTime! deliveredAt: DateTime! customer: Customer! lines: [Line!]! note: String total: Money! next: [Status!]! }
  type OrderEdge { node: Order! cursor: String! }
  type PageInfo { hasNextPage: Boolean! hasPreviousPage: Boolean! startCursor: String endCursor: String }
  type OrderConnection { nodes: [Order!]! edges: [OrderEdge!]! pageInfo: PageInfo! totalCount: Int! }
  input LineInput { productId: ID! quantity: Int! price: MoneyInput }
  input MoneyInput { amountMinor: Int! currency: CurrencyCode! }
  input OrderInput { lines: [LineInput!]! note: String }
  input CancelInput { orderId: ID! }
  type Placed { order: Order! }
  union PlaceResult = NotThere | Placed
  input OrderFilter { status: Status }
  input OrdersFilter { status: [Status] note: String }
  type Query {
    order(id: ID!): Order
    product(id: ID, slug: String): Product
    products(limit: Int): [Product!]!
    orders(first: Int, last: Int, after: String, before: String, filter: OrderFilter): OrderConnection!
    item(id: ID!): Item
    items: [Item!]!
    byIds(ids: [ID!]!): [Product!]!
    ordersOf(filter: OrdersFilter, status: Which, first: Int): OrderConnection!
    inStock(inStock: Boolean, limit: Int): [Product!]!
    must: Customer!
  }
  type Mutation { place(input: OrderInput!): PlaceResult! cancel(input: CancelInput!): Placed! }
`;

describe("generated data", () => {
  let schema: GraphQLSchema;
  beforeAll(() => {
    schema = buildSchema(SDL);
  });

  const run = async (text: string, variables: Record<string, unknown> = {}, scenario?: Scenario, on = schema) => {
    const source = {
      document: parse(text),
      documentKey: text,
      overrideLabels: [],
      conditions: NO_CONDITIONS,
    };
    const operation = await createSampleOperations(on)(scenario).prepare(source);
    const context = { requestId: "r", traceparent: "t", viewer: undefined };
    const { data, errors } = await operation.execute({ variables, context });
    return { data: (data === undefined ? undefined : JSON.parse(data)) as Loose, errors };
  };

  it("is the same for the same operation and variables, in every process and on every day", async () => {
    const text =
      "query ($id: ID!) { order(id: $id) { id status placedAt customer { name email } total { formatted } } }";
    const now = jest.spyOn(Date, "now").mockReturnValue(0);
    const first = await run(text, { id: "o1" });
    now.mockReturnValue(2e12);
    expect(await run(text, { id: "o1" }, undefined, buildSchema(SDL))).toEqual(first);
    now.mockRestore();
    expect(first.data).toEqual({
      order: {
        id: "o1",
        status: "SENT",
        placedAt: "2025-01-05T14:01:09.000Z",
        customer: { name: "Bruno Garcia", email: "bruno.garcia.882@example.com" },
        total: { formatted: "EUR 578.28" },
      },
    });
    expect((await run(text, { id: "o2" })).data).not.toEqual(first.data);
  });

  it("adds up: a line is its quantity times its price, an order the sum of its lines, also when only the total is asked for", async () => {
    const money = "{ amountMinor currency formatted }";
    const { data } = await run(`{ orders { nodes { id total ${money} lines { quantity price ${money} } } } }`);
    const sums = new Set<number>();
    for (const { id, total, lines } of data.orders.nodes as Loose[]) {
      const sum = lines.reduce((all: number, { quantity, price }: Loose) => all + quantity * price.amountMinor, 0);
      expect(total).toMatchObject({ amountMinor: sum, formatted: `${total.currency} ${(sum / 100).toFixed(2)}` });
      expect((await run(`{ order(id: "${id}") { total ${money} } }`)).data.order.total).toEqual(total);
      sums.add(sum);
    }
    expect(sums.size).toBeGreaterThan(5);
    const { data: empty } = await run(
      `{ order(id: "1") { total ${money} lines { quantity } } }`,
      {},
      { kind: "empty" },
    );
    expect(empty.order).toMatchObject({ total: { amountMinor: 0 }, lines: [] });
  });

  it("adds up what a mutation was given, and plain numbers", async () => {
    const place = `mutation { place(input: { lines: [
      { productId: "p1", quantity: 3, price: { amountMinor: 250, currency: EUR } }
      { productId: "p2", quantity: 1, price: { amountMinor: 5, currency: EUR } }
    ] }) { ... on Placed { order { total { amountMinor } lines { quantity } } } } }`;
    expect((await run(place)).data.place.order).toEqual({
      total: { amountMinor: 755 },
      lines: [{ quantity: 3 }, { quantity: 1 }],
    });
    const plain = buildSchema(`
      type Query { cart: Cart! tree: Tree! }
      type Cart { items: [Item!]! total: Float! }
      type Item { quantity: Int! unitPrice: Float! lineTotal: Float! }
      type Tree { items: [Tree!]! total: Int! }
    `);
    const { data } = await run("{ cart { total items { quantity unitPrice lineTotal } } }", {}, undefined, plain);
    const of = ({ quantity, unitPrice }: Loose) => Math.round(quantity * unitPrice * 100) / 100;
    for (const item of data.cart.items) expect(item.lineTotal).toBe(of(item));
    expect(data.cart.total).toBeCloseTo(data.cart.items.reduce((all: number, item: Loose) => all + of(item), 0));
    // What has no lines with prices is no sum.
    expect((await run("{ tree { total } }", {}, undefined, plain)).data.tree.total).toEqual(expect.any(Number));
  });

  it("has ids in the form of UUID version 7, times in RFC 3339, addresses that are nobody's", async () => {
    const { data } = await run("{ orders { nodes { id placedAt deliveredAt customer { id email } } } }");
    expect(data.orders.nodes.length).toBeGreaterThan(5);
    for (const { id, placedAt, deliveredAt, customer } of data.orders.nodes) {
      expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
      expect(new Date(placedAt).toISOString()).toBe(placedAt);
      expect(placedAt < deliveredAt).toBe(true);
      expect(customer.email).toMatch(/^[a-z.0-9]+@example\.com$/);
    }
  });

  it("shows a thing with the same fields wherever it appears", async () => {
    const fields = "id slug name inStock note isbn price { amountMinor currency formatted }";
    const { data } = await run(
      `{ products(limit: 40) { ${fields} } orders(first: 50) { nodes { lines { product { ${fields} } } } } }`,
    );
    const seen = new Map<string, unknown>();
    const everywhere = [
      ...data.products,
      ...data.orders.nodes.flatMap(({ lines }: Loose) => lines.map((line: Loose) => line.product)),
    ];
    for (const product of everywhere) {
      expect(seen.get(product.id) ?? product).toEqual(product);
      seen.set(product.id, product);
    }
    expect(everywhere.length).toBeGreaterThan(seen.size);
    const one = data.products[7];
    expect((await run(`query ($id: ID) { product(id: $id) { ${fields} } }`, { id: one.id })).data.product).toEqual(one);
    expect((await run(`query ($s: String) { product(slug: $s) { ${fields} } }`, { s: one.slug })).data.product).toEqual(
      one,
    );
  });

  it("gives back what was asked for by name, also when no list has it", async () => {
    const { data } = await run(
      '{ product(slug: "my-mug") { id slug } order(id: "mine") { id } byIds(ids: ["b", "a"]) { id } }',
    );
    expect(data).toEqual({
      product: { id: expect.any(String), slug: "my-mug" },
      order: { id: "mine" },
      byIds: [{ id: "b" }, { id: "a" }],
    });
  });

  it("gives an interface the same type for the same id", async () => {
    const { data } = await run("{ items { __typename id } }");
    for (const { __typename, id } of data.items) {
      expect((await run("query ($id: ID!) { item(id: $id) { __typename id } }", { id })).data.item).toEqual({
        __typename,
        id,
      });
    }
  });

  it.each([
    ["forwards", "first", "after", "endCursor", "hasNextPage"],
    ["backwards", "last", "before", "startCursor", "hasPreviousPage"],
  ])("walks %s through a list of as many items as it says", async (_, size, from, cursor, more) => {
    const text = `query ($n: Int, $from: String) { orders(${size}: $n, ${from}: $from) {
        totalCount nodes { id } edges { cursor node { id } } pageInfo { hasNextPage hasPreviousPage startCursor endCursor } } }`;
    const ids = new Set<string>();
    let position: string | undefined;
    let total = 0;
    for (let page = 0; page < 20; page++) {
      const { orders } = (await run(text, { n: 7, ...(position === undefined ? {} : { from: position }) })).data;
      expect(orders.edges.map(({ node }: Loose) => node)).toEqual(orders.nodes);
      expect(orders.pageInfo.startCursor).toBe(orders.edges[0].cursor);
      for (const { id } of orders.nodes) ids.add(id);
      total = orders.totalCount;
      if (!orders.pageInfo[more]) break;
      position = orders.pageInfo[cursor];
    }
    expect(ids.size).toBe(total);
  });

  it.each([{ first: -1 }, { first: 101 }, { after: "nonsense" }, { first: 1, last: 1 }])(
    "refuses %j as a live list would",
    async (args) => {
      const { errors } = await run(
        "query ($first: Int, $last: Int, $after: String) { orders(first: $first, last: $last, after: $after) { totalCount } }",
        args,
      );
      expect(errors.map(({ extensions }) => extensions["code"])).toEqual(["BAD_USER_INPUT"]);
    },
  );

  it("narrows a list by what its items are", async () => {
    const { data } = await run("{ orders(first: 100, filter: { status: OPEN }) { totalCount nodes { status } } }");
    expect(data.orders.totalCount).toBeGreaterThan(5);
    expect(data.orders.totalCount).toBeLessThan(50);
    expect(new Set(data.orders.nodes.map(({ status }: Loose) => status))).toEqual(new Set(["OPEN"]));
  });

  it.each([
    ["one of several values", "{ status: [OPEN, SENT] }", ["OPEN", "SENT"]],
    ["a list of one value", "{ status: [DONE] }", ["DONE"]],
    ["a value that it never has", "{ status: [OLD] }", []],
  ])("narrows a list to items with %s", async (_, filter, expected) => {
    const { data } = await run(`{ ordersOf(filter: ${filter}, first: 100) { totalCount nodes { status } } }`);
    const found = data.ordersOf.nodes.map(({ status }: Loose) => status);
    expect([...new Set(found)].sort()).toEqual(expected);
    expect(data.ordersOf.totalCount).toBe(found.length);
    expect(found.length).toBeLessThan(50);
  });

  it.each([
    ["no value", "(filter: { status: [] })"],
    ["null among the values", "(filter: { status: [OPEN, null] })"],
    ["a value of another type, which no item has", "(status: ALL)"],
    ["a text", '(filter: { note: "mug" })'],
  ])("does not narrow a list by %s: what that means only its service knows", async (_, args) => {
    const { data } = await run(`{ ordersOf${args} { totalCount } }`);
    expect(data.ordersOf.totalCount).toBe(50);
  });

  it("narrows a plain list as well", async () => {
    const { data } = await run("{ inStock(inStock: false, limit: 40) { inStock } }");
    expect(data.inStock.length).toBeGreaterThan(3);
    for (const product of data.inStock) expect(product).toEqual({ inStock: false });
  });

  it("never chooses a deprecated value, and has each of a list of values once", async () => {
    const { data } = await run("{ orders(first: 100) { nodes { status next } } }");
    for (const { status, next } of data.orders.nodes) {
      expect(["OPEN", "DONE", "SENT"]).toContain(status);
      expect(new Set(next).size).toBe(next.length);
    }
  });

  it("has ranges whose ends are in order, and one currency", async () => {
    const { data } = await run(
      "{ products(limit: 50) { range { min { amountMinor currency } max { amountMinor currency } } } }",
    );
    for (const {
      range: { min, max },
    } of data.products) {
      expect(min.amountMinor).toBeLessThanOrEqual(max.amountMinor);
      expect(min.currency).toBe(max.currency);
    }
  });

  it("is null rarely, and only where the schema allows it", async () => {
    const { data, errors } = await run("{ products(limit: 50) { note isbn name } }");
    const notes = data.products.map(({ note }: Loose) => note);
    const nulls = notes.filter((note: unknown) => note === null).length;
    expect(errors).toEqual([]);
    expect(nulls).toBeGreaterThan(0);
    expect(nulls).toBeLessThan(15);
    // Nobody but the graph's services knows what such a scalar looks like.
    expect(data.products.find(({ isbn }: Loose) => isbn !== null).isbn).toMatch(/^Chapter-[0-9a-f]{8}$/);
  });

  it("answers a mutation as if it were done: its success, with what it was given", async () => {
    const input = {
      note: "ring twice",
      lines: [
        { productId: "p1", quantity: 3, price: { amountMinor: 1250, currency: "USD" } },
        { productId: "p2", quantity: 1 },
      ],
    };
    const { data } = await run(
      "mutation ($input: OrderInput!) { place(input: $input) { __typename ... on Placed { order { note customer { id } lines { quantity product { id } price { formatted } } } } } }",
      { input },
    );
    expect(data.place).toEqual({
      __typename: "Placed",
      order: {
        note: "ring twice",
        customer: { id: expect.any(String) },
        lines: [
          { quantity: 3, product: { id: "p1" }, price: { formatted: "USD 12.50" } },
          { quantity: 1, product: { id: "p2" }, price: { formatted: expect.any(String) } },
        ],
      },
    });
    const cancelled = await run('mutation { cancel(input: { orderId: "o7" }) { order { id } } }');
    expect(cancelled.data).toEqual({ cancel: { order: { id: "o7" } } });
  });

  it("refuses an answer of very many objects instead of making it", async () => {
    const { data, errors } = await run(
      "{ orders(first: 100) { nodes { customer { orders(first: 100) { nodes { customer { orders(first: 100) { nodes { customer { orders(first: 100) { nodes { id } } } } } } } } } } } }",
    );
    expect(data).toBeUndefined();
    expect(errors.map(({ extensions }) => extensions["code"])).toEqual(["OPERATION_LIMIT_EXCEEDED"]);
  });

  it("refuses variables that do not fit", async () => {
    const { data, errors } = await run("query ($id: ID!) { order(id: $id) { id } }", {});
    expect(data).toBeUndefined();
    expect(errors[0]?.message).toContain("$id");
  });

  describe("when asked for something else", () => {
    it("lacks one part", async () => {
      const { data, errors } = await run('{ order(id: "1") { id note customer { name } } }', {}, { kind: "partial" });
      expect(data.order).toMatchObject({ id: "1", note: null, customer: { name: expect.any(String) } });
      expect(errors.map(({ path, extensions }) => [path, extensions["code"]])).toEqual([
        [["order", "note"], "SUBGRAPH_UNAVAILABLE"],
      ]);
    });

    it("lacks a whole root field where nothing below it may be missing", async () => {
      const { data, errors } = await run('{ order(id: "1") { id } products { id } }', {}, { kind: "partial" });
      expect(data).toBeNull();
      expect(errors.length).toBeGreaterThan(0);
    });

    it.each([
      ["null", { order: null, must: { name: expect.any(String) } }],
      ["sparse", { order: { id: "1", note: null }, must: { name: expect.any(String) } }],
    ] as const)("is %s", async (kind, expected) => {
      expect((await run('{ order(id: "1") { id note } must { name } }', {}, { kind })).data).toEqual(expected);
    });

    it("has empty lists", async () => {
      const { data } = await run(
        "{ products { id } orders { totalCount nodes { id } pageInfo { hasNextPage endCursor } } }",
        {},
        { kind: "empty" },
      );
      expect(data).toEqual({
        products: [],
        orders: { totalCount: 0, nodes: [], pageInfo: { hasNextPage: false, endCursor: null } },
      });
    });
  });
});
