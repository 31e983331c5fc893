import { createHash, randomBytes } from "node:crypto";
import path from "node:path";
import { findFreePorts } from "../../deploy/local/free-ports";
import { startPostgres } from "../../deploy/local/postgres/start-postgres";
import { makeKey } from "../../gateway/partners/keys/make-key";
import { readOperations } from "../../gateway/partners/registry/read-operations";
import { createPartnerAdmin } from "../../gateway/partners/store/create-partner-admin";
import { createRegistryStore } from "../../gateway/partners/store/create-registry-store";
import { openPartnersDatabase } from "../../gateway/partners/store/open-partners-database";
import { newId } from "../../kit/ids";
import { createLogger } from "../../kit/log";

const SLUG = "bench";
const DATABASE = "partners";

/** An operation of the partner; it has one root field. */
export interface BenchOperation {
  readonly name: string;
  readonly text: string;
  readonly id: string;
  /** Below `/partner/v1`. */
  readonly path: string;
}

export const benchOperation = (text: string): BenchOperation => {
  const name = /query (\w+)/.exec(text)?.[1] ?? "";
  return { name, text, id: createHash("sha256").update(text).digest("hex"), path: `/ops/${name}` };
};

/** A partner with one key and these operations, in a PostgreSQL of the benchmark's own. */
export async function openPartners(folder: string, operations: readonly BenchOperation[]) {
  const [port] = (await findFreePorts(1)) as [number];
  const postgres = await startPostgres({
    home: path.join(folder, "postgres"),
    port,
    password: randomBytes(16).toString("hex"),
    databases: [DATABASE],
    durable: false,
  });
  const url = postgres.url(DATABASE);
  const pepper = randomBytes(24).toString("hex");
  const database = await openPartnersDatabase({ url, log: createLogger("bench", "silent") });
  try {
    const admin = createPartnerAdmin(database.source);
    await admin.addPartner({ id: newId(), slug: SLUG, name: "Benchmark" });
    const settings = {
      label: "",
      mode: "live",
      scopes: [],
      operations: null,
      allowedIps: null,
      expiresAt: null,
    } as const;
    const { key, text } = makeKey(settings, pepper, new Date());
    await admin.addKey(SLUG, key);
    const manifest = {
      format: "apollo-persisted-query-manifest",
      version: 1,
      operations: operations.map(({ id, name, text: body }) => ({ id, name, type: "query", body, clientName: SLUG })),
    };
    const read = readOperations(JSON.stringify(manifest));
    if (read.problems.length > 0)
      throw new Error(`the operations cannot be registered: ${JSON.stringify(read.problems)}`);
    const now = new Date();
    const version = { state: "active", author: "bench", note: "", sunsetAt: now, after: 0 } as const;
    await createRegistryStore(database.source).publish(SLUG, { operations: read.operations, ...version }, now);
    return { env: { PARTNERS_DATABASE_URL: url, PARTNER_KEY_PEPPER: pepper }, key: text, close: postgres.close };
  } catch (error) {
    await postgres.close();
    throw error;
  } finally {
    await database.close();
  }
}
