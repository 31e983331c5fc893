import { LRUCache } from "lru-cache";
import { Pool } from "undici";
import { z } from "zod";
import { type ApiKey, matchesApiKey, parseApiKey } from "../../kit/api-key";
import { createIdentityKey, IDENTITY_HEADER, serviceIdentity, signIdentity } from "../../kit/identity";
import type { Identity } from "../../kit/viewer";

/** Who holds a key. */
export interface Partner {
  readonly slug: string;
  readonly name: string;
  /** Public part of the key, for logs. */
  readonly keyId: string;
  readonly identity: Identity;
}

export interface KeyChecker {
  /** @returns `undefined` for a key that is malformed, unknown, wrong, expired or revoked @throws when the keys' owner does not answer */
  check(text: string): Promise<Partner | undefined>;
  close(): Promise<void>;
}

/** A revoked key is refused within this time on every gateway. */
const REMEMBERED_MS = 1_000;
const MAX_REMEMBERED = 10_000;
const TIMEOUT_MS = 2_000;

const recordShape = z.object({
  keyId: z.string(),
  partnerId: z.string(),
  partnerSlug: z.string(),
  name: z.string(),
  hash: z.string(),
  scopes: z.array(z.string()),
  expiresAt: z.coerce.date().nullable(),
  revokedAt: z.coerce.date().nullable(),
  demo: z.boolean(),
});
type KeyRecord = z.output<typeof recordShape>;

/**
 * Checks partners' keys against the records of the service that owns them.
 * @param options.url records are at `<url>/<key id>`; the request is signed for the audience "users"
 * @param options.pepper the secret with which that service hashed the keys
 * @param options.allowDemo false refuses keys whose text is public knowledge
 */
export function createKeyChecker(options: {
  url: string;
  pepper: string;
  internalSecret: string;
  allowDemo: boolean;
  now?: () => number;
}): KeyChecker {
  const { pepper, allowDemo, now = Date.now } = options;
  const url = new URL(options.url);
  const pool = new Pool(url.origin, { connections: 4, headersTimeout: TIMEOUT_MS, bodyTimeout: TIMEOUT_MS });
  const signingKey = createIdentityKey(options.internalSecret);
  const self = serviceIdentity("gateway", []);

  const fetchRecord = async (keyId: string): Promise<KeyRecord | undefined> => {
    const { statusCode, body } = await pool.request({
      method: "GET",
      path: `${url.pathname.replace(/\/$/, "")}/${keyId}`,
      headers: { [IDENTITY_HEADER]: await signIdentity(signingKey, self, "users") },
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
    const text = await body.text();
    if (statusCode === 404) return undefined;
    if (statusCode !== 200) throw new Error(`the owner of the partners' keys answered with the status ${statusCode}`);
    return recordShape.parse(JSON.parse(text));
  };
  // Unknown ids are remembered too: guessing must not become load on the owner. Concurrent calls share one look-up.
  const records = new LRUCache<string, { record: KeyRecord | undefined }>({
    max: MAX_REMEMBERED,
    ttl: REMEMBERED_MS,
    fetchMethod: async (keyId) => ({ record: await fetchRecord(keyId) }),
  });

  // Test keys promise calls without side effects. Until there is data for them to run on, they open no door.
  const isValid = (key: ApiKey, record: KeyRecord): boolean =>
    key.mode === "live" &&
    matchesApiKey(key, pepper, record.hash) &&
    record.revokedAt === null &&
    (record.expiresAt === null || record.expiresAt.getTime() > now()) &&
    (allowDemo || !record.demo);

  return {
    check: async (text) => {
      const key = parseApiKey(text);
      if (!key) return undefined;
      const record = (await records.fetch(key.id))?.record;
      if (!record || !isValid(key, record)) return undefined;
      return {
        slug: record.partnerSlug,
        name: record.name,
        keyId: record.keyId,
        identity: { kind: "partner", subject: record.partnerId, roles: [], scopes: record.scopes },
      };
    },
    close: () => pool.close(),
  };
}
