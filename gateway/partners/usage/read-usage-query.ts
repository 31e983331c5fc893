import { ParameterError, parseSearch } from "../rest/read-parameters";
import type { UsageQuery } from "./usage-store";

const DAY_MS = 86_400_000;
/** In days, both ends included. */
const STANDARD_RANGE = 30;
export const MAX_RANGE = 92;
const NAME = /^[A-Za-z_]\w{0,199}$/;
const FORMATS = ["json", "csv"] as const;
type Format = (typeof FORMATS)[number];
const NAMES: ReadonlySet<string> = new Set(["from", "to", "operation", "format"]);

/**
 * What `?from=YYYY-MM-DD&to=YYYY-MM-DD&operation=Name&format=csv` asks for; days are those of UTC, and without them it is the last thirty.
 * @param search what follows the question mark @param nowMs since 1970
 * @throws ParameterError
 */
export function readUsageQuery(
  search: string,
  nowMs: number,
): Pick<UsageQuery, "from" | "to" | "operation"> & { readonly format?: Format } {
  const given = new Map<string, string>();
  for (const [name, [text = "", ...more]] of parseSearch(search)) {
    if (!NAMES.has(name)) throw new ParameterError(`There is no parameter "${name.slice(0, 60)}".`);
    if (more.length > 0) throw new ParameterError(`The parameter "${name}" may be given once.`);
    given.set(name, text);
  }
  const to = dayIn(given, "to") ?? dayOf(nowMs);
  const from = dayIn(given, "from") ?? dayOf(startOf(to) - (STANDARD_RANGE - 1) * DAY_MS);
  const days = (startOf(to) - startOf(from)) / DAY_MS + 1;
  if (days < 1) throw new ParameterError(`The day "from" (${from}) is after the day "to" (${to}).`);
  if (days > MAX_RANGE)
    throw new ParameterError(`From ${from} to ${to} are ${days} days; ask for ${MAX_RANGE} at most.`);
  const operation = given.get("operation");
  if (operation !== undefined && !NAME.test(operation)) {
    throw new ParameterError('The parameter "operation" is not the name of an operation.');
  }
  const format = FORMATS.find((one) => one === given.get("format"));
  if (given.has("format") && !format) throw new ParameterError('The parameter "format" must be json or csv.');
  return { from, to, ...(operation === undefined ? {} : { operation }), ...(format ? { format } : {}) };
}

const startOf = (day: string): number => Date.parse(`${day}T00:00:00Z`);
const dayOf = (atMs: number): string => new Date(atMs).toISOString().slice(0, 10);

function dayIn(given: ReadonlyMap<string, string>, name: "from" | "to"): string | undefined {
  const text = given.get(name);
  if (text === undefined) return undefined;
  // The year 0 is not one of PostgreSQL's, and a 30 February is none at all.
  const isDay = /^[1-9]\d{3}-\d\d-\d\d$/.test(text) && !Number.isNaN(startOf(text)) && dayOf(startOf(text)) === text;
  if (!isDay) throw new ParameterError(`The parameter "${name}" must be a day such as 2026-11-21.`);
  return text;
}
