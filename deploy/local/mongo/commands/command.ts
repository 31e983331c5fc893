import { CommandError, notImplemented } from "../errors";
import { createEvaluate } from "../aggregation/run-pipeline";
import type { FilterScope } from "../query/compile-filter";
import type { Catalog } from "../storage/catalog";
import type { Collection } from "../storage/collection";
import { bsonType } from "../values/bson-type";
import { type Document, isDocument } from "../values/document";
import { isNumeric, toNumber } from "../values/number";
import type { CursorStore } from "./cursor-store";

export interface CommandContext {
  readonly catalog: Catalog;
  readonly cursors: CursorStore;
  readonly database: string;
  readonly connectionId: number;
}

export interface Command {
  /** The fields it takes besides those any command takes; absent when it takes whatever a client sends. */
  readonly fields?: readonly string[];
  /** Changes nothing: may be refused after the fact when it took longer than `maxTimeMS`. */
  readonly readOnly?: boolean;
  /** @returns the answer without `ok`. */
  readonly run: (command: Document, context: CommandContext) => Document;
}

export type Commands = Readonly<Record<string, Command>>;

/** The collection a command names in its first field. @throws CommandError 73 for a name no collection can have. */
export function collectionName(command: Document, context: CommandContext): string {
  const name = command[Object.keys(command)[0] as string];
  if (typeof name !== "string") throw new CommandError(73, `collection name has invalid type ${bsonType(name)}`);
  const namespace = `${context.database}.${name}`;
  if (name === "" || name.includes("$") || name.includes("\0") || name.startsWith(".") || namespace.length > 255) {
    throw new CommandError(73, `Invalid namespace specified '${namespace}'`);
  }
  return name;
}

export function collectionOf(command: Document, context: CommandContext): Collection | undefined {
  return context.catalog.collection(context.database, collectionName(command, context));
}

/** Evaluates `$expr` and computed projections with the command's `let`. */
export function evaluateOf(command: Document, context: CommandContext): NonNullable<FilterScope["evaluate"]> {
  return createEvaluate(scopeOf(command, context));
}

export function scopeOf(command: Document, context: CommandContext) {
  return {
    collection: (name: string) => context.catalog.collection(context.database, name),
    variables: optionalDocument(command, "let"),
  };
}

export function optionalDocument(command: Document, field: string): Document | undefined {
  const value = command[field];
  if (value === undefined || value === null) return undefined;
  if (isDocument(value)) return value;
  throw wrongType(field, value, "object");
}

export function optionalBoolean(command: Document, field: string): boolean {
  const value = command[field];
  if (value === undefined || value === null) return false;
  if (typeof value === "boolean") return value;
  if (isNumeric(value)) return toNumber(value) !== 0;
  throw wrongType(field, value, "bool");
}

/** A whole number that is not negative; undefined when absent. */
export function optionalCount(command: Document, field: string): number | undefined {
  const value = command[field];
  if (value === undefined || value === null) return undefined;
  const number = isNumeric(value) ? toNumber(value) : NaN;
  if (Number.isNaN(number)) throw wrongType(field, value, "long");
  if (!Number.isInteger(number) || number < 0) {
    throw new CommandError(51024, `BSON field '${field}' value must be >= 0, actual value '${number}'`);
  }
  return number;
}

export function requiredArray(command: Document, field: string): Document[] {
  const value = command[field];
  if (value === undefined) throw new CommandError(40414, `BSON field '${field}' is missing but a required field`);
  if (!Array.isArray(value)) throw wrongType(field, value, "array");
  const wrong = value.find((entry) => !isDocument(entry));
  if (wrong !== undefined) throw wrongType(`${field}.0`, wrong, "object");
  return value as Document[];
}

/** Only the order of bytes is known here. https://www.mongodb.com/docs/manual/reference/collation/ */
export function refuseCollation(holder: Document): void {
  const collation = holder.collation;
  if (collation === undefined || (isDocument(collation) && collation.locale === "simple")) return;
  throw notImplemented("collation other than { locale: 'simple' }");
}

export function refuseUnknownFields(prefix: string, holder: Document, known: readonly string[]): void {
  const unknown = Object.keys(holder).find((name) => !known.includes(name));
  if (unknown !== undefined) throw new CommandError(40415, `BSON field '${prefix}.${unknown}' is an unknown field.`);
}

function wrongType(field: string, value: unknown, expected: string): CommandError {
  return new CommandError(
    14,
    `BSON field '${field}' is the wrong type '${bsonType(value)}', expected type '${expected}'`,
  );
}
