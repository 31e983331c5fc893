import type { Logger } from "../../../kit/log";
import { type Database, openDatabase } from "../../../kit/postgres/open-database";
import { CreateOrders1795219200000 } from "./migrations/1-create-orders";
import { KeepEffectKeys1795300000000 } from "./migrations/2-keep-effect-keys";
import { OrderEventRow } from "./order-event-row";
import { OrderLineRow } from "./order-line-row";
import { OrderRow } from "./order-row";

/** Connects, waiting for a database that is not there yet, and brings its schema up to date. */
export const openOrdersDatabase = (options: { url: string; log: Logger }): Promise<Database> =>
  openDatabase({
    ...options,
    entities: [OrderRow, OrderLineRow, OrderEventRow],
    migrations: [CreateOrders1795219200000, KeepEffectKeys1795300000000],
  });
