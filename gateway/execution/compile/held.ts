import type { Source } from "../layout/position";
import type { Site } from "../layout/site";
import { readKey } from "./source-text";

/** A source of the current object under the name of the local variable that holds its part. */
export interface Held {
  readonly source: Source;
  readonly variable: string;
  /** The variable holds an object for sure; otherwise it may be undefined. */
  readonly isCertain: boolean;
}

/** Sources that are asked for a key, the latest first: what a later fetch says of a field is the fresher word. */
export function knowing(held: readonly Held[], key: string): readonly Held[] {
  return held
    .filter(({ source }) => source.tree.fields.has(key))
    .sort((a, b) => b.source.fetch.index - a.source.fetch.index);
}

/** The expression of a field's value; undefined when no source has it. */
export function readLatest(held: readonly Held[], key: string): string {
  const [latest, ...earlier] = knowing(held, key).map(({ variable, isCertain }) => readKey(variable, key, isCertain));
  return earlier.reduce((text, next) => `either(${text},${next})`, latest ?? "undefined");
}

/** The expression of an object's type name. */
export function readTypename(held: readonly Held[]): string {
  const key = "__typename";
  const [latest, ...earlier] = knowing(held, key).map(({ variable, isCertain }) => readKey(variable, key, isCertain));
  return earlier.reduce((text, next) => `latestTypename(${text},${next})`, latest ?? "undefined");
}

/** The expression of an object's identity at a site: its part from the first source that has one. */
export function identity(site: Site, held: readonly Held[]): string {
  const variables = site.base.flatMap((source) => held.find((one) => one.source === source)?.variable ?? []);
  return variables.length > 0 ? variables.join("??") : "undefined";
}
