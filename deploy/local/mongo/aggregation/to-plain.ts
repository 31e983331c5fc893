import { BSONRegExp, Double, Int32, Long } from "bson";
import { numberType } from "../values/number";
import { isDocument } from "../values/document";
import { toRegExp } from "../query/to-regexp";

/**
 * A value as mingo wants it: ordinary objects, JavaScript numbers and regular expressions. Decimals, and longs that no
 * JavaScript number can hold, stay what they are: they pass through, and arithmetic on them is refused.
 */
export function toPlain(value: unknown): unknown {
  if (typeof value !== "object" || value === null) return value;
  if (Array.isArray(value)) return value.map(toPlain);
  if (value instanceof Double || value instanceof Int32) return value.value;
  if (value instanceof BSONRegExp) return toRegExp(value);
  if (value instanceof Long && numberType(value) === "long") {
    const number = value.toNumber();
    return Number.isSafeInteger(number) ? number : value;
  }
  if (!isDocument(value)) return value;
  const plain: Record<string, unknown> = {};
  for (const name of Object.keys(value)) {
    // Assigning `__proto__` would change the object's prototype instead of making a field.
    if (name === "__proto__") {
      Object.defineProperty(plain, name, {
        value: toPlain(value[name]),
        enumerable: true,
        writable: true,
        configurable: true,
      });
    } else plain[name] = toPlain(value[name]);
  }
  return plain;
}
