import { isNetwork } from "../../access/networks";
import { ValueError } from "./command";

const UNIT_MS = { m: 60_000, h: 3_600_000, d: 86_400_000 } as const;
const LONGEST_MS = 3_650 * UNIT_MS.d;
const MAX_TEXT = 200;

/** How a partner is named in addresses, logs and manifests. */
export function readSlug(text: string): string {
  if (/^[a-z0-9][a-z0-9-]{0,62}$/.test(text)) return text;
  throw new ValueError("must have 1 to 63 small letters, digits and dashes, and not begin with a dash");
}

/** A line for people. */
export function readLine(text: string): string {
  const line = text.trim();
  if (line !== "" && line.length <= MAX_TEXT && !/\p{Cc}/u.test(line)) return line;
  throw new ValueError(`must be a line of 1 to ${MAX_TEXT} characters`);
}

export function readKeyId(text: string): string {
  if (/^[0-9A-Za-z]{12}$/.test(text)) return text;
  // Whoever gives the whole key must not find it again in what is printed.
  throw new ValueError("must be the id of a key: the 12 characters after trib_live_ or trib_test_");
}

export const readOneOf =
  <const Choice extends string>(...choices: readonly Choice[]) =>
  (text: string): Choice => {
    const choice = choices.find((one) => one === text);
    if (choice === undefined) throw new ValueError(`must be ${choices.join(" or ")}`);
    return choice;
  };

/** @returns milliseconds */
export function readDuration(text: string): number {
  const [, amount, unit] = /^(\d{1,6})([mhd])$/.exec(text) ?? [];
  const ms = Number(amount) * UNIT_MS[(unit ?? "m") as keyof typeof UNIT_MS];
  if (ms <= LONGEST_MS) return ms;
  throw new ValueError("must be a time such as 30m, 24h or 7d");
}

/** A time from now, or a date; days without a time of day begin in UTC. */
export const readMoment =
  (now: Date) =>
  (text: string): Date => {
    const isDate = /^\d{4}-\d\d-\d\d(T\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:\d\d))?$/.test(text);
    const isTime = /^\d{1,6}[mhd]$/.test(text);
    const moment = isDate ? Date.parse(text) : isTime ? now.getTime() + readDuration(text) : Number.NaN;
    if (moment > now.getTime() && moment <= now.getTime() + LONGEST_MS) return new Date(moment);
    throw new ValueError("must be a time from now such as 90d, or a day to come such as 2030-12-31");
  };

/** OAuth's `scope-token`: https://www.rfc-editor.org/rfc/rfc6749#section-3.3 */
export const readScopes = listOf((scope) => /^[\x21\x23-\x5b\x5d-\x7e]+$/.test(scope), "scopes such as orders:read");
export const readOperations = listOf((name) => /^[_A-Za-z]\w*$/.test(name), "names of operations such as GetOrder");
export const readNetworks = listOf(isNetwork, "networks or addresses such as 192.0.2.0/24");

/** Separated by commas, each once. */
function listOf(isOne: (text: string) => boolean, what: string) {
  return (text: string): readonly string[] => {
    const parts = text.split(",").map((part) => part.trim());
    if (parts.every(isOne)) return [...new Set(parts)];
    throw new ValueError(`must be a comma-separated list of ${what}`);
  };
}
