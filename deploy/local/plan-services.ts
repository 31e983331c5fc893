import path from "node:path";
import type { Secrets } from "./secrets";
import type { Settings } from "./settings";

export interface ServicePlan {
  readonly name: "users" | "products" | "orders" | "gateway";
  readonly file: string;
  readonly env: Readonly<Record<string, string>>;
  readonly execArgv: readonly string[];
}

export interface StoreUrls {
  readonly users: string;
  readonly orders: string;
  readonly partners: string;
  readonly products: string;
  readonly amqp: string;
}

export interface ServicePorts {
  readonly users: number;
  readonly products: number;
  readonly orders: number;
  readonly gateway: number;
}

/** Which services run, and all that each is told. The gateway comes last: it is stopped first. */
export function planServices(options: {
  root: string;
  settings: Settings;
  secrets: Secrets;
  stores: StoreUrls;
  ports: ServicePorts;
  inherited: Readonly<Record<string, string>>;
}): ServicePlan[] {
  const { root, settings, stores, ports } = options;
  const { INTERNAL_SECRET, CURSOR_SECRET, PARTNER_KEY_PEPPER } = { ...options.secrets, ...given(settings.secrets) };
  const demo = String(settings.demo);
  const everyone = {
    ...options.inherited,
    AMQP_URL: stores.amqp,
    AMQP_NAMESPACE: settings.amqpNamespace,
    INTERNAL_SECRET,
    LOG_LEVEL: settings.logLevel,
    NODE_ENV: settings.nodeEnv,
    DEMO: demo,
  };
  const at = (port: number, pathname: string) => `http://127.0.0.1:${port}${pathname}`;
  const subgraph = (name: "users" | "products" | "orders", own: Record<string, string>): ServicePlan => ({
    name,
    file: path.join(root, "dist/subgraphs", name, "main.js"),
    env: { ...everyone, PORT: String(ports[name]), HOST: "127.0.0.1", SEED_DEMO: demo, ...own },
    execArgv: [],
  });
  return [
    subgraph("users", { DATABASE_URL: stores.users }),
    subgraph("products", { MONGODB_URL: stores.products }),
    subgraph("orders", { DATABASE_URL: stores.orders, PRODUCTS_SUBGRAPH_URL: at(ports.products, "/graphql") }),
    {
      name: "gateway",
      file: path.join(root, "dist/gateway/main.js"),
      env: {
        ...everyone,
        PORT: String(ports.gateway),
        HOST: settings.host,
        SUPERGRAPH_FILE: "schema/supergraph.graphql",
        SUBGRAPH_URLS: (["users", "products", "orders"] as const)
          .map((name) => `${name}=${at(ports[name], "/graphql")}`)
          .join(","),
        SUBGRAPH_HEALTH_PATH: "/health/ready",
        JWKS_URL: at(ports.users, "/.well-known/jwks.json"),
        PARTNERS_DATABASE_URL: stores.partners,
        IDEMPOTENT_SUBGRAPHS: "orders",
        PARTNER_KEY_PEPPER,
        CURSOR_SECRET,
        SEED_DEMO: demo,
        ...(settings.demo ? { EXPLORER_EXAMPLES: "schema/operations/explorer" } : {}),
        ...given({ REDIS_URL: settings.servers.REDIS_URL }),
      },
      // The same young generation as `npm run gateway`.
      execArgv: ["--max-semi-space-size=24"],
    },
  ];
}

function given<T extends object>(values: T): { [K in keyof T]: NonNullable<T[K]> } {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as never;
}
