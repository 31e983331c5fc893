import { Binary, BSONRegExp, BSONSymbol, Code, Decimal128, MaxKey, MinKey, ObjectId, Timestamp } from "bson";
import { isDocument } from "./document";
import { isNumeric, numberKey } from "./number";

/**
 * First character of a key, in the order of types:
 * https://www.mongodb.com/docs/manual/reference/bson-type-comparison-order/
 */
export const order = {
  minKey: "\x01",
  /** An empty array in an index; sorts before null and equals nothing. */
  undefined: "\x02",
  null: "\x03",
  number: "\x04",
  string: "\x05",
  object: "\x06",
  array: "\x07",
  binary: "\x08",
  objectId: "\x09",
  boolean: "\x0a",
  date: "\x0b",
  timestamp: "\x0c",
  regex: "\x0d",
  code: "\x0e",
  maxKey: "\x7f",
} as const;

/**
 * A string that sorts and compares as MongoDB sorts and compares the value: 1, 1.0, Long 1 and Decimal 1.00 have the same
 * key, documents differ by field order. Equality, unique indexes, sorting, ranges and `distinct` all rest on it.
 */
export function valueKey(value: unknown): string {
  if (typeof value === "string") return order.string + stringKey(value);
  if (typeof value === "number") return order.number + numberKey(value);
  if (typeof value === "boolean") return order.boolean + (value ? "1" : "0");
  if (value === undefined) return order.undefined;
  if (value === null) return order.null;
  if (isNumeric(value)) return order.number + numberKey(value);
  if (value instanceof Date) return order.date + numberKey(value.getTime());
  if (value instanceof ObjectId) return order.objectId + value.toHexString();
  if (Array.isArray(value))
    return order.array + value.map((element) => `\x01${valueKey(element ?? null)}`).join("") + "\0";
  if (value instanceof BSONRegExp) return order.regex + stringKey(value.pattern) + stringKey(value.options);
  if (value instanceof Timestamp)
    return order.timestamp + BigInt.asUintN(64, value.toBigInt()).toString(16).padStart(16, "0");
  if (value instanceof Binary)
    return order.binary + binaryKey(value.buffer.subarray(0, value.position), value.sub_type);
  if (value instanceof Uint8Array) return order.binary + binaryKey(value, 0);
  if (value instanceof BSONSymbol) return order.string + stringKey(value.value);
  if (value instanceof MinKey) return order.minKey;
  if (value instanceof MaxKey) return order.maxKey;
  if (value instanceof Code)
    return order.code + stringKey(String(value.code)) + (value.scope ? valueKey(value.scope) : "");
  if (!isDocument(value)) return order.code + stringKey(String(value));
  let key: string = order.object;
  for (const name of Object.keys(value)) {
    const field = valueKey(value[name]);
    // Fields compare by type, then by name, then by value.
    key += `\x01${field[0] ?? ""}${stringKey(name)}${field}`;
  }
  return key + "\0";
}

export function compareValues(left: unknown, right: unknown): number {
  if (Number.isFinite(left) && Number.isFinite(right)) return (left as number) - (right as number);
  if (left instanceof Date && right instanceof Date) return left.getTime() - right.getTime();
  const [a, b] = [valueKey(left), valueKey(right)];
  return a < b ? -1 : a > b ? 1 : 0;
}

export function equalValues(left: unknown, right: unknown): boolean {
  if (left === right) return true;
  if (typeof left === typeof right && (typeof left === "string" || typeof left === "boolean")) return false;
  if (typeOrder(left) !== typeOrder(right)) return false;
  return valueKey(left) === valueKey(right);
}

/** Equal only when type, field order and every bit agree: decides whether an update changed anything. */
export function identicalValues(left: unknown, right: unknown): boolean {
  if (left === right) return true;
  if (Array.isArray(left) && Array.isArray(right)) {
    return left.length === right.length && left.every((element, index) => identicalValues(element, right[index]));
  }
  if (isDocument(left) && isDocument(right)) {
    const names = Object.keys(left);
    const others = Object.keys(right);
    return (
      names.length === others.length &&
      names.every((name, index) => name === others[index] && identicalValues(left[name], right[name]))
    );
  }
  if (left instanceof Decimal128 && right instanceof Decimal128) return left.toString() === right.toString();
  return left?.constructor === right?.constructor && typeof left === "object" && valueKey(left) === valueKey(right);
}

/** The character that all keys of values of the same comparison type start with. */
export function typeOrder(value: unknown): string {
  if (typeof value === "string") return order.string;
  if (typeof value === "number") return order.number;
  if (typeof value === "boolean") return order.boolean;
  if (value === undefined) return order.undefined;
  if (value === null) return order.null;
  if (value instanceof Date) return order.date;
  if (value instanceof ObjectId) return order.objectId;
  if (Array.isArray(value)) return order.array;
  if (isDocument(value)) return order.object;
  return valueKey(value).charAt(0);
}

/** Ends by itself (\0\x01) and keeps the server's order, that of UTF-8 bytes, where JavaScript compares UTF-16 units. */
function stringKey(text: string): string {
  if (/[\0\ud800-\uffff]/.test(text)) {
    text = text.replace(/\0/g, "\0\xff").replace(/[\ud800-\uffff]/g, (unit) => {
      const code = unit.charCodeAt(0);
      return String.fromCharCode(code >= 0xe000 ? code - 0x800 : code + 0x2000);
    });
  }
  return text + "\0\x01";
}

function binaryKey(bytes: Uint8Array, subtype: number): string {
  const hex = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("hex");
  return bytes.byteLength.toString(16).padStart(8, "0") + subtype.toString(16).padStart(2, "0") + hex;
}
