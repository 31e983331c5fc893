import "reflect-metadata";
import { connectBroker } from "../../kit/amqp/connect-broker";
import { observeBroker } from "../../kit/amqp/observe-broker";
import { createTopology } from "../../kit/amqp/topology";
import { createHealth } from "../../kit/health";
import { createLogger } from "../../kit/log";
import { createMetrics } from "../../kit/metrics";
import { isPostgresAway } from "../../kit/postgres/is-postgres-away";
import { runService } from "../../kit/run-service";
import { createShutdown } from "../../kit/shutdown";
import { startSubgraphServer } from "../../kit/subgraph/start-subgraph-server";
import { openTracing } from "../../kit/tracing/open-tracing";
import { createLoaders } from "./api/create-loaders";
import { createRoutes } from "./api/routes";
import { createSchema } from "./api/create-schema";
import { type Config, parseConfig } from "./config";
import { createPasswordHasher } from "./domain/password-hasher";
import { createUseCases } from "./domain/use-cases";
import { startRelay } from "./events/relay";
import { createLoginAttempts } from "./store/login-attempts";
import { createStaleRowPruner } from "./store/prune-stale-rows";
import { seedDemo } from "./store/seed-demo";
import { createSessionStore } from "./store/session-store";
import { openSigningKey, readJwks } from "./store/signing-keys";
import { createUserStore } from "./store/user-store";
import { openUsersDatabase } from "./store/users-database";

const NAME = "users";

async function main(config: Config): Promise<void> {
  const log = createLogger(NAME, config.LOG_LEVEL);
  const health = createHealth();
  const metrics = createMetrics(NAME);
  const shutdown = createShutdown({ log, health, supervised: config.TRIBUTARY_SUPERVISED === "1" });
  shutdown.add("tracing", openTracing({ service: NAME, env: process.env, log, metrics }));
  const demoAllowed = config.NODE_ENV !== "production";

  const database = shutdown.add("database", await openUsersDatabase({ url: config.DATABASE_URL, log }));
  health.require("database", database.ping);
  const { source } = database;
  const passwords = await createPasswordHasher();
  if (config.SEED_DEMO) await seedDemo({ source, passwords, log });
  const signingKey = await openSigningKey(source, config.INTERNAL_SECRET, log);
  shutdown.add("pruner", createStaleRowPruner(source, log));

  const broker = shutdown.add("broker", await connectBroker({ url: config.AMQP_URL, log, name: NAME }));
  observeBroker(broker, metrics);
  const topology = createTopology(config.AMQP_NAMESPACE);
  const relay = shutdown.add("relay", startRelay({ databaseUrl: config.DATABASE_URL, broker, topology, log }));

  const users = createUserStore(source, { onEvent: relay.wake });
  const useCases = createUseCases({
    users,
    sessions: createSessionStore(source, { log, onEvent: relay.wake }),
    attempts: createLoginAttempts(source),
    passwords,
    signingKey,
    demoAllowed,
    now: () => new Date(),
  });
  const { schema } = await createSchema();
  const server = shutdown.add(
    "server",
    await startSubgraphServer({
      name: NAME,
      schema,
      internalSecret: config.INTERNAL_SECRET,
      host: config.HOST,
      port: config.PORT,
      log,
      health,
      metrics,
      isAway: isPostgresAway,
      createLoaders: () => createLoaders(users, useCases),
      routes: createRoutes({ readJwks: () => readJwks(source) }),
    }),
  );
  log.info({ port: server.port }, "listening");
  process.send?.({ type: "listening", port: server.port });
}

runService(NAME, () => parseConfig(process.env), main);
