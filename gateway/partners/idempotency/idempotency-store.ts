/** A key as a partner knows it; the same text of another partner, or in the other mode, is another key. */
export interface ScopedKey {
  /** UUID of the partner. */
  readonly partnerId: string;
  readonly mode: "live" | "test";
  readonly key: string;
}

/** What was answered, as it is given again. */
export interface KeptAnswer {
  readonly status: number;
  readonly contentType: string;
  readonly body: string;
}

/** What the store knows of a key that was taken before. */
export type TakenKey = {
  /** Of the call that took it. */
  readonly fingerprint: string;
} & (
  | { readonly state: "answered"; readonly answer: KeptAnswer }
  /** It was answered, with more than is kept. */
  | { readonly state: "too-large" }
  /** The call runs, and the gateway that runs it says so until then at least. */
  | { readonly state: "running"; readonly forMs: number }
  /** The gateway that ran it has not been heard of in time: nobody knows what came of it. */
  | { readonly state: "abandoned"; readonly claim: string }
);

/**
 * Keys of idempotent calls, shared by all gateways. Who takes a key holds it by a claim, a UUID of its own, and must prove by renewing that it lives; every
 * change after that is made only while the claim is still the key's.
 */
export interface IdempotencyStore {
  /** Takes a key that nobody has, or whose time is over. @returns undefined when it is taken now, otherwise what is known of it */
  take(
    key: ScopedKey,
    call: { readonly fingerprint: string; readonly operation: string; readonly claim: string },
  ): Promise<TakenKey | undefined>;
  /** Takes an abandoned key from the claim that left it. @returns false when somebody else was quicker, or the claim lives after all */
  takeOver(key: ScopedKey, abandoned: string, claim: string): Promise<boolean>;
  renew(claims: readonly string[]): Promise<void>;
  /** @param answer undefined: it is too large to be kept @returns false when the claim has lost the key */
  keep(claim: string, answer: KeptAnswer | undefined): Promise<boolean>;
  /** Nothing has run under these claims: whoever comes next has their keys. @returns false when they held none */
  free(claims: readonly string[]): Promise<boolean>;
  /** Nobody knows what came of it; the next one may find out. @returns false when the claim has lost the key */
  abandon(claim: string): Promise<boolean>;
  /** Deletes keys whose time is over. @returns how many */
  prune(): Promise<number>;
}
