import { type DataSource, In } from "typeorm";
import type { Order, OrderLine } from "../domain/order";
import type { OrderFilter, OrderReader, OrderSlice } from "../domain/order-store";
import { OrderLineRow } from "./order-line-row";
import { OrderRow } from "./order-row";

export function createPostgresOrderReader(source: DataSource): OrderReader {
  const orders = source.getRepository(OrderRow);
  const columns = source
    .getMetadata(OrderRow)
    .columns.filter(({ isSelect }) => isSelect)
    .map(({ databaseName, propertyName }) => `o.${databaseName} as "${propertyName}"`)
    .join(", ");

  return {
    byIds: async (ids) => mapBy(await orders.findBy({ id: In([...ids]) }), ({ id }) => id),
    byNumbers: async (numbers) => mapBy(await orders.findBy({ number: In([...numbers]) }), ({ number }) => number),

    linesOf: async (orderIds) => {
      const rows: (OrderLineRow & Pick<Order, "currency">)[] = await source.query(
        `select l.order_id as "orderId", l.variant_id as "variantId", l.product_id as "productId", l.title, l.sku, l.quantity,
           l.unit_price_minor as "unitPriceMinor", o.currency
         from order_lines l join orders o on o.id = l.order_id
         where l.order_id = any($1::uuid[]) order by l.order_id, l.position`,
        [orderIds],
      );
      const byOrder = groupBy(rows, ({ orderId }) => orderId);
      return new Map([...byOrder].map(([orderId, lines]) => [orderId, lines.map(toLine)]));
    },

    ofCustomers: async (customerIds, slice) => {
      const { conditions, order, limit, values } = sliceSql(slice, [customerIds]);
      // A lateral join reads only the rows of each customer's page from the index, also of one with a million orders.
      const rows: Order[] = await source.query(
        `select ${columns} from unnest($1::uuid[]) as customer (id)
         cross join lateral (
           select * from orders where ${["customer_id = customer.id", ...conditions].join(" and ")} ${order} ${limit}
         ) o ${order}`,
        values,
      );
      return groupBy(rows, ({ customerId }) => customerId);
    },

    countOfCustomers: async (customerIds) => {
      const rows: { id: string; count: number }[] = await source.query(
        "select customer_id as id, count(*)::int as count from orders where customer_id = any($1::uuid[]) group by 1",
        [customerIds],
      );
      return new Map(rows.map(({ id, count }) => [id, count]));
    },

    all: (filter, slice) => {
      const { conditions, order, limit, values } = sliceSql(slice, [filter.status ?? null]);
      return source.query(
        `select ${columns} from orders o where ${["($1::text is null or status = $1)", ...conditions].join(" and ")} ${order} ${limit}`,
        values,
      );
    },

    countAll: ({ status }: OrderFilter) => orders.countBy(status === undefined ? {} : { status }),
  };
}

/** The part of a query that cuts a slice out of a list; its values follow those given. */
function sliceSql({ direction, limit, after, before }: OrderSlice, given: readonly unknown[]) {
  const values = [...given];
  const parameter = (value: unknown) => `$${values.push(value)}`;
  const conditions: string[] = [];
  if (after) conditions.push(`(placed_at, id) < (${parameter(after.placedAt)}, ${parameter(after.id)})`);
  if (before) conditions.push(`(placed_at, id) > (${parameter(before.placedAt)}, ${parameter(before.id)})`);
  const way = direction === "forward" ? "desc" : "asc";
  return {
    conditions,
    order: `order by placed_at ${way}, id ${way}`,
    limit: `limit ${parameter(limit + 1)}`,
    values,
  };
}

const toLine = (row: OrderLineRow & Pick<Order, "currency">): OrderLine => ({
  variantId: row.variantId,
  productId: row.productId,
  title: row.title,
  sku: row.sku,
  quantity: row.quantity,
  unitPrice: { amountMinor: row.unitPriceMinor, currency: row.currency },
});

function groupBy<Row>(rows: readonly Row[], keyOf: (row: Row) => string): Map<string, Row[]> {
  const groups = new Map<string, Row[]>();
  for (const row of rows) {
    const group = groups.get(keyOf(row));
    if (group) group.push(row);
    else groups.set(keyOf(row), [row]);
  }
  return groups;
}

const mapBy = (orders: readonly Order[], keyOf: (order: Order) => string): ReadonlyMap<string, Order> =>
  new Map(orders.map((order) => [keyOf(order), order]));
