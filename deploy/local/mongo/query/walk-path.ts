import { isDocument } from "../values/document";

/** Which element of each array on the way matched, by the path of the array: what the positional `$` refers to. */
export type ArrayPositions = Map<string, number>;

/**
 * Whether `test` accepts any value that a dotted path reaches, fanning out over arrays. At the end of the path an array is
 * tried element by element and then as a whole, unless `wholeArrays`; a missing field is tried as undefined.
 * https://www.mongodb.com/docs/manual/tutorial/query-array-of-documents/
 */
export function anyValueAt(
  root: unknown,
  path: readonly string[],
  test: (value: unknown) => boolean,
  options: { wholeArrays?: boolean; positions?: ArrayPositions | undefined } = {},
): boolean {
  const { wholeArrays, positions } = options;
  const remember = (at: number, index: number) => positions?.set(path.slice(0, at).join("."), index);

  function visit(value: unknown, at: number): boolean {
    const name = path[at];
    if (name === undefined) {
      if (!wholeArrays && Array.isArray(value)) {
        const index = value.findIndex(test);
        if (index >= 0) return (remember(at, index), true);
      }
      return test(value);
    }
    if (Array.isArray(value)) {
      const index = arrayIndex(name);
      if (index !== undefined && index < value.length && visit(value[index], at + 1)) return true;
      for (let i = 0; i < value.length; i++) {
        if (isDocument(value[i]) && visit(value[i], at)) return (remember(at, i), true);
      }
      return false;
    }
    return isDocument(value) ? visit(fieldOf(value, name), at + 1) : test(undefined);
  }
  return visit(root, 0);
}

/** All values a path reaches, arrays taken apart: what `distinct` lists. */
export function valuesAt(root: unknown, path: readonly string[]): unknown[] {
  const found: unknown[] = [];
  anyValueAt(
    root,
    path,
    (value) => {
      if (Array.isArray(value)) found.push(...value);
      else if (value !== undefined) found.push(value);
      return false;
    },
    { wholeArrays: true },
  );
  return found;
}

/** A field of a document, never one inherited from an ordinary object's prototype. */
export function fieldOf(document: Record<string, unknown>, name: string): unknown {
  return Object.hasOwn(document, name) ? document[name] : undefined;
}

/** The index a path component names in an array, or undefined when it is no number. */
export function arrayIndex(name: string): number | undefined {
  return /^(0|[1-9]\d{0,8})$/.test(name) ? Number(name) : undefined;
}
