import type { OwnQuotas } from "../quotas/quota";

/** What is known of a key, without its secret. */
export interface KeyRecord {
  readonly keyId: string;
  readonly partner: { readonly id: string; readonly slug: string; readonly name: string };
  readonly mode: "live" | "test";
  /** Of `hashApiKey`. */
  readonly hash: string;
  readonly scopes: readonly string[];
  /** Names; null: every operation of the partner. */
  readonly operations: readonly string[] | null;
  /** Networks in CIDR notation from which the key may be used; null: from everywhere. */
  readonly allowedIps: readonly string[] | null;
  readonly quotas?: OwnQuotas | undefined;
  readonly expiresAt: Date | null;
  readonly revokedAt: Date | null;
  /** Its text is public. */
  readonly demo: boolean;
}

/** Where keys are kept, as those see it who check them. */
export interface KeyStore {
  /** @param keyId 12 characters of base 62 @throws while the store does not answer, within a few seconds */
  find(keyId: string): Promise<KeyRecord | undefined>;
  /** Writes down when keys were used last, by their ids; of several gateways one a minute is enough for each key. */
  noteUses(uses: ReadonlyMap<string, Date>): Promise<void>;
}
