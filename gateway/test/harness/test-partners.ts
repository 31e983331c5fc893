import type { DataSource } from "typeorm";
import { type TcpProxy, startTcpProxy } from "../../../e2e/harness/tcp-proxy";
import { waitUntil } from "../../../e2e/harness/wait-until";
import { type ApiKey, createApiKey, hashApiKey } from "../../../kit/api-key";
import { newId } from "../../../kit/ids";
import { createLogger } from "../../../kit/log";
import { createTestDatabase } from "../../../kit/test/postgres-database";
import { describeProblem } from "../../partners/registry/draft-operation";
import { readOperations } from "../../partners/registry/read-operations";
import { createRegistryStore } from "../../partners/store/create-registry-store";
import { openPartnersDatabase } from "../../partners/store/open-partners-database";
import { PATIENCE, type TestGateway } from "./test-gateway";

export const PEPPER = "a pepper that has 32 characters..";

export interface TestPartners {
  /** The settings that bring a gateway to them. */
  readonly env: { readonly PARTNERS_DATABASE_URL: string; readonly PARTNER_KEY_PEPPER: string };
  readonly source: DataSource;
  /** A live API key of each partner without any scope. */
  readonly keys: Readonly<Record<string, string>>;
  /** Ids of the partners. */
  readonly ids: Readonly<Record<string, string>>;
  /** Between a gateway and the database. */
  readonly network: TcpProxy;
  /** Gives a partner another key. @param columns of `api_keys` @returns the key */
  addKey(slug: string, columns?: Readonly<Record<string, unknown>>, key?: ApiKey): Promise<string>;
  /** Makes the operations of a manifest the next version of each partner in it. What was active goes at `sunsetAt`, by default in a day. */
  publish(manifest: string, sunsetAt?: Date): Promise<void>;
  close(): Promise<void>;
}

/** A fresh database with these partners. */
export async function createTestPartners(slugs: readonly string[]): Promise<TestPartners> {
  const testDatabase = await createTestDatabase();
  const { source, close } = await openPartnersDatabase({ url: testDatabase.url, log: createLogger("test", "silent") });
  const ids = Object.fromEntries(slugs.map((slug) => [slug, newId()]));
  const target = new URL(testDatabase.url);
  const network = await startTcpProxy({ host: target.hostname, port: Number(target.port || 5_432) });
  const addKey: TestPartners["addKey"] = async (slug, columns = {}, key = createApiKey("live")) => {
    const row = {
      id: key.id,
      partner_id: ids[slug],
      hash: hashApiKey(key, PEPPER),
      mode: key.mode,
      scopes: [],
      ...columns,
    };
    const names = Object.keys(row);
    await source.query(
      `insert into api_keys (${names.join(", ")}) values (${names.map((_, i) => `$${i + 1}`).join(", ")})`,
      Object.values(row),
    );
    return key.text;
  };
  const keys: Record<string, string> = {};
  for (const slug of slugs) {
    await source.query("insert into partners (id, slug, name) values ($1, $2, $2)", [ids[slug], slug]);
    keys[slug] = await addKey(slug);
  }
  const url = Object.assign(new URL(testDatabase.url), { hostname: "127.0.0.1", port: String(network.port) }).href;
  return {
    env: { PARTNERS_DATABASE_URL: url, PARTNER_KEY_PEPPER: PEPPER },
    source,
    network,
    keys,
    ids,
    addKey,
    publish: (manifest, sunsetAt = new Date(Date.now() + 86_400_000)) => publish(source, manifest, sunsetAt),
    close: async () => {
      await close();
      await network.close();
      await testDatabase.close();
    },
  };
}

async function publish(source: DataSource, manifest: string, sunsetAt: Date): Promise<void> {
  const { operations, problems } = readOperations(manifest);
  if (problems.length > 0) throw new Error(problems.map(describeProblem).join("\n"));
  const store = createRegistryStore(source);
  for (const slug of new Set(operations.map(({ partner }) => partner))) {
    const { versions } = await store.partner(slug, new Date());
    await store.publish(
      slug,
      {
        operations: operations.filter(({ partner }) => partner === slug),
        state: "active",
        author: "test",
        note: "",
        sunsetAt,
        after: versions[0]?.number ?? 0,
      },
      new Date(),
    );
  }
}

/** Waits until the gateway has its database, and what is registered there. */
export async function partnersReady({ health }: Pick<TestGateway, "health">): Promise<void> {
  await waitUntil("partners", async () => (await health.report()).checks["partners"] === "ok", PATIENCE);
}
