import { timingSafeEqual } from "node:crypto";
import { LRUCache } from "lru-cache";
import { type ApiKey, matchesApiKey, parseApiKey } from "../../../kit/api-key";
import type { Logger } from "../../../kit/log";
import { type Networks, networksOf } from "../../access/networks";
import { CallRefused } from "../calls/call-refused";
import { createUseLog } from "./create-use-log";
import type { KeyRecord, KeyStore } from "./key-store";
import type { Partner } from "./partner";

export interface KeyChecker {
  /**
   * @param address of the caller; undefined is none that any list allows
   * @returns `undefined` for a key that is malformed, unknown, wrong, expired or revoked
   * @throws CallRefused for one that may not be used from there, KeysUnavailableError
   */
  check(text: string, address?: string): Promise<Partner | undefined>;
  /** A key was changed; without its id: any may have been. */
  forget(keyId?: string): void;
  /** Writes down the last uses. */
  close(): Promise<void>;
}

/** Nobody is let in while keys cannot be read. */
export class KeysUnavailableError extends Error {
  override readonly name = "KeysUnavailableError";
}

/** So old may be what is known of a key when nobody tells of a change: a revoked key is refused within this time in any case. */
const REMEMBERED_MS = 1_000;
const MAX_REMEMBERED = 10_000;
/** Of no key: compared with where there is none, so that an unknown id takes no less time than a wrong secret. */
const NO_HASH = "0".repeat(64);

interface Remembered {
  /** The text that was found to be right, so that its hash is not made for every call. It goes with what is remembered. */
  proven: Buffer | undefined;
  readonly record: KeyRecord;
  readonly partner: Partner;
  readonly networks: Networks | undefined;
}

/**
 * Checks partners' keys.
 * @param options.pepper the secret with which the keys were hashed
 * @param options.allowDemo false refuses keys whose text is public knowledge
 */
export function createKeyChecker(options: {
  keys: KeyStore;
  pepper: string;
  allowDemo: boolean;
  log: Logger;
  now?: () => number;
  rememberedMs?: number;
}): KeyChecker {
  const { keys, pepper, allowDemo, log, now = Date.now, rememberedMs = REMEMBERED_MS } = options;
  // Unknown ids are remembered too: guessing must not become load on the store. Concurrent calls share one look-up. A look-up that was under way when
  // its key was forgotten is used by those who wait for it already, and by nobody after.
  const remembered = new LRUCache<string, Promise<Remembered | undefined>>({ max: MAX_REMEMBERED, ttl: rememberedMs });
  const uses = createUseLog({ keys, log, now });
  let isAway = false;

  const look = async (keyId: string): Promise<Remembered | undefined> => {
    try {
      const record = await keys.find(keyId);
      if (isAway) log.info("partners' keys can be read again");
      isAway = false;
      return (
        record && {
          proven: undefined,
          record,
          partner: partnerOf(record),
          networks: record.allowedIps ? networksOf(record.allowedIps) : undefined,
        }
      );
    } catch (cause) {
      if (!isAway) log.error({ err: cause }, "partners' keys cannot be read, their calls are refused until then");
      isAway = true;
      throw new KeysUnavailableError("partners' keys cannot be read", { cause });
    }
  };
  const recall = (keyId: string): Promise<Remembered | undefined> => {
    const known = remembered.get(keyId);
    if (known) return known;
    const looking = look(keyId);
    remembered.set(keyId, looking);
    looking.catch(() => remembered.peek(keyId) === looking && remembered.delete(keyId));
    return looking;
  };

  /** @returns undefined for a valid key */
  const faultOf = (key: ApiKey, record: KeyRecord): string | undefined => {
    if (key.mode !== record.mode) return "it is of the other mode";
    if (record.revokedAt !== null) return "it was revoked";
    if (record.expiresAt !== null && record.expiresAt.getTime() <= now()) return "it has expired";
    if (record.demo && !allowDemo) return "it is a demo key";
    return undefined;
  };

  return {
    check: async (text, address) => {
      const key = parseApiKey(text);
      if (!key) return undefined;
      const known = await recall(key.id);
      const isRight = isProven(known, text) || matchesApiKey(key, pepper, known?.record.hash ?? NO_HASH);
      if (known && isRight) known.proven ??= Buffer.from(text);
      const fault = !known || !isRight ? "nobody has it" : faultOf(key, known.record);
      if (!known || fault !== undefined) {
        log.debug({ keyId: key.id, reason: fault }, "a key was refused");
        return undefined;
      }
      if (known.networks && !(address !== undefined && known.networks.has(address))) {
        log.debug({ keyId: key.id, address }, "a key was refused where it was used");
        throw new CallRefused(403, "FORBIDDEN", "The API key may not be used from this address.");
      }
      uses.note(key.id);
      return known.partner;
    },
    forget: (keyId) => void (keyId === undefined ? remembered.clear() : remembered.delete(keyId)),
    close: uses.close,
  };
}

/** Keys have one length, so how long the comparison takes tells nothing. */
function isProven(known: Remembered | undefined, text: string): boolean {
  const { proven } = known ?? {};
  if (!proven) return false;
  const given = Buffer.from(text);
  return given.length === proven.length && timingSafeEqual(given, proven);
}

const partnerOf = ({ keyId, partner, mode, operations, quotas, scopes }: KeyRecord): Partner => ({
  ...partner,
  keyId,
  mode,
  operations: operations ? new Set(operations) : undefined,
  ...(quotas ? { quotas } : {}),
  identity: { kind: "partner", subject: partner.id, roles: [], scopes },
});
