import type { DataSource } from "typeorm";
import type { KeyRecord, KeyStore } from "../keys/key-store";
import { queryWithin } from "./query-within";
import { QUOTA_COLUMNS, type QuotaColumns, quotasIn } from "./quotas";

interface Row extends Omit<KeyRecord, "partner" | "quotas">, QuotaColumns {
  readonly partnerId: string;
  readonly slug: string;
  readonly name: string;
}

/** Every call of a partner waits for this. */
const FIND_TIMEOUT_MS = 1_000;

export const createKeyStore = (source: DataSource): KeyStore => ({
  find: async (keyId) => {
    const [row] = await queryWithin<Row>(
      source,
      FIND_TIMEOUT_MS,
      `select k.id as "keyId", p.id as "partnerId", p.slug, p.name, k.mode, k.hash, k.scopes, k.operations, k.allowed_ips::text[] as "allowedIps",
         k.expires_at as "expiresAt", k.revoked_at as "revokedAt", k.demo,
         ${QUOTA_COLUMNS}
       from api_keys k join partners p on p.id = k.partner_id
       where k.id = $1`,
      [keyId],
    );
    if (!row) return undefined;
    const quotas = quotasIn(row);
    // Written out: a row has another shape with every query, and its copies would have it too.
    return {
      keyId: row.keyId,
      partner: { id: row.partnerId, slug: row.slug, name: row.name },
      mode: row.mode,
      hash: row.hash,
      scopes: row.scopes,
      operations: row.operations,
      allowedIps: row.allowedIps,
      quotas: quotas.partner || quotas.key ? quotas : undefined,
      expiresAt: row.expiresAt,
      revokedAt: row.revokedAt,
      demo: row.demo,
    };
  },
  noteUses: async (uses) => {
    await source.query(
      `update api_keys k set last_used_at = use.at
       from unnest($1::text[], $2::timestamptz[]) as use (id, at)
       where k.id = use.id and (k.last_used_at is null or k.last_used_at <= use.at - interval '1 minute')`,
      [[...uses.keys()], [...uses.values()]],
    );
  },
});
