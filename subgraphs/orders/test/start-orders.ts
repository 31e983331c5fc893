import { Registry } from "prom-client";
import type { DataSource } from "typeorm";
import { createHealth } from "../../../kit/health";
import { newId } from "../../../kit/ids";
import { createLogger } from "../../../kit/log";
import { isPostgresAway } from "../../../kit/postgres/is-postgres-away";
import { createSubgraphClient } from "../../../kit/subgraph/ask-subgraph";
import { startSubgraphServer } from "../../../kit/subgraph/start-subgraph-server";
import { createTestDatabase } from "../../../kit/test/postgres-database";
import { askSubgraph, type SubgraphAnswer } from "../../../kit/test/subgraph-client";
import type { Identity, Viewer } from "../../../kit/viewer";
import { createSchema } from "../api/create-schema";
import { createLoaders } from "../api/loaders";
import type { OrderStore } from "../domain/order-store";
import { createProductsPriceSource } from "../remote/products-price-source";
import { openOrdersDatabase } from "../store/orders-database";
import { createPostgresOrderReader } from "../store/postgres-order-reader";
import { createPostgresOrderStore } from "../store/postgres-order-store";
import { type FakeProducts, startFakeProducts } from "./fake-products";

// A machine that runs other suites at the same time is slow, not broken.
jest.setTimeout(30_000);

export const log = createLogger("test", "silent");
const SECRET = "a secret of the test, of thirty-two characters and more";

export const user = (subject: string = newId(), scopes: readonly string[] = ["orders:own"]): Identity => ({
  kind: "user",
  subject,
  roles: ["CUSTOMER"],
  scopes,
});
export const staff = (subject: string = newId()): Identity => ({
  kind: "user",
  subject,
  roles: ["STAFF"],
  scopes: ["orders:own", "orders:read", "orders:write"],
});

export interface RunningOrders {
  readonly source: DataSource;
  readonly databaseUrl: string;
  readonly store: OrderStore;
  readonly products: FakeProducts;
  readonly port: number;
  /** What the store calls after each commit that the outbox tells of. */
  onCommit: () => void;
  ask(
    viewer: Viewer,
    query: string,
    variables?: Record<string, unknown>,
    headers?: Record<string, string>,
  ): Promise<SubgraphAnswer>;
  /** Places an order of new variants for this customer. @returns its id */
  place(customer: Identity, quantities?: readonly number[]): Promise<string>;
  /** Rows of a statement, for a look behind the API. */
  rows<Row>(statement: string, values?: readonly unknown[]): Promise<Row[]>;
  close(): Promise<void>;
}

/** The service without its process and its broker: a fresh database, its server, and products that a test controls. */
export async function startOrders(): Promise<RunningOrders> {
  const testDatabase = await createTestDatabase();
  const database = await openOrdersDatabase({ url: testDatabase.url, log });
  const products = await startFakeProducts(SECRET);
  const client = createSubgraphClient({
    url: products.url,
    audience: "products",
    issuer: "orders",
    internalSecret: SECRET,
  });
  const store = createPostgresOrderStore({ source: database.source, onCommit: () => running.onCommit() });
  const ports = {
    store,
    reader: createPostgresOrderReader(database.source),
    prices: createProductsPriceSource(client),
    now: () => new Date(),
  };
  const { schema } = await createSchema();
  const server = await startSubgraphServer({
    name: "orders",
    schema,
    internalSecret: SECRET,
    host: "127.0.0.1",
    port: 0,
    log,
    health: createHealth(),
    metrics: new Registry(),
    createLoaders: (viewer) => createLoaders(ports, viewer),
    isAway: isPostgresAway,
  });

  const ask: RunningOrders["ask"] = (viewer, query, variables = {}, headers = {}) =>
    askSubgraph({ port: server.port, name: "orders", secret: SECRET, viewer, query, variables, headers });
  const running: RunningOrders = {
    source: database.source,
    databaseUrl: testDatabase.url,
    store,
    products,
    port: server.port,
    onCommit: () => undefined,
    ask,
    place: async (customer, quantities = [1]) => {
      const lines = quantities.map((quantity) => ({ variantId: products.add().id, quantity }));
      const { data, errors } = await ask(
        customer,
        `mutation ($lines: [OrderLineInput!]!) {
          placeOrder(input: { lines: $lines }) { ... on PlaceOrderSuccess { order { id } } ... on Error { message } }
        }`,
        { lines },
      );
      const { order } = (data?.["placeOrder"] ?? {}) as { order?: { id: string } };
      if (!order) throw new Error(`no order was placed: ${JSON.stringify({ data, errors })}`);
      return order.id;
    },
    rows: (statement, values = []) => database.source.query(statement, [...values]),
    close: async () => {
      await server.close();
      await client.close();
      await products.close();
      await database.close();
      await testDatabase.close();
    },
  };
  return running;
}
