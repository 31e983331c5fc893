import type { KeySettings, ListedKey } from "../keys/partner-admin";
import { stateOf } from "../keys/make-key";

/** `2030-12-31`, in UTC. */
export const dayOf = (moment: Date | null): string | undefined => moment?.toISOString().slice(0, 10);

/** `2030-12-31 12:00 UTC`. */
export const minuteOf = (moment: Date): string => `${moment.toISOString().slice(0, 16).replace("T", " ")} UTC`;

/** What is told of a key; its hash is nobody's business. */
export function shownKey(key: ListedKey, now: Date) {
  const { hash: _, ...shown } = key;
  return { ...shown, state: stateOf(key, now) };
}

/** One line for each thing that a key may or may not. */
export const settingsOf = ({ scopes, operations, allowedIps, expiresAt }: KeySettings): readonly string[] => [
  `Scopes: ${scopes.join(", ") || "none"}.`,
  ...(operations ? [`Operations: ${operations.join(", ")}.`] : []),
  ...(allowedIps ? [`From: ${allowedIps.join(", ")}.`] : []),
  expiresAt ? `Expires: ${minuteOf(expiresAt)}.` : "Expires: never.",
];
