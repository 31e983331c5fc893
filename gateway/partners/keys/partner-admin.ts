/** Partners and keys as those see them who give them out. */
export interface PartnerAdmin {
  /** By slug. */
  partners(): Promise<readonly ListedPartner[]>;
  /** @returns false when the slug is taken */
  addPartner(partner: { readonly id: string; readonly slug: string; readonly name: string }): Promise<boolean>;
  /** With its keys and all that belongs to it. @returns false when there is none */
  removePartner(slug: string): Promise<boolean>;
  /** Of one partner, the newest first; undefined when there is no such partner. */
  keysOf(slug: string): Promise<readonly ListedKey[] | undefined>;
  key(keyId: string): Promise<ListedKey | undefined>;
  /** @returns false when there is no such partner */
  addKey(slug: string, key: NewKey): Promise<boolean>;
  /** A valid key gets a successor with the same settings, and ends. @returns what happened to it, undefined when there is no such key */
  replaceKey(keyId: string, replacement: Replacement): Promise<ListedKey | undefined>;
  /** Does nothing to a key that was revoked before. @returns undefined when there is no such key */
  revokeKey(keyId: string, at: Date): Promise<ListedKey | undefined>;
}

export interface ListedPartner {
  readonly id: string;
  readonly slug: string;
  readonly name: string;
  readonly demo: boolean;
  readonly createdAt: Date;
  /** How many keys there are, those that are over among them. */
  readonly keys: number;
  readonly lastUsedAt: Date | null;
}

/** What a key is good for. */
export interface KeySettings {
  readonly label: string;
  readonly mode: "live" | "test";
  readonly scopes: readonly string[];
  /** Names; null: every operation of the partner. */
  readonly operations: readonly string[] | null;
  /** Networks; null: from everywhere. */
  readonly allowedIps: readonly string[] | null;
  readonly expiresAt: Date | null;
}

export interface ListedKey extends KeySettings {
  readonly keyId: string;
  readonly partner: string;
  /** Of `hashApiKey`. */
  readonly hash: string;
  readonly revokedAt: Date | null;
  readonly lastUsedAt: Date | null;
  readonly createdAt: Date;
  readonly demo: boolean;
}

export interface NewKey extends KeySettings {
  readonly keyId: string;
  readonly hash: string;
  readonly createdAt: Date;
}

export interface Replacement {
  /** Decides by what stands in the store, while nobody else can change it. @throws to leave all as it is */
  readonly successorOf: (key: ListedKey) => NewKey;
  /** When the key ends, unless it does earlier. */
  readonly endsAt: Date;
}
