const NAME = /^[_A-Za-z][_0-9A-Za-z]*$/;
const INHERITED: ReadonlySet<string> = new Set(Object.getOwnPropertyNames(Object.prototype));

/** A string as a literal of generated code: data, whatever it holds. */
export function quote(text: string): string {
  return JSON.stringify(text).replace(/[\u2028\u2029]/g, (char) => `\\u${char.charCodeAt(0).toString(16)}`);
}

/**
 * The expression that reads a key of an answer's object. Names of documents and subgraphs are never part of generated code: they are quoted, and
 * keys that every object inherits are asked for as own ones.
 *
 * @param object the name of a local variable of generated code
 * @param isCertain the variable holds an object, otherwise it may be undefined
 */
export function readKey(object: string, key: string, isCertain: boolean): string {
  if (INHERITED.has(key) || !NAME.test(key)) return `own(${object},${quote(key)})`;
  return isCertain ? `${object}[${quote(key)}]` : `${object}?.[${quote(key)}]`;
}

/** The run-time side of `readKey`. */
export const own = (object: unknown, key: string): unknown =>
  typeof object === "object" && object !== null && Object.hasOwn(object, key)
    ? (object as Record<string, unknown>)[key]
    : undefined;

/** Gives each thing of a kind a local variable's name of its own. */
export function createNames(prefix: string): () => string {
  let next = 0;
  return () => `${prefix}${next++}`;
}

/** Generated code is strict, and sees nothing but what it is given. @param scope values by the names under which the code knows them */
export function evaluate<T>(code: string, scope: Readonly<Record<string, unknown>>): T {
  const names = Object.keys(scope);

  const make = new Function(...names, `"use strict";\n${code}`) as (...values: unknown[]) => T;
  return make(...names.map((name) => scope[name]));
}
