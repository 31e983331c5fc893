import type { EventPath } from "./event-path";

/** What a JSON Schema says of the value at a path. */
export interface BodyValue {
  /** JSON types: `string`, `integer`, …; empty when the schema does not say. */
  readonly types: readonly string[];
  readonly values: readonly unknown[] | undefined;
  /** Of a list. */
  readonly items: BodyValue | undefined;
  /** Whether every body has it. */
  readonly required: boolean;
}

interface JsonSchema {
  readonly type?: string | readonly string[];
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly required?: readonly string[];
  readonly enum?: readonly unknown[];
  readonly items?: JsonSchema;
  readonly nullable?: boolean;
}

/** @returns `undefined` when the schema of the body has no such path */
export function bodyValueAt(schema: object, path: EventPath): BodyValue | undefined {
  let here: JsonSchema = schema;
  let required = true;
  for (const part of path) {
    const next = here.properties && Object.hasOwn(here.properties, part) ? here.properties[part] : undefined;
    if (!next) return undefined;
    required &&= here.required?.includes(part) ?? false;
    here = next;
  }
  return toBodyValue(here, required);
}

const toBodyValue = ({ type, enum: values, items, nullable }: JsonSchema, required: boolean): BodyValue => ({
  types: type === undefined ? [] : [type, nullable ? "null" : []].flat(),
  values,
  items: items && toBodyValue(items, true),
  required,
});

/** For sentences: `string`, `integer or null`. */
export const describeTypes = ({ types }: BodyValue): string => types.join(" or ") || "of no declared type";
