import { asObject, type JsonObject } from "./state";

/** What two selections of one field gave, as one value: objects field by field, lists item by item, otherwise the later value. */
export function merged(known: unknown, value: unknown): unknown {
  const [a, b] = [asObject(known), asObject(value)];
  if (a && b) {
    const both = { ...a };
    mergeInto(both, b);
    return both;
  }
  if (Array.isArray(known) && Array.isArray(value)) return value.map((item, i) => merged(known[i], item));
  return value;
}

export function mergeInto(object: Record<string, unknown>, from: JsonObject): void {
  for (const [key, value] of Object.entries(from)) object[key] = merged(object[key], value);
}
