/** Where a value stands in an event's body: `["order", "id"]` of `order.id`. */
export type EventPath = readonly string[];

export type EventScalar = string | number | boolean;

const PATH = /^[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*$/;

/** Reads `order.id`. @returns `undefined` for anything of another form */
export const parseEventPath = (text: string): EventPath | undefined => (PATH.test(text) ? text.split(".") : undefined);

/** The scalar at a path of an event's body; only own properties count, so that `__proto__` is an ordinary, absent name. */
export function valueAt(data: unknown, path: EventPath): EventScalar | undefined {
  const value = anyValueAt(data, path);
  return isScalar(value) ? value : undefined;
}

/** Whatever stands at a path of an event's body, lists and objects too; only own properties count. */
export function anyValueAt(data: unknown, path: EventPath): unknown {
  let here: unknown = data;
  for (const part of path) {
    if (typeof here !== "object" || here === null || !Object.hasOwn(here, part)) return undefined;
    here = (here as Record<string, unknown>)[part];
  }
  return here;
}

export const isScalar = (value: unknown): value is EventScalar =>
  typeof value === "string" || typeof value === "number" || typeof value === "boolean";
