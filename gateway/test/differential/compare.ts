import { isDeepStrictEqual } from "node:util";
import type { Answer } from "./answerer";

export type Path = readonly (string | number)[];

/**
 * One way in which an answer differs from the truth.
 *
 * - `thrown`: no answer at all
 * - `data`: other values, types or keys
 * - `order`: the same data with keys in another order (https://spec.graphql.org/October2021/#sec-Response-Format)
 * - `silent`: a null that the truth has an error for, and this answer has none
 * - `excused`: a null that has an error here, and none in the truth
 * - `stray`: an error that explains no null of the answer
 * - `blamed`: a null that nobody is to blame for, with an error that blames a subgraph
 */
export interface Disagreement {
  readonly kind: "thrown" | "data" | "order" | "silent" | "excused" | "stray" | "blamed";
  readonly path: Path;
  readonly detail: string;
}

/** What an answerer said, or what it threw instead. */
export type Outcome = Answer | { readonly thrown: string };

/** In which an answer may differ from the truth. */
export interface Allowances {
  /** Subgraphs do not find all the entities that others refer to: the truth knows all of them. */
  readonly misses?: boolean;
  /** Parts come in any order, and so do the keys of what is made of them. */
  readonly isInParts?: boolean;
}

/**
 * Which paths have errors is compared by the nulls that errors explain. graphql-js may or may not report a second error below a null that
 * the first one caused, and a null that climbed is reported where it began: both are allowed, so an error explains every null above,
 * at and below its path.
 */
export function compareAnswers(
  truth: Answer,
  outcome: Outcome,
  { misses = false, isInParts = false }: Allowances = {},
): readonly Disagreement[] {
  if ("thrown" in outcome) return [{ kind: "thrown", path: [], detail: outcome.thrown }];
  const lost = outcome.lost ?? [];
  const difference = firstDifference(truth.data ?? null, outcome.data ?? null, { path: [], lost, misses });
  if (difference) return [difference];
  if (misses) return judgeMisses(outcome, lost);
  const found: Disagreement[] = [];
  if (!isInParts && JSON.stringify(truth.data ?? null) !== JSON.stringify(outcome.data ?? null)) {
    found.push({ kind: "order", path: [], detail: "the keys are in another order" });
  }
  const nulls = nullsOf(truth.data ?? null);
  for (const path of lost) {
    if (nulls.some((place) => touches(place, path))) continue;
    found.push({ kind: "data", path, detail: "a part is null as a whole" });
  }
  const errors = (outcome.errors ?? []).map((error) => error.path);
  const expected = (truth.errors ?? []).map((error) => error.path);
  for (const path of nulls) {
    const isExplained = errors.some((error) => error !== undefined && touches(error, path));
    const shouldBe = expected.some((error) => error !== undefined && touches(error, path));
    if (isExplained === shouldBe) continue;
    if (shouldBe) found.push({ kind: "silent", path, detail: "the null has no error" });
    else found.push({ kind: "excused", path, detail: "the null has an error" });
  }
  for (const { path, message } of outcome.errors ?? []) {
    if (path && [...nulls, ...lost].some((place) => touches(path, place))) continue;
    found.push({ kind: "stray", path: path ?? [], detail: message });
  }
  return found;
}

/** Nulls beyond the truth's are allowed, and all of them may have errors, as long as these blame nobody for a wrong value. */
function judgeMisses({ data, errors = [] }: Answer, lost: readonly Path[]): readonly Disagreement[] {
  const nulls = [...nullsOf(data ?? null), ...lost];
  return errors.flatMap(({ path = [], message, extensions }): Disagreement[] => {
    if (extensions?.code === "SUBGRAPH_RESPONSE_INVALID") return [{ kind: "blamed", path, detail: message }];
    if (!nulls.some((place) => touches(path, place))) return [{ kind: "stray", path, detail: message }];
    return [];
  });
}

function firstDifference(
  truth: unknown,
  given: unknown,
  at: { readonly path: Path; readonly lost: readonly Path[]; readonly misses: boolean },
): Disagreement | undefined {
  const { path, lost, misses } = at;
  // The null of a lost part has climbed higher where nothing was put off.
  if (truth === null && lost.some((part) => touches(part, path) && part.length >= path.length)) return undefined;
  if (misses && given === null) return undefined;
  if (Array.isArray(truth) && Array.isArray(given) && truth.length === given.length) {
    for (const [index, item] of truth.entries()) {
      const found = firstDifference(item, given[index], { ...at, path: [...path, index] });
      if (found) return found;
    }
    return undefined;
  }
  if (isRecord(truth) && isRecord(given)) {
    for (const key of new Set([...Object.keys(truth), ...Object.keys(given)])) {
      const own = (of: Record<string, unknown>) => (Object.hasOwn(of, key) ? of[key] : undefined);
      if (misses && !Object.hasOwn(given, key) && lost.some((part) => isWithin(path, part))) continue;
      const found = firstDifference(own(truth), own(given), { ...at, path: [...path, key] });
      if (found) return found;
    }
    return undefined;
  }
  if (isDeepStrictEqual(truth, given)) return undefined;
  return { kind: "data", path, detail: `${short(given)} instead of ${short(truth)}` };
}

function nullsOf(data: unknown): Path[] {
  const nulls: Path[] = [];
  const visit = (value: unknown, path: Path): void => {
    if (value === null) nulls.push(path);
    else if (Array.isArray(value)) value.forEach((item, index) => visit(item, [...path, index]));
    else if (isRecord(value)) for (const key of Object.keys(value)) visit(value[key], [...path, key]);
  };
  visit(data, []);
  return nulls;
}

/** One is the beginning of the other. */
const touches = (error: Path, place: Path): boolean =>
  error.slice(0, place.length).every((step, index) => step === place[index]);

/** At a place or below it. */
const isWithin = (path: Path, place: Path): boolean => path.length >= place.length && touches(place, path);

const isRecord = (value: unknown): value is Record<string, unknown> =>
  value !== null && typeof value === "object" && !Array.isArray(value);

const short = (value: unknown): string => (JSON.stringify(value) ?? "nothing").slice(0, 200);
