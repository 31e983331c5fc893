import type { DataSource } from "typeorm";
import type { KeyRecord, KeyStore } from "../keys/key-store";

interface Row extends Omit<KeyRecord, "partner"> {
  readonly partnerId: string;
  readonly slug: string;
  readonly name: string;
}

export const createKeyStore = (source: DataSource): KeyStore => ({
  find: async (keyId) => {
    const [row] = await source.query<Row[]>(
      `select k.id as "keyId", p.id as "partnerId", p.slug, p.name, k.mode, k.hash, k.scopes, k.operations, k.allowed_ips::text[] as "allowedIps",
         k.expires_at as "expiresAt", k.revoked_at as "revokedAt", k.demo
       from api_keys k join partners p on p.id = k.partner_id
       where k.id = $1`,
      [keyId],
    );
    if (!row) return undefined;
    const { partnerId: id, slug, name, ...key } = row;
    return { ...key, partner: { id, slug, name } };
  },
});
