import { newId } from "../../../kit/ids";
import type { Identity, Viewer } from "../../../kit/viewer";
import { type RunningOrders, staff, startOrders, user } from "./start-orders";

let orders: RunningOrders;
beforeAll(async () => {
  orders = await startOrders();
});
afterEach(() => {
  orders.products.trouble = undefined;
});
afterAll(() => orders.close());

const PLACE = `mutation ($input: PlaceOrderInput!) {
  placeOrder(input: $input) {
    __typename
    ... on PlaceOrderSuccess {
      order {
        id number status cancelReason allowedTransitions version placedAt updatedAt
        total { amountMinor currency formatted }
        lines { title sku quantity variant { id } unitPrice { amountMinor currency } lineTotal { amountMinor currency } }
        customer { id }
      }
    }
    ... on Error { code message path }
    ... on InvalidQuantityError { variantId minQuantity maxQuantity }
    ... on UnknownVariantError { variantId }
    ... on MixedCurrenciesError { currencies }
    ... on TooManyLinesError { maxLines }
  }
}`;

interface Placed {
  __typename: string;
  order?: { id: string; number: string } & Record<string, unknown>;
  [field: string]: unknown;
}

async function place(viewer: Viewer, lines: unknown, idempotencyKey?: string): Promise<Placed> {
  const { data, errors } = await orders.ask(viewer, PLACE, { input: { lines, idempotencyKey } });
  if (errors) throw new Error(JSON.stringify(errors));
  return data?.["placeOrder"] as Placed;
}

const partner = (scopes: readonly string[]): Identity => ({ kind: "partner", subject: newId(), roles: [], scopes });

async function placeFor(
  viewer: Viewer,
  customerId: string | null,
  lines: unknown,
  idempotencyKey?: string,
): Promise<Placed> {
  const { data, errors } = await orders.ask(viewer, PLACE, { input: { lines, customerId, idempotencyKey } });
  if (errors) throw new Error(JSON.stringify(errors));
  return data?.["placeOrder"] as Placed;
}

const countOrders = async (): Promise<number> =>
  (await orders.rows<{ n: number }>("select count(*)::int as n from orders"))[0]!.n;

describe("placing an order", () => {
  it("takes the prices of products, asks for them once, and answers a pending order that adds up", async () => {
    const customer = user();
    const mug = orders.products.add();
    const print = orders.products.add({ title: "Delta", price: { amountMinor: 8_900, currency: "EUR" } });
    orders.products.calls.length = 0;

    const { order } = await place(customer, [
      { variantId: mug.id, quantity: 3 },
      { variantId: print.id, quantity: 1 },
    ]);

    expect(order).toEqual({
      id: expect.any(String),
      number: expect.stringMatching(/^T-\d{8}-\d{6}$/),
      status: "PENDING",
      cancelReason: null,
      allowedTransitions: ["CONFIRMED", "CANCELLED"],
      version: 1,
      placedAt: expect.any(String),
      updatedAt: order?.["placedAt"],
      total: { amountMinor: 13_370, currency: "EUR", formatted: "€133.70" },
      lines: [
        {
          title: "River Stone Mug, 350 ml",
          sku: mug.sku,
          quantity: 3,
          variant: { id: mug.id },
          unitPrice: { amountMinor: 1_490, currency: "EUR" },
          lineTotal: { amountMinor: 4_470, currency: "EUR" },
        },
        {
          title: "River Stone Mug, Delta",
          sku: print.sku,
          quantity: 1,
          variant: { id: print.id },
          unitPrice: { amountMinor: 8_900, currency: "EUR" },
          lineTotal: { amountMinor: 8_900, currency: "EUR" },
        },
      ],
      customer: { id: customer.subject },
    });
    expect(orders.products.calls).toEqual([
      {
        viewer: { kind: "service", subject: "orders", roles: [], scopes: [] },
        variantIds: [mug.id, print.id],
        requestId: expect.any(String),
      },
    ]);
  });

  it("writes the event, the lines and the timeline together with the order", async () => {
    const customer = user();
    const id = await orders.place(customer, [2, 5]);
    const lines = await orders.rows<{ variant_id: string; product_id: string; quantity: number }>(
      "select variant_id, product_id, quantity from order_lines where order_id = $1 order by position",
      [id],
    );
    const events = await orders.rows("select type, source, subject, data, request_id from outbox where subject = $1", [
      id,
    ]);
    expect(events).toEqual([
      {
        type: "orders.order.placed.v1",
        source: "/orders",
        subject: id,
        request_id: expect.any(String),
        data: {
          orderId: id,
          userId: customer.subject,
          lines: lines.map((line) => ({
            variantId: line.variant_id,
            productId: line.product_id,
            quantity: line.quantity,
          })),
        },
      },
    ]);
    expect(lines.map(({ quantity }) => quantity)).toEqual([2, 5]);
    expect(await orders.rows("select seq, type, actor from order_events where order_id = $1", [id])).toEqual([
      { seq: 1, type: "PLACED", actor: `user:${customer.subject}` },
    ]);
  });

  it("keeps nothing of an order whose event cannot be written", async () => {
    const before = await countOrders();
    const variantId = orders.products.add().id;
    await orders.rows("alter table outbox rename to outbox_away");
    try {
      const { data, errors } = await orders.ask(user(), PLACE, { input: { lines: [{ variantId, quantity: 1 }] } });
      expect(data).toBeNull();
      expect(errors).toEqual([
        expect.objectContaining({
          message: "Unexpected error.",
          extensions: { code: "INTERNAL_SERVER_ERROR", requestId: expect.any(String) },
        }),
      ]);
    } finally {
      await orders.rows("alter table outbox_away rename to outbox");
    }
    expect(await countOrders()).toBe(before);
  });
});

describe("refusing an order", () => {
  const refusals: [string, () => unknown[], Record<string, unknown>][] = [
    ["without lines", () => [], { __typename: "EmptyOrderError", code: "EMPTY_ORDER", path: ["input", "lines"] }],
    [
      "with 101 lines",
      () => Array.from({ length: 101 }, () => ({ variantId: newId(), quantity: 1 })),
      { __typename: "TooManyLinesError", maxLines: 100 },
    ],
    ...[0, -1, 1_001, 2_147_483_647].map((quantity): [string, () => unknown[], Record<string, unknown>] => [
      `for the quantity ${quantity}`,
      () => [{ variantId: orders.products.add().id, quantity }],
      {
        __typename: "InvalidQuantityError",
        code: "INVALID_QUANTITY",
        path: ["input", "lines", "0", "quantity"],
        minQuantity: 1,
        maxQuantity: 1_000,
      },
    ]),
    [
      "of a variant that does not exist",
      () => [{ variantId: newId(), quantity: 1 }],
      { __typename: "UnknownVariantError", code: "UNKNOWN_VARIANT", path: ["input", "lines", "0", "variantId"] },
    ],
    ["of something that is no id", () => [{ variantId: "'; --", quantity: 1 }], { __typename: "UnknownVariantError" }],
    [
      "of a product that is no longer for sale",
      () => [
        {
          variantId: orders.products.add({ product: { id: newId(), name: "Old", status: "ARCHIVED" } }).id,
          quantity: 1,
        },
      ],
      { __typename: "UnknownVariantError" },
    ],
    [
      "in two currencies",
      () => [
        { variantId: orders.products.add().id, quantity: 1 },
        { variantId: orders.products.add({ price: { amountMinor: 5, currency: "USD" } }).id, quantity: 1 },
      ],
      { __typename: "MixedCurrenciesError", currencies: ["EUR", "USD"] },
    ],
    [
      "whose total GraphQL could not say",
      () => [
        { variantId: orders.products.add({ price: { amountMinor: 9_999_999, currency: "EUR" } }).id, quantity: 1_000 },
      ],
      { __typename: "InvalidInputError", code: "INVALID_INPUT", path: ["input", "lines"] },
    ],
  ];

  it.each(refusals)("%s is an answer with a type, and writes nothing", async (_, lines, refusal) => {
    const before = await countOrders();
    expect(await place(user(), lines())).toMatchObject({ ...refusal, message: expect.stringMatching(/\.$/) });
    expect(await countOrders()).toBe(before);
  });

  it("answers GraphQL's own error for a quantity beyond Int and for fields that do not exist", async () => {
    const variantId = orders.products.add().id;
    for (const line of [
      { variantId, quantity: 3_000_000_000 },
      { variantId, quantity: 1.5 },
      { variantId, quantity: 1, unitPrice: 1 },
    ]) {
      const { errors } = await orders.ask(user(), PLACE, { input: { lines: [line] } });
      expect(errors?.map(({ extensions }) => extensions?.["code"])).toEqual(["BAD_USER_INPUT"]);
    }
  });

  it("is for signed-in users", async () => {
    const input = { lines: [{ variantId: orders.products.add().id, quantity: 1 }] };
    const anonymous = await orders.ask(undefined, PLACE, { input });
    expect(anonymous.errors?.[0]?.extensions?.["code"]).toBe("UNAUTHENTICATED");
    const answer = await orders.ask(partner([]), PLACE, { input });
    expect(answer.errors?.[0]?.extensions?.["code"]).toBe("FORBIDDEN");
  });

  it("is done for a customer by who may write orders, and is then the customer's", async () => {
    const customer = user();
    const acme = partner(["orders:write"]);
    const lines = [{ variantId: orders.products.add().id, quantity: 2 }];
    for (const viewer of [acme, staff()]) {
      const { order } = await placeFor(viewer, customer.subject, lines);
      const read = await orders.ask(customer, `{ order(id: "${order?.id}") { customer { id } lines { quantity } } }`);
      expect(read.data).toEqual({ order: { customer: { id: customer.subject }, lines: [{ quantity: 2 }] } });
      expect(await orders.rows("select actor from order_events where order_id = $1", [order?.id])).toEqual([
        { actor: `${viewer.kind}:${viewer.subject}` },
      ]);
    }
    // The customer says the same of itself.
    expect((await placeFor(customer, customer.subject, lines)).__typename).toBe("PlaceOrderSuccess");
  });

  it("for somebody else is refused to customers, and to everyone who does not say for whom", async () => {
    const lines = [{ variantId: orders.products.add().id, quantity: 1 }];
    const before = await countOrders();
    for (const viewer of [user(), partner(["orders:read"])]) {
      const { errors } = await orders.ask(viewer, PLACE, { input: { lines, customerId: newId() } });
      expect(errors?.[0]?.extensions?.["code"]).toBe("FORBIDDEN");
    }
    for (const customerId of [null, "nobody", ""]) {
      const refused = await placeFor(partner(["orders:write"]), customerId, lines);
      expect(refused).toMatchObject({ code: "INVALID_INPUT", path: ["input", "customerId"] });
    }
    expect(await countOrders()).toBe(before);
  });
});

describe("an idempotency key", () => {
  it("gets one order from twenty submits at once", async () => {
    const customer = user();
    const lines = [{ variantId: orders.products.add().id, quantity: 1 }];
    const answers = await Promise.all(Array.from({ length: 20 }, () => place(customer, lines, "twenty-at-once")));
    expect(new Set(answers.map(({ order }) => order?.id)).size).toBe(1);
    expect(answers[0]?.order).toBeDefined();
    const id = answers[0]!.order!.id;
    expect(await orders.rows("select id from orders where customer_id = $1", [customer.subject])).toEqual([{ id }]);
    expect(await orders.rows("select type from outbox where subject = $1", [id])).toHaveLength(1);
  });

  it("of a partner is its own: neither the customer nor another partner meets it", async () => {
    const customer = user();
    const lines = [{ variantId: orders.products.add().id, quantity: 1 }];
    const [acme, globex] = [partner(["orders:write"]), partner(["orders:write"])];
    const first = await placeFor(acme, customer.subject, lines, "shared");
    expect(await placeFor(acme, customer.subject, lines, "shared")).toEqual(first);
    const others = [await placeFor(globex, customer.subject, lines, "shared"), await place(customer, lines, "shared")];
    expect(new Set([first, ...others].map(({ order }) => order?.id)).size).toBe(3);
  });

  it("answers the order of the first request again, also when products are away or have changed", async () => {
    const customer = user();
    const variant = orders.products.add();
    const lines = [{ variantId: variant.id, quantity: 1 }];
    const first = await place(customer, lines, "again");
    orders.products.add({ ...variant, price: { amountMinor: 99, currency: "EUR" } });
    expect(await place(customer, lines, "again")).toEqual(first);
    orders.products.trouble = (req) => void req.socket.destroy();
    expect(await place(customer, lines, "again")).toEqual(first);
  });

  it("with other lines is refused", async () => {
    const customer = user();
    const variantId = orders.products.add().id;
    await place(customer, [{ variantId, quantity: 1 }], "other");
    expect(await place(customer, [{ variantId, quantity: 2 }], "other")).toMatchObject({
      __typename: "IdempotencyConflictError",
      code: "IDEMPOTENCY_CONFLICT",
      path: ["input", "idempotencyKey"],
    });
  });

  it("with other lines at the same moment is refused, and one order stands", async () => {
    const customer = user();
    const variantId = orders.products.add().id;
    const answers = await Promise.all(
      [1, 2].map((quantity) => place(customer, [{ variantId, quantity }], "other-at-once")),
    );
    expect(answers.map(({ __typename }) => __typename).sort()).toEqual([
      "IdempotencyConflictError",
      "PlaceOrderSuccess",
    ]);
  });

  it("belongs to one customer", async () => {
    const lines = [{ variantId: orders.products.add().id, quantity: 1 }];
    const [one, two] = [await place(user(), lines, "mine"), await place(staff(), lines, "mine")];
    expect(one.order?.id).not.toBe(two.order?.id);
  });

  it("of odd characters is refused", async () => {
    const lines = [{ variantId: orders.products.add().id, quantity: 1 }];
    expect(await place(user(), lines, "\u0000")).toMatchObject({ __typename: "InvalidInputError" });
  });
});

describe("while products are in trouble", () => {
  const troubles: [string, NonNullable<RunningOrders["products"]["trouble"]>][] = [
    ["breaks the connection", (req) => void req.socket.destroy()],
    ["answers 500", (_, res) => void res.writeHead(500).end("secret stack")],
    ["answers no JSON", (_, res) => void res.end("<html>")],
    ["answers errors", (_, res) => void res.end('{"errors":[{"message":"secret"}],"data":null}')],
    ["answers another shape", (_, res) => void res.end('{"data":{"_entities":[{"id":1}]}}')],
  ];

  it.each(troubles)("one that %s leaves nothing behind, and the same key can be tried again", async (_, trouble) => {
    const customer = user();
    const input = { lines: [{ variantId: orders.products.add().id, quantity: 1 }], idempotencyKey: "later" };
    orders.products.trouble = trouble;
    const { data, errors } = await orders.ask(customer, PLACE, { input });
    expect(data).toBeNull();
    expect(errors).toEqual([
      {
        message: "The products service does not answer; try again in a moment.",
        path: ["placeOrder"],
        locations: expect.any(Array),
        extensions: { code: "SERVICE_UNAVAILABLE" },
      },
    ]);
    expect(await orders.rows("select 1 from orders where customer_id = $1", [customer.subject])).toEqual([]);

    orders.products.trouble = undefined;
    expect(await place(customer, input.lines, input.idempotencyKey)).toMatchObject({ __typename: "PlaceOrderSuccess" });
  });
});
