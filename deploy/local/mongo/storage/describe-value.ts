import { BSONRegExp, Decimal128, Long, ObjectId } from "bson";
import { isDocument } from "../values/document";
import { isNumeric } from "../values/number";

const longestText = 200;

/** A value as the server's error messages show it, such as `{ sku: "A-1" }`. */
export function describeValue(value: unknown): string {
  const text = describe(value);
  return text.length > longestText ? `${text.slice(0, longestText)}...` : text;
}

function describe(value: unknown): string {
  if (value === null || value === undefined) return "null";
  if (typeof value === "string") return JSON.stringify(value);
  if (value instanceof ObjectId) return `ObjectId('${value.toHexString()}')`;
  if (value instanceof Date) return `new Date(${value.getTime()})`;
  if (value instanceof BSONRegExp) return `/${value.pattern}/${value.options}`;
  if (value instanceof Decimal128) return `Decimal128('${value.toString()}')`;
  if (value instanceof Long || isNumeric(value)) return String(value);
  if (Array.isArray(value)) return value.length ? `[ ${value.map(describe).join(", ")} ]` : "[]";
  if (!isDocument(value)) return String(value);
  const fields = Object.keys(value).map((name) => `${name}: ${describe(value[name])}`);
  return fields.length ? `{ ${fields.join(", ")} }` : "{}";
}
