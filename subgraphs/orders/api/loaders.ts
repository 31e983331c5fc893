import DataLoader from "dataloader";
import { isId } from "../../../kit/ids";
import { requireScope, type Viewer } from "../../../kit/viewer";
import type { SubgraphContext } from "../../../kit/subgraph/subgraph-context";
import { mayReadOrder, READ_ORDERS, requireReaderOfCustomer } from "../domain/access";
import { cancelOrder, type CancelOrderInput } from "../domain/cancel-order";
import type { PlaceOrderInput } from "../domain/basket";
import { isOrderNumber, type Order, type OrderLine } from "../domain/order";
import type { OrderFilter, OrderReader, OrderSlice, OrderStore } from "../domain/order-store";
import type { Origin } from "../domain/origin";
import { placeOrder } from "../domain/place-order";
import type { PriceSource } from "../domain/price-source";
import type { CancelOrderRefusal, PlaceOrderRefusal } from "../domain/refusals";

export type OrdersContext = SubgraphContext<OrdersLoaders>;

/** All that resolvers of one request can do, bound to who asks. */
export interface OrdersLoaders {
  /** Null also for an order that the viewer may not see. */
  orderById(id: string): Promise<Order | null>;
  orderByNumber(number: string): Promise<Order | null>;
  linesOf(orderId: string): Promise<readonly OrderLine[]>;
  ordersOfCustomer(customerId: string, slice: OrderSlice): Promise<readonly Order[]>;
  countOfCustomer(customerId: string): Promise<number>;
  allOrders(filter: OrderFilter, slice: OrderSlice): Promise<readonly Order[]>;
  countOrders(filter: OrderFilter): Promise<number>;
  placeOrder(input: PlaceOrderInput, origin: Origin): Promise<Order | PlaceOrderRefusal>;
  cancelOrder(input: CancelOrderInput, origin: Origin): Promise<Order | CancelOrderRefusal>;
}

export interface OrdersPorts {
  readonly store: OrderStore;
  readonly reader: OrderReader;
  readonly prices: PriceSource;
  readonly now: () => Date;
}

/** However many orders, customers or lines one request names: each kind is one query. */
export function createLoaders(ports: OrdersPorts, viewer: Viewer): OrdersLoaders {
  const { reader } = ports;
  const visible = (order: Order | undefined): Order | null => (order && mayReadOrder(viewer, order) ? order : null);

  const byId = new DataLoader<string, Order | null>(async (ids) => {
    const found = await reader.byIds(ids.filter(isId));
    return ids.map((id) => visible(found.get(id)));
  });
  const byNumber = new DataLoader<string, Order | null>(async (numbers) => {
    const found = await reader.byNumbers(numbers.filter(isOrderNumber));
    return numbers.map((number) => visible(found.get(number)));
  });
  const lines = new DataLoader<string, readonly OrderLine[]>(async (orderIds) => {
    const found = await reader.linesOf(orderIds);
    return orderIds.map((id) => found.get(id) ?? []);
  });
  const counts = new DataLoader<string, number>(async (customerIds) => {
    const found = await reader.countOfCustomers(customerIds);
    return customerIds.map((id) => found.get(id) ?? 0);
  });
  // One loader per slice: aliases may ask for several slices of the same customers.
  const slices = new Map<string, DataLoader<string, readonly Order[]>>();
  const sliceLoader = (slice: OrderSlice) => {
    const name = JSON.stringify(slice);
    let loader = slices.get(name);
    if (!loader) {
      loader = new DataLoader<string, readonly Order[]>(async (customerIds) => {
        const found = await reader.ofCustomers(customerIds, slice);
        return customerIds.map((id) => found.get(id) ?? []);
      });
      slices.set(name, loader);
    }
    return loader;
  };

  return {
    orderById: (id) => byId.load(id),
    orderByNumber: (number) => byNumber.load(number),
    linesOf: (orderId) => lines.load(orderId),
    ordersOfCustomer: async (customerId, slice) => {
      requireReaderOfCustomer(viewer, customerId);
      return isId(customerId) ? sliceLoader(slice).load(customerId) : [];
    },
    countOfCustomer: async (customerId) => {
      requireReaderOfCustomer(viewer, customerId);
      return isId(customerId) ? counts.load(customerId) : 0;
    },
    allOrders: async (filter, slice) => {
      requireScope(viewer, READ_ORDERS);
      return reader.all(filter, slice);
    },
    countOrders: async (filter) => {
      requireScope(viewer, READ_ORDERS);
      return reader.countAll(filter);
    },
    placeOrder: (input, origin) => placeOrder(ports, viewer, input, origin),
    cancelOrder: (input, origin) => cancelOrder(ports, viewer, input, origin),
  };
}
