import type { Environment } from "../../kit/config";

/**
 * Ours to hand out, one by one, to whom they concern: a subgraph gets its own database and not its neighbour's. PG*
 * would be defaults of the PostgreSQL client, and npm_* is noise.
 */
const notInherited =
  /^(PORT|HOST|DATABASE_URL|USERS_DATABASE_URL|ORDERS_DATABASE_URL|PARTNERS_DATABASE_URL|PRODUCTS_MONGODB_URL|MONGODB_URL|AMQP_URL|REDIS_URL|INTERNAL_SECRET|CURSOR_SECRET|PARTNER_KEY_PEPPER|OTEL_SERVICE_NAME|SEED_DEMO|TRIBUTARY_DATA_DIR|PG[A-Z]+|npm_.*|INIT_CWD)$/;

/** What every process inherits from the user's environment: PATH, NODE_OPTIONS, settings of a single service. */
export function inheritedEnvironment(env: Environment): Record<string, string> {
  const entries = Object.entries(env).filter(([name, value]) => value !== undefined && !notInherited.test(name));
  return Object.fromEntries(entries) as Record<string, string>;
}
