import { timingSafeEqual } from "node:crypto";
import { LRUCache } from "lru-cache";
import { API_KEY_LENGTH, type ApiKey, idOfApiKey, matchesApiKey, parseApiKey } from "../../../kit/api-key";
import type { Logger } from "../../../kit/log";
import { type Networks, networksOf } from "../../access/networks";
import { CallRefused } from "../calls/call-refused";
import { createUseLog } from "./create-use-log";
import type { KeyRecord, KeyStore } from "./key-store";
import type { Partner } from "./partner";

export interface KeyChecker {
  /**
   * @param address of the caller; undefined is none that any list allows
   * @returns `undefined` for a key that is malformed, unknown, wrong, expired or revoked; at once when nobody has to be asked
   * @throws CallRefused for one that may not be used from there, KeysUnavailableError; at once or later
   */
  check(text: string, address?: string): Partner | undefined | Promise<Partner | undefined>;
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
/** What is remembered may be this much older than it looks: reading the clock for every call would cost more than the look-up. */
const CLOCK_PARTS = 20;
const MAX_REMEMBERED = 10_000;
/** Of no key: compared with where there is none, so that an unknown id takes no less time than a wrong secret. */
const NO_HASH = "0".repeat(64);

/** As long as the key is read as it was this is one object, and so is its partner: what others have found out for a partner lives as long. */
interface Holder {
  /** The text that was found to be valid, so that neither its checksum nor its hash is made for every call. */
  proven: Buffer | undefined;
  readonly record: KeyRecord;
  readonly partner: Partner;
  readonly networks: Networks | undefined;
}

/** Ids that no key has are remembered as well: guessing must not become load on the store. */
const NOBODY = "nobody";
type Found = Holder | typeof NOBODY;

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
  const ttlResolution = Math.floor(rememberedMs / CLOCK_PARTS);
  const ttl = rememberedMs - ttlResolution;
  // Concurrent calls share one look-up. One that was under way when its key was forgotten is used by those who wait for it already, and by nobody after.
  const remembered = new LRUCache<string, Found | Promise<Found>>({
    max: MAX_REMEMBERED,
    ttl,
    ttlResolution,
    // What is too old to be used is compared with what is read in its place.
    noDeleteOnStaleGet: true,
  });
  const uses = createUseLog({ keys, log, now });
  let isAway = false;

  /** @param before what was known of the key until now */
  const look = async (keyId: string, before: Found | Promise<Found> | undefined): Promise<Found> => {
    try {
      const record = await keys.find(keyId);
      if (isAway) log.info("partners' keys can be read again");
      isAway = false;
      if (!record) return NOBODY;
      if (typeof before === "object" && "record" in before && isSame(before.record, record)) return before;
      const networks = record.allowedIps ? networksOf(record.allowedIps) : undefined;
      return { proven: undefined, record, partner: partnerOf(record), networks };
    } catch (cause) {
      if (!isAway) log.error({ err: cause }, "partners' keys cannot be read, their calls are refused until then");
      isAway = true;
      throw new KeysUnavailableError("partners' keys cannot be read", { cause });
    }
  };
  const ask = (keyId: string): Promise<Found> => {
    const looking = look(keyId, remembered.peek(keyId, { allowStale: true }));
    // What is known is as old as the question.
    const age = { start: performance.now() };
    const isAwaited = () => remembered.peek(keyId) === looking;
    remembered.set(keyId, looking, age);
    looking.then(
      (found) => isAwaited() && remembered.set(keyId, found, age),
      () => isAwaited() && remembered.delete(keyId),
    );
    return looking;
  };

  /** @returns undefined for a valid key */
  const faultOf = ({ revokedAt, expiresAt, demo }: KeyRecord): string | undefined => {
    if (revokedAt !== null) return "it was revoked";
    if (expiresAt !== null && expiresAt.getTime() <= now()) return "it has expired";
    if (demo && !allowDemo) return "it is a demo key";
    return undefined;
  };

  /** @param text whose secret is right */
  const admit = (holder: Holder, text: string, address: string | undefined): Partner | undefined => {
    const { record, partner, networks } = holder;
    const { keyId } = record;
    const fault = faultOf(record);
    if (fault !== undefined) {
      log.debug({ keyId, reason: fault }, "a key was refused");
      return undefined;
    }
    holder.proven ??= Buffer.from(text);
    if (networks && !(address !== undefined && networks.has(address))) {
      log.debug({ keyId, address }, "a key was refused where it was used");
      throw new CallRefused(403, "FORBIDDEN", "The API key may not be used from this address.");
    }
    uses.note(keyId);
    return partner;
  };

  const judge = (key: ApiKey, found: Found, address: string | undefined): Partner | undefined => {
    const hash = found === NOBODY ? NO_HASH : found.record.hash;
    if (matchesApiKey(key, pepper, hash) && found !== NOBODY && found.record.mode === key.mode) {
      return admit(found, key.text, address);
    }
    log.debug({ keyId: key.id, reason: "nobody has it" }, "a key was refused");
    return undefined;
  };

  return {
    check: (text, address) => {
      const known = remembered.get(idOfApiKey(text));
      if (typeof known === "object" && "proven" in known && isProven(known, text)) return admit(known, text, address);
      const key = parseApiKey(text);
      if (!key) return undefined;
      const found = known ?? ask(key.id);
      return found instanceof Promise ? found.then((one) => judge(key, one, address)) : judge(key, found, address);
    },
    forget: (keyId) => void (keyId === undefined ? remembered.clear() : remembered.delete(keyId)),
    close: uses.close,
  };
}

/** What is compared is written here: a buffer for each call would cost more than comparing. */
const given = Buffer.alloc(API_KEY_LENGTH);

/** Keys have one length, so how long the comparison takes tells nothing. */
function isProven({ proven }: Holder, text: string): boolean {
  if (!proven || text.length !== API_KEY_LENGTH) return false;
  // A character of several bytes that has no room at the end is not written: what stands there is of the key before.
  return given.write(text) === API_KEY_LENGTH && timingSafeEqual(given, proven);
}

const isSame = (a: KeyRecord, b: KeyRecord): boolean => JSON.stringify(a) === JSON.stringify(b);

/** Written out: objects that are spread may have another shape each time, and all code on the way of a call would be compiled anew for it. */
const partnerOf = ({ keyId, partner, mode, operations, quotas, scopes }: KeyRecord): Partner => ({
  id: partner.id,
  slug: partner.slug,
  name: partner.name,
  keyId,
  mode,
  operations: operations ? new Set(operations) : undefined,
  quotas,
  identity: { kind: "partner", subject: partner.id, roles: [], scopes },
});
