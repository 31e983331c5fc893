import { type DataSource, IsNull, LessThan } from "typeorm";
import type { PartnerKey, PartnerKeys } from "../domain/partner-key";
import { ApiKeyRow } from "./api-key-row";

/** `last_used_at` is precise to a minute, so that a busy key is not a write per look-up. */
const LAST_USED_PRECISION_MS = 60_000;

/** @param options.demoAllowed false hides the published demo key */
export function createPartnerKeys(source: DataSource, options: { demoAllowed: boolean }): PartnerKeys {
  return {
    find: async (keyId) => {
      const keys = source.getRepository(ApiKeyRow);
      const row = await keys.findOne({ where: { id: keyId }, relations: { partner: true } });
      if (!row || (row.demo && !options.demoAllowed)) return undefined;
      const now = new Date();
      const stale = LessThan(new Date(now.getTime() - LAST_USED_PRECISION_MS));
      await keys.update(
        [
          { id: keyId, lastUsedAt: IsNull() },
          { id: keyId, lastUsedAt: stale },
        ],
        { lastUsedAt: now },
      );
      return toPartnerKey(row);
    },
  };
}

const toPartnerKey = ({ id, partner, mode, hash, scopes, expiresAt, revokedAt, demo }: ApiKeyRow): PartnerKey => ({
  keyId: id,
  partnerId: partner.id,
  partnerSlug: partner.slug,
  name: partner.name,
  mode,
  hash,
  scopes,
  expiresAt,
  revokedAt,
  demo,
});
