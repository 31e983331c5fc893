import { isId } from "../../../kit/ids";
import type { Database } from "../../../kit/postgres/open-database";
import { createTestDatabase, type TestDatabase } from "../../../kit/test/postgres-database";
import { DEMO_SHOP } from "../demo-shop";
import { openOrdersDatabase } from "../store/orders-database";
import { seedDemoOrders } from "../store/seed-demo-orders";
import { log } from "./start-orders";

const open: { database: Database; test: TestDatabase }[] = [];
afterAll(async () => {
  for (const { database, test } of open) {
    await database.close();
    await test.close();
  }
});

async function seededStore() {
  const test = await createTestDatabase();
  const database = await openOrdersDatabase({ url: test.url, log });
  open.push({ database, test });
  // Two processes may start at once.
  const written = await Promise.all([
    seedDemoOrders(database.source, DEMO_SHOP),
    seedDemoOrders(database.source, DEMO_SHOP),
  ]);
  const rows = <Row>(statement: string): Promise<Row[]> => database.source.query(statement);
  return { written, rows };
}

describe("the demo orders", () => {
  it("are written once, are settled, add up and cause no events", async () => {
    const { written, rows } = await seededStore();
    expect(written.sort((a, b) => a - b)).toEqual([0, 20]);
    expect(await rows("select 1 from outbox")).toEqual([]);

    const orders = await rows<{ id: string; status: string; customer_id: string; total_minor: number; sum: number }>(`
      select o.*, (select sum(quantity * unit_price_minor)::int from order_lines where order_id = o.id) as sum from orders o`);
    expect(orders).toHaveLength(20);
    for (const order of orders) {
      expect(isId(order.id)).toBe(true);
      expect(order.customer_id).toBe(DEMO_SHOP.customerId);
      expect(["CONFIRMED", "CANCELLED"]).toContain(order.status);
      expect(order.total_minor).toBe(order.sum);
    }
    expect(new Set(orders.map(({ status }) => status)).size).toBe(2);
    const timeline = await rows<{ n: number }>("select count(*)::int as n from order_events group by order_id");
    expect(timeline.map(({ n }) => n)).toEqual(Array(20).fill(2));
  });

  it("are the same in every store", async () => {
    const statement = `
      select o.*, (select json_agg(l order by position) from order_lines l where order_id = o.id) as lines,
        (select json_agg(e order by seq) from order_events e where order_id = o.id) as timeline
      from orders o order by id`;
    const [one, two] = [await seededStore(), await seededStore()];
    expect(await one.rows(statement)).toEqual(await two.rows(statement));
  });
});
