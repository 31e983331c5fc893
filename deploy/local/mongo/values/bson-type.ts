import { Binary, BSONRegExp, BSONSymbol, Code, MaxKey, MinKey, ObjectId, Timestamp } from "bson";
import { CommandError } from "../errors";
import { isDocument } from "./document";
import { isNumeric, numberType, toNumber } from "./number";

/** Aliases and numbers of https://www.mongodb.com/docs/manual/reference/bson-types/ */
const numbers: Record<string, number> = {
  double: 1,
  string: 2,
  object: 3,
  array: 4,
  binData: 5,
  undefined: 6,
  objectId: 7,
  bool: 8,
  date: 9,
  null: 10,
  regex: 11,
  dbPointer: 12,
  javascript: 13,
  symbol: 14,
  javascriptWithScope: 15,
  int: 16,
  timestamp: 17,
  long: 18,
  decimal: 19,
  minKey: -1,
  maxKey: 127,
};
const aliases = new Map(Object.entries(numbers).map(([alias, number]) => [number, alias]));

/** The alias of a value's type; `"missing"` for a field that is not there. */
export function bsonType(value: unknown): string {
  if (value === undefined) return "missing";
  if (value === null) return "null";
  if (typeof value === "string") return "string";
  if (typeof value === "boolean") return "bool";
  const number = numberType(value);
  if (number) return number;
  if (Array.isArray(value)) return "array";
  if (value instanceof Date) return "date";
  if (value instanceof ObjectId) return "objectId";
  if (value instanceof Timestamp) return "timestamp";
  if (value instanceof Binary || value instanceof Uint8Array) return "binData";
  if (value instanceof BSONRegExp) return "regex";
  if (value instanceof BSONSymbol) return "symbol";
  if (value instanceof MinKey) return "minKey";
  if (value instanceof MaxKey) return "maxKey";
  if (value instanceof Code) return value.scope ? "javascriptWithScope" : "javascript";
  return isDocument(value) ? "object" : "undefined";
}

/** Resolves an alias or number, as `$type` and `bsonType` take them, to a test of a value. */
export function typeTest(type: unknown): (value: unknown) => boolean {
  if (type === "number") return isNumeric;
  if (typeof type === "string") {
    if (!Object.hasOwn(numbers, type)) throw new CommandError(2, `Unknown type name alias: ${type}`);
    return (value) => bsonType(value) === type;
  }
  if (!isNumeric(type)) throw new CommandError(14, "type must be represented as a number or a string");
  const alias = aliases.get(toNumber(type));
  if (!alias) throw new CommandError(2, `Invalid numerical type code: ${toNumber(type)}`);
  return (value) => bsonType(value) === alias;
}
