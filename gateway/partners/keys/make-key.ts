import { createApiKey, hashApiKey } from "../../../kit/api-key";
import type { KeySettings, ListedKey, NewKey, PartnerAdmin } from "./partner-admin";

export interface MadeKey {
  readonly key: NewKey;
  /** The key itself, which is nowhere else: to be shown once. Never log it. */
  readonly text: string;
}

/** @param pepper that of the gateways @param now when it is made */
export function makeKey(settings: KeySettings, pepper: string, now: Date): MadeKey {
  const key = createApiKey(settings.mode);
  const { label, mode, scopes, operations, allowedIps, expiresAt } = settings;
  return {
    key: {
      keyId: key.id,
      hash: hashApiKey(key, pepper),
      createdAt: now,
      label,
      mode,
      scopes,
      operations,
      allowedIps,
      expiresAt,
    },
    text: key.text,
  };
}

export type KeyState = "valid" | "revoked" | "expired";

export function stateOf({ revokedAt, expiresAt }: Pick<ListedKey, "revokedAt" | "expiresAt">, now: Date): KeyState {
  if (revokedAt !== null) return "revoked";
  return expiresAt !== null && expiresAt <= now ? "expired" : "valid";
}

/** A key that is over has no successor: what it was good for may have been taken from its partner on purpose. */
export class KeyIsOverError extends Error {
  override readonly name = "KeyIsOverError";

  constructor(readonly state: KeyState) {
    super(`the key is ${state}`);
  }
}

/**
 * A key with the settings of another one, which goes on for a while so that its holder can change over. The new one is good for as long as the old one was,
 * counted from now.
 * @param options.expiresAt in place of that
 * @returns undefined when there is no such key
 * @throws KeyIsOverError
 */
export async function rotateKey(options: {
  admin: PartnerAdmin;
  keyId: string;
  overlapMs: number;
  expiresAt: Date | undefined;
  pepper: string;
  now: Date;
}): Promise<{ readonly old: ListedKey; readonly made: MadeKey } | undefined> {
  const { admin, keyId, overlapMs, pepper, now } = options;
  let made: MadeKey | undefined;
  const old = await admin.replaceKey(keyId, {
    endsAt: new Date(now.getTime() + overlapMs),
    successorOf: (key) => {
      const state = stateOf(key, now);
      if (state !== "valid") throw new KeyIsOverError(state);
      const lifetimeMs = key.expiresAt && key.expiresAt.getTime() - key.createdAt.getTime();
      const expiresAt = options.expiresAt ?? (lifetimeMs === null ? null : new Date(now.getTime() + lifetimeMs));
      made = makeKey({ ...key, expiresAt }, pepper, now);
      return made.key;
    },
  });
  return old && made ? { old, made } : undefined;
}
