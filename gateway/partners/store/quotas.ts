import type { DataSource } from "typeorm";
import type { OwnQuotas, Quota } from "../quotas/quota";

/** Of a query that joins `api_keys k` and `partners p`. */
export const QUOTA_COLUMNS = `p.quota_units::float8 as "partnerUnits", p.quota_window_s as "partnerWindowS",
  k.quota_units::float8 as "keyUnits", k.quota_window_s as "keyWindowS"`;

export interface QuotaColumns {
  readonly partnerUnits: number | null;
  readonly partnerWindowS: number | null;
  readonly keyUnits: number | null;
  readonly keyWindowS: number | null;
}

export function quotasIn({ partnerUnits, partnerWindowS, keyUnits, keyWindowS }: QuotaColumns): OwnQuotas {
  const partner = quotaOf(partnerUnits, partnerWindowS);
  const key = quotaOf(keyUnits, keyWindowS);
  return { ...(partner ? { partner } : {}), ...(key ? { key } : {}) };
}

const quotaOf = (units: number | null, windowS: number | null): Quota | undefined =>
  units === null || windowS === null ? undefined : { units, windowS };

/** What partners and keys have of their own, in place of the gateway's settings. */
export interface QuotaSettings {
  /** @returns undefined when there is no such partner */
  list(
    slug: string,
  ): Promise<{ readonly partner: Quota | undefined; readonly keys: ReadonlyMap<string, Quota> } | undefined>;
  /** Gateways are told at once. @param quota undefined: that of the settings again @returns false when there is no such partner, or no such key of it */
  set(whose: { readonly slug: string; readonly keyId?: string }, quota: Quota | undefined): Promise<boolean>;
}

export const createQuotaSettings = (source: DataSource): QuotaSettings => ({
  list: async (slug) => {
    const rows = await source.query<({ keyId: string | null } & QuotaColumns)[]>(
      `select k.id as "keyId", ${QUOTA_COLUMNS} from partners p left join api_keys k on k.partner_id = p.id where p.slug = $1`,
      [slug],
    );
    const keys = rows.flatMap((row): [string, Quota][] => {
      const { key } = quotasIn(row);
      return row.keyId !== null && key ? [[row.keyId, key]] : [];
    });
    return rows[0] && { partner: quotasIn(rows[0]).partner, keys: new Map(keys) };
  },
  set: async ({ slug, keyId }, quota) => {
    const values = [quota?.units ?? null, quota?.windowS ?? null, slug];
    const [, changed] =
      keyId === undefined
        ? await source.query<[unknown, number]>(
            "update partners set quota_units = $1, quota_window_s = $2 where slug = $3",
            values,
          )
        : await source.query<[unknown, number]>(
            `update api_keys k set quota_units = $1, quota_window_s = $2
             from partners p where p.id = k.partner_id and p.slug = $3 and k.id = $4`,
            [...values, keyId],
          );
    return changed > 0;
  },
});
