import type { CommandStartedEvent, Db } from "mongodb";
import { Registry } from "prom-client";
import { createHealth } from "../../../kit/health";
import { newId } from "../../../kit/ids";
import { startSubgraphServer } from "../../../kit/subgraph/start-subgraph-server";
import { askSubgraph, type SubgraphAnswer } from "../../../kit/test/subgraph-client";
import type { Identity, Viewer } from "../../../kit/viewer";
import { createSchema } from "../api/create-schema";
import { createLoaders } from "../api/loaders";
import { createMongoCatalogueReader } from "../store/mongo-catalogue-reader";
import { createMongoProductStore } from "../store/mongo-product-store";
import { createTestDatabase, log } from "./test-database";

const SECRET = "a secret of the test, of thirty-two characters and more";

export const customer: Identity = { kind: "user", subject: newId(), roles: ["CUSTOMER"], scopes: ["orders:own"] };
export const staff: Identity = {
  kind: "user",
  subject: newId(),
  roles: ["STAFF"],
  scopes: ["orders:own", "products:write"],
};

export interface RunningProducts {
  readonly db: Db;
  readonly port: number;
  /** What the store calls after each write that the outbox tells of. */
  onCommit: () => void;
  ask(viewer: Viewer, query: string, variables?: Record<string, unknown>): Promise<SubgraphAnswer>;
  /** The data of an answer that has to be without errors. */
  data<Data = Record<string, never>>(viewer: Viewer, query: string, variables?: Record<string, unknown>): Promise<Data>;
  commandsDuring(work: () => Promise<unknown>): Promise<CommandStartedEvent[]>;
  close(): Promise<void>;
}

/** The service without its process and its broker: a fresh database and its server. */
export async function startProducts(): Promise<RunningProducts> {
  const database = await createTestDatabase();
  const { db } = database;
  const ports = {
    reader: createMongoCatalogueReader(db),
    store: createMongoProductStore({ db, onCommit: () => running.onCommit() }),
    now: () => new Date(),
  };
  const { schema } = await createSchema();
  const server = await startSubgraphServer({
    name: "products",
    schema,
    internalSecret: SECRET,
    host: "127.0.0.1",
    port: 0,
    log,
    health: createHealth(),
    metrics: new Registry(),
    createLoaders: (viewer) => createLoaders(ports, viewer),
  });
  const ask: RunningProducts["ask"] = (viewer, query, variables = {}) =>
    askSubgraph({ port: server.port, name: "products", secret: SECRET, viewer, query, variables });
  const running: RunningProducts = {
    db,
    port: server.port,
    onCommit: () => undefined,
    ask,
    data: async <Data>(viewer: Viewer, query: string, variables?: Record<string, unknown>) => {
      const { data, errors } = await ask(viewer, query, variables);
      if (errors || !data) throw new Error(`the answer has errors: ${JSON.stringify(errors)}`);
      return data as Data;
    },
    commandsDuring: (work) => database.commandsDuring(work),
    close: async () => {
      await server.close();
      await database.close();
    },
  };
  return running;
}
