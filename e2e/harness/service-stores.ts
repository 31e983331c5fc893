import { randomBytes } from "node:crypto";
import { connect } from "amqplib";
import { Client } from "pg";
import { createTopology } from "../../kit/amqp/topology";
import { EVENT_CATALOGUE } from "../../schema/events/catalogue";
import { startTcpProxy, type TcpProxy } from "./tcp-proxy";

/** Fresh databases and names of our own on the real servers of the machine. */
export interface ServiceStores {
  /** The settings that bring the platform to them. */
  readonly env: Readonly<Record<string, string>>;
  /** In front of the broker. */
  readonly broker: TcpProxy;
  /** Deletes all of it. */
  close(): Promise<void>;
}

/** @param env has TEST_POSTGRES_URL, TEST_AMQP_URL and, if there is one, TEST_REDIS_URL */
export async function createServiceStores(env: NodeJS.ProcessEnv): Promise<ServiceStores> {
  const postgresUrl = required(env, "TEST_POSTGRES_URL");
  const amqpUrl = required(env, "TEST_AMQP_URL");
  const namespace = `story${randomBytes(5).toString("hex")}`;
  const databases = ["users", "orders", "partners"].map((name) => `${namespace}_${name}`) as [string, string, string];
  const at = (name: string) => Object.assign(new URL(postgresUrl), { pathname: `/${name}` }).href;

  await onPostgres(postgresUrl, async (client) => {
    for (const name of databases) await client.query(`create database ${name}`);
  });
  const target = new URL(amqpUrl);
  const broker = await startTcpProxy({ host: target.hostname, port: Number(target.port || 5_672) });
  const proxied = new URL(amqpUrl);
  proxied.hostname = "127.0.0.1";
  proxied.port = String(broker.port);

  return {
    env: {
      USERS_DATABASE_URL: at(databases[0]),
      ORDERS_DATABASE_URL: at(databases[1]),
      PARTNERS_DATABASE_URL: at(databases[2]),
      AMQP_URL: proxied.href,
      AMQP_NAMESPACE: namespace,
      ...(env.TEST_REDIS_URL && { REDIS_URL: env.TEST_REDIS_URL }),
    },
    broker,
    close: async () => {
      await broker.close();
      await Promise.all([
        onPostgres(postgresUrl, async (client) => {
          for (const name of databases) await client.query(`drop database if exists ${name} with (force)`);
        }),
        deleteTopology(amqpUrl, namespace),
      ]);
    },
  };
}

async function onPostgres(url: string, work: (client: Client) => Promise<void>): Promise<void> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    await work(client);
  } finally {
    await client.end();
  }
}

/** Deleting what does not exist is no error. */
async function deleteTopology(url: string, namespace: string): Promise<void> {
  const topology = createTopology(namespace);
  const listeners = new Set(EVENT_CATALOGUE.flatMap(({ listeners }) => listeners));
  const connection = await connect(url);
  try {
    const channel = await connection.createChannel();
    const queues = [...[...listeners].map(topology.queueOf), ...topology.delays.map(({ queue }) => queue)];
    for (const queue of [...queues, topology.log, topology.deadLog]) await channel.deleteQueue(queue);
    for (const exchange of [topology.events, topology.retry, topology.dead]) await channel.deleteExchange(exchange);
  } finally {
    await connection.close();
  }
}

function required(env: NodeJS.ProcessEnv, name: string): string {
  const value = env[name];
  if (!value) throw new Error(`${name} is not set; run the stories with "npm run test:services".`);
  return value;
}
