import "reflect-metadata";
import { connectBroker } from "../../kit/amqp/connect-broker";
import { consumeEvents } from "../../kit/amqp/consume-events";
import { createPublisher } from "../../kit/amqp/create-publisher";
import { observeBroker } from "../../kit/amqp/observe-broker";
import { createTopology } from "../../kit/amqp/topology";
import { createHealth } from "../../kit/health";
import { createLogger } from "../../kit/log";
import { createMetrics } from "../../kit/metrics";
import { createDocumentOutboxSource } from "../../kit/mongo/document-outbox";
import { isMongoAway } from "../../kit/mongo/is-mongo-away";
import { openMongo } from "../../kit/mongo/open-mongo";
import { createRelay } from "../../kit/outbox/create-relay";
import { runService } from "../../kit/run-service";
import { createShutdown } from "../../kit/shutdown";
import { startSubgraphServer } from "../../kit/subgraph/start-subgraph-server";
import { openTracing } from "../../kit/tracing/open-tracing";
import { listenersOf } from "../../schema/events/catalogue";
import { createSchema } from "./api/create-schema";
import { createLoaders, type ProductsPorts } from "./api/loaders";
import { type Config, parseConfig } from "./config";
import { putBackLeftovers } from "./domain/release-stock";
import { onOrderCancelled } from "./events/on-order-cancelled";
import { onOrderPlaced } from "./events/on-order-placed";
import { PRODUCTS, RESERVATIONS } from "./store/documents";
import { runMigrations } from "./store/migrations/run-migrations";
import { createMongoCatalogueReader } from "./store/mongo-catalogue-reader";
import { createMongoProductStore } from "./store/mongo-product-store";
import { createMongoStockStore } from "./store/mongo-stock-store";
import { seedDemoShop } from "./store/seed/seed-demo-shop";

async function main(config: Config): Promise<void> {
  const log = createLogger("products", config.LOG_LEVEL);
  const metrics = createMetrics("products");
  const health = createHealth();
  const shutdown = createShutdown({ log, health, supervised: config.TRIBUTARY_SUPERVISED === "1" });
  shutdown.add("tracing", openTracing({ service: "products", env: process.env, log, metrics }));
  const now = () => new Date();

  const database = shutdown.add("database", await openMongo({ url: config.MONGODB_URL, database: "products", log }));
  const { db } = database;
  health.require("database", () => database.ping());
  await runMigrations(db, log);
  if (config.SEED_DEMO) {
    const products = await seedDemoShop(db);
    if (products > 0) log.info({ products }, "seeded the demo shop");
  }

  const broker = shutdown.add("broker", await connectBroker({ url: config.AMQP_URL, log, name: "products" }));
  const topology = createTopology(config.AMQP_NAMESPACE);
  observeBroker(broker, metrics);
  const publisher = shutdown.add("publisher", createPublisher(broker, topology, listenersOf("products")));
  const outbox = createDocumentOutboxSource({ db, collections: [PRODUCTS, RESERVATIONS] });
  const relay = shutdown.add("relay", createRelay({ source: outbox, publisher, log }));

  const onCommit = () => relay.wake();
  const stock = createMongoStockStore({ db, now, onCommit });
  const ports: ProductsPorts = {
    reader: createMongoCatalogueReader(db),
    store: createMongoProductStore({ db, onCommit }),
    now,
  };

  putBackLeftovers(stock, now()).catch((err: unknown) => log.warn({ err }, "could not look for leftover reservations"));
  for (const handler of [onOrderPlaced({ stock, log }), onOrderCancelled({ stock, log })]) {
    shutdown.add(
      handler.name,
      consumeEvents({ broker, topology, service: "products", handler, log, isAway: isMongoAway }),
    );
  }

  const { schema } = await createSchema();
  const server = shutdown.add(
    "server",
    await startSubgraphServer({
      name: "products",
      schema,
      internalSecret: config.INTERNAL_SECRET,
      host: config.HOST,
      port: config.PORT,
      log,
      health,
      metrics,
      createLoaders: (viewer) => createLoaders(ports, viewer),
      isAway: isMongoAway,
    }),
  );
  log.info({ port: server.port }, "products listens");
  process.send?.({ type: "listening", port: server.port });
}

runService("products", () => parseConfig(process.env), main);
