import type { DataSource, EntityManager } from "typeorm";
import type { ListedKey, ListedPartner, NewKey, PartnerAdmin } from "../keys/partner-admin";

const KEY = `
  select k.id as "keyId", p.slug as partner, k.label, k.mode, k.hash, k.scopes, k.operations, k.allowed_ips::text[] as "allowedIps",
    k.expires_at as "expiresAt", k.revoked_at as "revokedAt", k.last_used_at as "lastUsedAt", k.created_at as "createdAt", k.demo
  from api_keys k join partners p on p.id = k.partner_id`;

export function createPartnerAdmin(source: DataSource): PartnerAdmin {
  const keyOf = async (manager: EntityManager, keyId: string): Promise<ListedKey | undefined> => {
    const [key] = await manager.query<ListedKey[]>(`${KEY} where k.id = $1`, [keyId]);
    return key;
  };
  return {
    partners: () =>
      source.query<ListedPartner[]>(
        `select p.id, p.slug, p.name, p.demo, p.created_at as "createdAt", count(k.id)::int as keys, max(k.last_used_at) as "lastUsedAt"
         from partners p left join api_keys k on k.partner_id = p.id
         group by p.id order by p.slug`,
      ),
    addPartner: async ({ id, slug, name }) => {
      const added = await source.query<unknown[]>(
        "insert into partners (id, slug, name) values ($1, $2, $3) on conflict (slug) do nothing returning id",
        [id, slug, name],
      );
      return added.length > 0;
    },
    removePartner: async (slug) => {
      const removed = await source.query<[unknown[], number]>("delete from partners where slug = $1", [slug]);
      return removed[1] > 0;
    },
    keysOf: async (slug) => {
      const partners = await source.query<unknown[]>("select 1 from partners where slug = $1", [slug]);
      if (partners.length === 0) return undefined;
      return source.query<ListedKey[]>(`${KEY} where p.slug = $1 order by k.created_at desc, k.id`, [slug]);
    },
    key: (keyId) => keyOf(source.manager, keyId),
    addKey: (slug, key) => addKey(source.manager, slug, key),
    replaceKey: (keyId, { successorOf, endsAt }) =>
      source.transaction(async (manager) => {
        await manager.query("select 1 from api_keys where id = $1 for update", [keyId]);
        const key = await keyOf(manager, keyId);
        if (!key) return undefined;
        await addKey(manager, key.partner, successorOf(key));
        await manager.query("update api_keys set expires_at = least(expires_at, $2) where id = $1", [keyId, endsAt]);
        return keyOf(manager, keyId);
      }),
    revokeKey: (keyId, at) =>
      source.transaction(async (manager) => {
        await manager.query("update api_keys set revoked_at = $2 where id = $1 and revoked_at is null", [keyId, at]);
        return keyOf(manager, keyId);
      }),
  };
}

async function addKey(manager: EntityManager, slug: string, key: NewKey): Promise<boolean> {
  // `network` drops the bits that belong to one address only, which `cidr` would refuse.
  const added = await manager.query<unknown[]>(
    `insert into api_keys (id, partner_id, label, hash, mode, scopes, operations, allowed_ips, expires_at, created_at)
     select $2, p.id, $3, $4, $5, $6::text[], $7::text[],
       (select array_agg(network(ip::inet)) from unnest($8::text[]) as ip), $9::timestamptz, $10::timestamptz
     from partners p where p.slug = $1
     returning id`,
    [
      slug,
      key.keyId,
      key.label,
      key.hash,
      key.mode,
      key.scopes,
      key.operations,
      key.allowedIps,
      key.expiresAt,
      key.createdAt,
    ],
  );
  return added.length > 0;
}
