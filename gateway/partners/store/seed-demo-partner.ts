import type { DataSource } from "typeorm";
import { composeApiKey, hashApiKey } from "../../../kit/api-key";
import type { Logger } from "../../../kit/log";
import { DEMO_PARTNER } from "../../../schema/demo";

/** Any number, the same in every process that may seed. */
const SEED_LOCK = 720_301;
const SCOPES = ["orders:read", "orders:write", "products:read", "webhooks"];

/**
 * Puts the demo partner with a live and a test key into an empty store. A store with partners is left as it is, except that the demo keys follow a
 * changed pepper, and what the demo's operations need. Everything is marked `demo`, so that production refuses it.
 */
export async function seedDemoPartner(options: { source: DataSource; keyPepper: string; log: Logger }): Promise<void> {
  const { source, keyPepper, log } = options;
  const { id, slug, name, keyId, testKeyId, keySecret } = DEMO_PARTNER;
  const keys = [composeApiKey("live", keyId, keySecret), composeApiKey("test", testKeyId, keySecret)];
  await source.transaction(async (manager) => {
    await manager.query("select pg_advisory_xact_lock($1)", [SEED_LOCK]);
    const partners: unknown[] = await manager.query("select 1 from partners limit 1");
    if (partners.length > 0) {
      for (const key of keys) {
        const hash = hashApiKey(key, keyPepper);
        await manager.query(
          "update api_keys set hash = $2, scopes = $3 where id = $1 and demo and (hash <> $2 or scopes <> $3)",
          [key.id, hash, SCOPES],
        );
      }
      return;
    }
    await manager.query("insert into partners (id, slug, name, demo) values ($1, $2, $3, true)", [id, slug, name]);
    for (const key of keys) {
      await manager.query(
        "insert into api_keys (id, partner_id, label, hash, mode, scopes, demo) values ($1, $2, 'demo', $3, $4, $5, true)",
        [key.id, id, hashApiKey(key, keyPepper), key.mode, SCOPES],
      );
    }
    log.info({ partner: slug }, "seeded the demo partner");
  });
}
