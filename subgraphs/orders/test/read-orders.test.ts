import { Client } from "pg";
import { newId } from "../../../kit/ids";
import { serviceIdentity } from "../../../kit/identity";
import type { Identity, Viewer } from "../../../kit/viewer";
import { askSubgraph } from "../../../kit/test/subgraph-client";
import { type RunningOrders, staff, startOrders, user } from "./start-orders";

let orders: RunningOrders;
beforeAll(async () => {
  orders = await startOrders();
});
afterAll(() => orders.close());

const ENTITIES = `query ($representations: [_Any!]!) {
  _entities(representations: $representations) { ... on Order { id number lines { quantity } } }
}`;

async function placeMany(customer: Identity, count: number): Promise<string[]> {
  const ids: string[] = [];
  for (let i = 0; i < count; i++) ids.push(await orders.place(customer));
  return ids.reverse();
}

/** Runs something and tells how many statements on the tables of orders it sent to the database. */
async function countingQueries<T>(run: () => Promise<T>): Promise<{ result: T; statements: string[] }> {
  const query = jest.spyOn(Client.prototype, "query");
  try {
    const result = await run();
    const statements = query.mock.calls
      .map(([statement]) =>
        typeof statement === "string" ? statement : (statement as { text?: string } | undefined)?.text,
      )
      .filter((text): text is string => text !== undefined && /\border/i.test(text));
    return { result, statements };
  } finally {
    query.mockRestore();
  }
}

describe("an order", () => {
  it("is seen by its customer, by staff and by services that may read orders; for everyone else it does not exist", async () => {
    const customer = user();
    const id = await orders.place(customer);
    const [{ number }] = (await orders.rows("select number from orders where id = $1", [id])) as [{ number: string }];
    const query = "query ($id: ID, $number: String) { order(id: $id, number: $number) { id number } }";

    const see: Viewer[] = [customer, staff(), serviceIdentity("reports", ["orders:read"])];
    const doNot: Viewer[] = [
      undefined,
      user(),
      { kind: "partner", subject: customer.subject, roles: [], scopes: [] },
      serviceIdentity("products", []),
    ];
    for (const [viewers, expected] of [
      [see, { id, number }],
      [doNot, null],
    ] as const) {
      for (const viewer of viewers) {
        expect((await orders.ask(viewer, query, { id })).data).toEqual({ order: expected });
        expect((await orders.ask(viewer, query, { number })).data).toEqual({ order: expected });
        const representations = [
          { __typename: "Order", id },
          { __typename: "Order", number },
        ];
        const { data, errors } = await orders.ask(viewer, ENTITIES, { representations });
        const entity = expected && { ...expected, lines: [{ quantity: 1 }] };
        expect({ data, errors }).toEqual({ data: { _entities: [entity, entity] }, errors: undefined });
      }
    }
  });

  it.each(["no id", "", "\u0000", "T-20261121-000001", "__proto__"])("with the id %j does not exist", async (id) => {
    const { data, errors } = await orders.ask(staff(), "query ($id: ID) { order(id: $id) { id } }", { id });
    expect({ data, errors }).toEqual({ data: { order: null }, errors: undefined });
    const { data: byNumber } = await orders.ask(staff(), "query ($n: String) { order(number: $n) { id } }", {
      n: id === "T-20261121-000001" ? "T-19990101-000001" : id,
    });
    expect(byNumber).toEqual({ order: null });
  });

  it("is asked for by exactly one of id and number", async () => {
    for (const args of ["", `(id: "${newId()}", number: "T-20261121-000001")`]) {
      const { errors } = await orders.ask(staff(), `{ order${args} { id } }`);
      expect(errors).toEqual([
        expect.objectContaining({
          message: "Give exactly one of `id` and `number`.",
          extensions: expect.objectContaining({ code: "BAD_USER_INPUT" }),
        }),
      ]);
    }
  });
});

describe("the orders of users", () => {
  const USERS = `query ($representations: [_Any!]!, $first: Int, $after: String, $last: Int, $before: String) {
    _entities(representations: $representations) {
      ... on User {
        id
        orders(first: $first, after: $after, last: $last, before: $before) {
          totalCount
          nodes { id total { amountMinor } lines { quantity } }
          pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
        }
      }
    }
  }`;
  interface Connection {
    totalCount: number;
    nodes: { id: string }[];
    pageInfo: { hasNextPage: boolean; hasPreviousPage: boolean; startCursor: string; endCursor: string };
  }
  const read = async (viewer: Viewer, ids: readonly string[], page: Record<string, unknown>) => {
    const representations = ids.map((id) => ({ __typename: "User", id }));
    const { data, errors } = await orders.ask(viewer, USERS, { representations, ...page });
    if (errors) throw new Error(JSON.stringify(errors));
    return (data?.["_entities"] as { orders: Connection }[]).map((entity) => entity.orders);
  };

  it("are read in one query, with one for their lines and one for their count, however many users are asked for", async () => {
    const customers = [user(), user(), user()];
    const ids = [];
    for (const customer of customers) ids.push(await placeMany(customer, 3));
    const nobody = newId();

    const { result, statements } = await countingQueries(() =>
      read(staff(), [...customers.map(({ subject }) => subject), nobody], { first: 2 }),
    );
    expect(result.map(({ totalCount, nodes }) => ({ totalCount, ids: nodes.map(({ id }) => id) }))).toEqual([
      ...ids.map((all) => ({ totalCount: 3, ids: all.slice(0, 2) })),
      { totalCount: 0, ids: [] },
    ]);
    expect(statements).toHaveLength(3);
  });

  it("come in pages, newest first, forwards and backwards, without a gap", async () => {
    const customer = user();
    const ids = await placeMany(customer, 5);
    const page = async (args: Record<string, unknown>) => (await read(customer, [customer.subject], args))[0]!;

    const forward: string[] = [];
    for (let after: string | null = null, more = true; more;) {
      const { nodes, pageInfo } = await page({ first: 2, after });
      forward.push(...nodes.map(({ id }) => id));
      [after, more] = [pageInfo.endCursor, pageInfo.hasNextPage];
    }
    expect(forward).toEqual(ids);

    const backward: string[] = [];
    for (let before: string | null = null, more = true; more;) {
      const { nodes, pageInfo } = await page({ last: 2, before });
      backward.unshift(...nodes.map(({ id }) => id));
      [before, more] = [pageInfo.startCursor, pageInfo.hasPreviousPage];
    }
    expect(backward).toEqual(ids);
  });

  it("do not skip orders that were placed in the same millisecond", async () => {
    const customer = user();
    const ids = await placeMany(customer, 4);
    await orders.rows("update orders set placed_at = '2020-01-01T10:00:00Z' where customer_id = $1", [
      customer.subject,
    ]);
    const [first] = await read(customer, [customer.subject], { first: 2 });
    const [second] = await read(customer, [customer.subject], { first: 2, after: first!.pageInfo.endCursor });
    expect([...first!.nodes, ...second!.nodes].map(({ id }) => id)).toEqual(ids);
  });

  it("are for the user and for staff", async () => {
    const customer = user();
    const query = (viewer: Viewer) =>
      orders.ask(viewer, USERS, { representations: [{ __typename: "User", id: customer.subject }] });
    expect((await query(user())).errors?.[0]?.extensions?.["code"]).toBe("FORBIDDEN");
    expect((await query(undefined)).errors?.[0]?.extensions?.["code"]).toBe("UNAUTHENTICATED");
    expect((await query(staff())).errors).toBeUndefined();
  });

  it.each([
    [{ first: 101 }, "first"],
    [{ first: -1 }, "first"],
    [{ after: "nonsense" }, "after"],
    [{ before: Buffer.from('{"placedAt":"now","id":"1"}').toString("base64url") }, "before"],
    [{ first: 1, last: 1 }, "last"],
  ])("refuse the page %j by naming the argument", async (args, argument) => {
    const customer = user();
    const { errors } = await orders.ask(customer, USERS, {
      representations: [{ __typename: "User", id: customer.subject }],
      ...args,
    });
    expect(errors?.[0]?.extensions).toEqual({ code: "BAD_USER_INPUT", argumentPath: [argument] });
  });
});

describe("all orders", () => {
  const ALL = `query ($filter: OrderFilter, $first: Int) {
    orders(filter: $filter, first: $first) { totalCount nodes { id status } }
  }`;

  it("are listed for staff, newest first, also by status", async () => {
    const customer = user();
    const [newest, second] = (await placeMany(customer, 2)) as [string, string];
    await orders.rows("update orders set status = 'CONFIRMED' where id = $1", [second]);
    const { data } = await orders.ask(staff(), ALL, { first: 2 });
    expect(data).toMatchObject({ orders: { nodes: [{ id: newest, status: "PENDING" }, { id: second }] } });
    const { data: confirmed } = await orders.ask(staff(), ALL, { filter: { status: "CONFIRMED" } });
    expect(confirmed).toEqual({ orders: { totalCount: 1, nodes: [{ id: second, status: "CONFIRMED" }] } });
  });

  it("are not for customers", async () => {
    expect((await orders.ask(user(), ALL)).errors?.[0]?.extensions?.["code"]).toBe("FORBIDDEN");
    expect((await orders.ask(undefined, ALL)).errors?.[0]?.extensions?.["code"]).toBe("UNAUTHENTICATED");
  });
});

it("a hundred references to orders are one query, and one for their lines", async () => {
  const customer = user();
  const ids = await placeMany(customer, 3);
  const representations = Array.from({ length: 100 }, (_, i) => ({ __typename: "Order", id: ids[i % 3] }));
  const { result, statements } = await countingQueries(() => orders.ask(customer, ENTITIES, { representations }));
  expect((result.data?.["_entities"] as { id: string }[]).map(({ id }) => id)).toEqual(
    representations.map(({ id }) => id),
  );
  expect(statements).toHaveLength(2);
});

it("answers nothing to a request that the gateway did not sign", async () => {
  const id = await orders.place(user());
  const { status, errors } = await askSubgraph({
    port: orders.port,
    name: "orders",
    secret: "another secret of thirty-two characters and more",
    viewer: staff(),
    query: ENTITIES,
    variables: { representations: [{ __typename: "Order", id }] },
  });
  expect(status).toBe(401);
  expect(errors?.[0]?.extensions?.["code"]).toBe("UNAUTHENTICATED");
});
