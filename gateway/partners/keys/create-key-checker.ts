import { LRUCache } from "lru-cache";
import { type ApiKey, matchesApiKey, parseApiKey } from "../../../kit/api-key";
import type { KeyRecord, KeyStore } from "./key-store";
import type { Partner } from "./partner";

export interface KeyChecker {
  /** @returns `undefined` for a key that is malformed, unknown, wrong, expired or revoked @throws while the keys cannot be read */
  check(text: string): Promise<Partner | undefined>;
}

/** A revoked key is refused within this time on every gateway. */
const REMEMBERED_MS = 1_000;
const MAX_REMEMBERED = 10_000;

/**
 * Checks partners' keys.
 * @param options.pepper the secret with which the keys were hashed
 * @param options.allowDemo false refuses keys whose text is public knowledge
 */
export function createKeyChecker(options: {
  keys: KeyStore;
  pepper: string;
  allowDemo: boolean;
  now?: () => number;
}): KeyChecker {
  const { keys, pepper, allowDemo, now = Date.now } = options;
  // Unknown ids are remembered too: guessing must not become load on the store. Concurrent calls share one look-up.
  const records = new LRUCache<string, { record: KeyRecord | undefined }>({
    max: MAX_REMEMBERED,
    ttl: REMEMBERED_MS,
    fetchMethod: async (keyId) => ({ record: await keys.find(keyId) }),
  });

  const isValid = (key: ApiKey, record: KeyRecord): boolean =>
    matchesApiKey(key, pepper, record.hash) &&
    key.mode === record.mode &&
    record.revokedAt === null &&
    (record.expiresAt === null || record.expiresAt.getTime() > now()) &&
    (allowDemo || !record.demo);

  return {
    check: async (text) => {
      const key = parseApiKey(text);
      if (!key) return undefined;
      const record = (await records.fetch(key.id))?.record;
      return record && isValid(key, record) ? partnerOf(record) : undefined;
    },
  };
}

const partnerOf = ({ keyId, partner, mode, operations, scopes }: KeyRecord): Partner => ({
  ...partner,
  keyId,
  mode,
  operations: operations ? new Set(operations) : undefined,
  identity: { kind: "partner", subject: partner.id, roles: [], scopes },
});
