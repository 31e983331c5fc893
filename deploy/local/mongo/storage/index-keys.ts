import { CommandError } from "../errors";
import { arrayIndex, fieldOf } from "../query/walk-path";
import { type Document, isDocument } from "../values/document";

export interface IndexKeys {
  readonly keys: IndexKey[];
  /** For each field whether its path went through an array. */
  readonly multikey: boolean[];
}

export interface IndexKey {
  /** One value per field; `undefined` stands for an empty array, null for a missing field. */
  readonly values: unknown[];
  /** Whether none of the fields exists: a sparse index leaves such keys out. */
  readonly allMissing: boolean;
}

/** How far the path of one field has been followed. */
interface Step {
  readonly value: unknown;
  readonly rest: readonly string[];
  /** Arrived: an array found here is an element of an indexed array and is a key as a whole. */
  readonly arrived?: boolean;
}

const missing: Step = { value: undefined, rest: [] };
const emptyArray = Symbol("empty array");

/**
 * The keys a document has in an index: one for each element of the (single) array on the fields' paths.
 * https://www.mongodb.com/docs/manual/core/indexes/index-types/index-multikey/
 * @throws CommandError 171 when two fields go through different arrays.
 */
export function indexKeys(document: Document, paths: readonly (readonly string[])[]): IndexKeys {
  const multikey = paths.map(() => false);

  function expand(steps: readonly Step[]): IndexKey[] {
    const settled = steps.map(followDocuments);
    const atArray = settled.map(({ value, arrived }) => Array.isArray(value) && !arrived);
    const array = settled[atArray.indexOf(true)]?.value;
    if (!Array.isArray(array)) {
      const values = settled.map(({ value }) => (value === emptyArray ? undefined : (value ?? null)));
      return [{ values, allMissing: settled.every(({ value }) => value === undefined) }];
    }
    if (settled.some(({ value }, i) => atArray[i] && value !== array)) {
      const names = paths.filter((_, i) => atArray[i]).map((path) => `[${path.at(-1)}]`);
      throw new CommandError(171, `cannot index parallel arrays ${names.join(" ")}`);
    }
    atArray.forEach((is, i) => (multikey[i] ||= is));
    const elements: unknown[] = array.length > 0 ? array : [emptyArray];
    return elements.flatMap((element) =>
      expand(settled.map((step, i) => (atArray[i] ? intoElement(step, element, array) : step))),
    );
  }
  return { keys: expand(paths.map((rest) => ({ value: document, rest }))), multikey };
}

/** Goes down through documents until an array, the end of the path, or a missing field. */
function followDocuments(step: Step): Step {
  let { value } = step;
  let at = 0;
  for (; at < step.rest.length && isDocument(value); at++) value = fieldOf(value, step.rest[at] as string);
  const rest = step.rest.slice(at);
  return rest.length > 0 && !Array.isArray(value) ? missing : { ...step, value, rest };
}

function intoElement(step: Step, element: unknown, array: readonly unknown[]): Step {
  const [next, ...rest] = step.rest;
  if (next === undefined) return { value: element, rest: [], arrived: true };
  const index = arrayIndex(next);
  // `a.0` names an element itself: every round gives the same key, and the caller drops duplicates.
  if (index !== undefined) return { value: array[index], rest, arrived: rest.length === 0 };
  return isDocument(element) ? { value: element, rest: step.rest } : missing;
}
