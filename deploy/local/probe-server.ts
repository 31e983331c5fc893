import type { ServerSetting } from "./settings";

/** How long a client may take to find out that nobody answers. */
const patienceMs = 2_000;
/** For a client that does not find out: longer than any that does takes, with time to load it on a busy machine. */
const limitMs = 10_000;

/** What a failed probe is called on the terminal. */
const products: Record<ServerSetting, string> = {
  USERS_DATABASE_URL: "PostgreSQL",
  ORDERS_DATABASE_URL: "PostgreSQL",
  PARTNERS_DATABASE_URL: "PostgreSQL",
  PRODUCTS_MONGODB_URL: "MongoDB",
  AMQP_URL: "RabbitMQ",
  REDIS_URL: "Redis",
};

/**
 * Logs in to the user's server the way the services do, to say what is wrong in terms of the setting.
 * The clients are loaded only when somebody asks: everything has gone well on nearly every start.
 *
 * @returns one sentence, without the password, or undefined when the server answers
 */
export async function probeServer(setting: ServerSetting, url: string): Promise<string | undefined> {
  const where = new URL(url).host;
  try {
    await withinPatience(logIn(setting, url));
    return undefined;
  } catch (error) {
    return `${setting}: ${products[setting]} at ${where} does not let us in (${reasonOf(error)}).`;
  }
}

async function logIn(setting: ServerSetting, url: string): Promise<void> {
  switch (setting) {
    case "USERS_DATABASE_URL":
    case "ORDERS_DATABASE_URL":
    case "PARTNERS_DATABASE_URL": {
      const { Client } = await import("pg");
      const client = new Client({ connectionString: url, connectionTimeoutMillis: patienceMs });
      client.on("error", () => {});
      await client.connect();
      return client.end();
    }
    case "PRODUCTS_MONGODB_URL": {
      const { MongoClient } = await import("mongodb");
      const client = new MongoClient(url, { serverSelectionTimeoutMS: patienceMs, connectTimeoutMS: patienceMs });
      try {
        await client.db().command({ ping: 1 });
      } finally {
        await client.close();
      }
      return;
    }
    case "AMQP_URL": {
      const { connect } = await import("amqplib");
      const connection = await connect(url, { timeout: patienceMs });
      connection.on("error", () => {});
      return connection.close();
    }
    case "REDIS_URL": {
      const { Redis } = await import("ioredis");
      const options = {
        lazyConnect: true,
        disconnectTimeout: 1,
        connectTimeout: patienceMs,
        maxRetriesPerRequest: 0,
        retryStrategy: () => null,
      };
      const client = new Redis(url, options);
      let refused: Error | undefined;
      client.on("error", (error: Error) => (refused = error));
      try {
        await client.ping();
      } catch (error) {
        // "Connection is closed." is all the command says; the event said why.
        throw refused ?? error;
      } finally {
        client.disconnect();
      }
    }
  }
}

async function withinPatience(promise: Promise<void>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error("no answer")), limitMs);
  });
  try {
    await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}

/** Node reports a host with several addresses as an AggregateError without a message of its own. */
function reasonOf(error: unknown): string {
  const { message, code, errors } = error as { message?: string; code?: unknown; errors?: Error[] };
  return message || errors?.[0]?.message || String(code ?? "unknown reason");
}
