import "reflect-metadata";
import { connectBroker } from "../../kit/amqp/connect-broker";
import { consumeEvents } from "../../kit/amqp/consume-events";
import { createPublisher } from "../../kit/amqp/create-publisher";
import { observeBroker } from "../../kit/amqp/observe-broker";
import { createTopology } from "../../kit/amqp/topology";
import { createHealth } from "../../kit/health";
import { createLogger } from "../../kit/log";
import { createMetrics } from "../../kit/metrics";
import { createRelay } from "../../kit/outbox/create-relay";
import { createInboxPruner } from "../../kit/postgres/inbox-table";
import { isPostgresAway } from "../../kit/postgres/is-postgres-away";
import { createOutboxTableSource } from "../../kit/postgres/outbox-table";
import { runService } from "../../kit/run-service";
import { createShutdown } from "../../kit/shutdown";
import { createSubgraphClient } from "../../kit/subgraph/ask-subgraph";
import { startSubgraphServer } from "../../kit/subgraph/start-subgraph-server";
import { openTracing } from "../../kit/tracing/open-tracing";
import { listenersOf } from "../../schema/events/catalogue";
import { createSchema } from "./api/create-schema";
import { createLoaders, type OrdersPorts } from "./api/loaders";
import { type Config, parseConfig } from "./config";
import { DEMO_SHOP } from "./demo-shop";
import { onStockRejected } from "./events/on-stock-rejected";
import { onStockReserved } from "./events/on-stock-reserved";
import { createProductsPriceSource } from "./remote/products-price-source";
import { openOrdersDatabase } from "./store/orders-database";
import { createPostgresOrderReader } from "./store/postgres-order-reader";
import { createPostgresOrderStore } from "./store/postgres-order-store";
import { seedDemoOrders } from "./store/seed-demo-orders";

async function main(config: Config): Promise<void> {
  const log = createLogger("orders", config.LOG_LEVEL);
  const metrics = createMetrics("orders");
  const health = createHealth();
  const shutdown = createShutdown({ log, health, supervised: config.TRIBUTARY_SUPERVISED === "1" });
  shutdown.add("tracing", openTracing({ service: "orders", env: process.env, log, metrics }));
  const now = () => new Date();

  const database = shutdown.add("database", await openOrdersDatabase({ url: config.DATABASE_URL, log }));
  health.require("database", () => database.ping());
  if (config.SEED_DEMO) {
    const orders = await seedDemoOrders(database.source, DEMO_SHOP);
    if (orders > 0) log.info({ orders }, "seeded demo orders");
  }
  shutdown.add("inbox pruner", createInboxPruner(database.source, log));

  const broker = shutdown.add("broker", await connectBroker({ url: config.AMQP_URL, log, name: "orders" }));
  const topology = createTopology(config.AMQP_NAMESPACE);
  observeBroker(broker, metrics);
  const publisher = shutdown.add("publisher", createPublisher(broker, topology, listenersOf("orders")));
  const outbox = createOutboxTableSource({ url: config.DATABASE_URL });
  const relay = shutdown.add("relay", createRelay({ source: outbox, publisher, log }));

  const products = shutdown.add(
    "products client",
    createSubgraphClient({
      url: config.PRODUCTS_SUBGRAPH_URL,
      audience: "products",
      issuer: "orders",
      internalSecret: config.INTERNAL_SECRET,
    }),
  );
  const store = createPostgresOrderStore({ source: database.source, onCommit: () => relay.wake() });
  const ports: OrdersPorts = {
    store,
    reader: createPostgresOrderReader(database.source),
    prices: createProductsPriceSource(products),
    now,
  };

  for (const handler of [onStockReserved({ store, now, log }), onStockRejected({ store, now, log })]) {
    shutdown.add(
      handler.name,
      consumeEvents({ broker, topology, service: "orders", handler, log, isAway: isPostgresAway }),
    );
  }

  const { schema } = await createSchema();
  const server = shutdown.add(
    "server",
    await startSubgraphServer({
      name: "orders",
      schema,
      internalSecret: config.INTERNAL_SECRET,
      host: config.HOST,
      port: config.PORT,
      log,
      health,
      metrics,
      createLoaders: (viewer) => createLoaders(ports, viewer),
      isAway: isPostgresAway,
    }),
  );
  log.info({ port: server.port }, "orders listens");
  process.send?.({ type: "listening", port: server.port });
}

runService("orders", () => parseConfig(process.env), main);
