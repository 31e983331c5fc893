import { matchesApiKey, parseApiKey } from "../../../kit/api-key";
import { type KeyState, stateOf } from "../keys/make-key";
import type { ListedKey } from "../keys/partner-admin";
import type { CommandResult } from "./command";
import { minuteOf, shownKey } from "./show-values";

/** A sentence for each answer. */
type Verdict = "no-key" | "well-formed" | "unknown" | "wrong-secret" | KeyState;

/**
 * What a text is that may be a key. Its form and checksum tell without any look-up whether this platform may have made it.
 * @param store undefined: nothing but that is known
 */
export async function checkKey(
  text: string,
  store:
    | {
        readonly peppers: readonly string[];
        readonly now: Date;
        readonly find: (keyId: string) => Promise<ListedKey | undefined>;
      }
    | undefined,
): Promise<CommandResult> {
  const key = parseApiKey(text);
  if (!key) return told("no-key", "This is no key: its form or its checksum is wrong.");
  const { mode, id: keyId } = key;
  const made = `This is a well formed ${mode} key with the id ${keyId}`;
  if (!store) {
    return told("well-formed", `${made}. Whose it is tells the database, which is not configured.`, { keyId, mode });
  }
  const known = await store.find(keyId);
  if (!known) return told("unknown", `${made}, and nobody has it.`, { keyId, mode });
  const { partner } = known;
  if (known.mode !== mode || !store.peppers.some((pepper) => matchesApiKey(key, pepper, known.hash))) {
    const otherwise = `${made}, which is that of a key of ${partner}, but it has another secret, or PARTNER_KEY_PEPPER is another one`;
    return told("wrong-secret", `${otherwise}.`, { keyId, mode, partner });
  }
  const state = stateOf(known, store.now);
  const since = known.revokedAt ?? (state === "expired" ? known.expiresAt : null);
  const is = {
    valid: `is valid; to end it: npm run partners -- keys revoke ${keyId}`,
    revoked: "is revoked",
    expired: "has expired",
  };
  const when = since ? `, since ${minuteOf(since)}` : "";
  return told(state, `The ${mode} key ${keyId} of ${partner} ${is[state]}${when}.`, shownKey(known, store.now));
}

const told = (verdict: Verdict, text: string, known: object = {}): CommandResult => ({
  text,
  json: { verdict, ...known },
});
