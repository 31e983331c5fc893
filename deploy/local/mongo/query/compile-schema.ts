import { CommandError } from "../errors";
import { bsonType, typeTest } from "../values/bson-type";
import { type Document, isDocument } from "../values/document";
import { isNumeric, toNumber } from "../values/number";
import { compareValues, equalValues, valueKey } from "../values/value-key";
import { toRegExp } from "./to-regexp";
import { fieldOf } from "./walk-path";

/** One broken rule, in the shape of `errInfo.details.schemaRulesNotSatisfied`. */
export type Violation = Readonly<Record<string, unknown>>;
type Check = (value: unknown) => Violation[];
type Compile = (argument: unknown, schema: Document) => Check;

/**
 * `$jsonSchema`, the draft 4 subset with `bsonType` that the server knows. A JSON Schema library cannot stand in: it knows
 * neither ObjectId nor the difference of int and long. https://www.mongodb.com/docs/manual/reference/operator/query/jsonSchema/
 */
export function compileSchema(schema: unknown): (value: unknown) => Violation[] {
  if (!isDocument(schema)) throw new CommandError(14, "$jsonSchema must be an object");
  const checks = Object.keys(schema).flatMap((keyword): Check[] => {
    if (annotations.has(keyword)) return [];
    const compile = keywords.get(keyword);
    if (compile) return [compile(schema[keyword], schema)];
    if (unsupported.has(keyword)) {
      throw new CommandError(9, `$jsonSchema keyword '${keyword}' is not currently supported`);
    }
    throw new CommandError(9, `Unknown $jsonSchema keyword: ${keyword}`);
  });
  return (value) => checks.flatMap((check) => check(value));
}

const annotations = new Set(["title", "description", "exclusiveMinimum", "exclusiveMaximum"]);
const unsupported = new Set(["$ref", "$schema", "default", "definitions", "format", "id"]);

/** `type` speaks of JSON's types. */
const jsonTypes: Record<string, string[]> = {
  object: ["object"],
  array: ["array"],
  number: ["number"],
  boolean: ["bool"],
  string: ["string"],
  null: ["null"],
};

const keywords = new Map<string, Compile>([
  ["bsonType", (argument) => typeCheck("bsonType", listOf(argument).map(typeTest), argument)],
  [
    "type",
    (argument) => {
      const tests = listOf(argument).flatMap((type) => {
        const aliases = Object.hasOwn(jsonTypes, String(type)) ? jsonTypes[String(type)] : undefined;
        if (!aliases) throw new CommandError(2, `Unknown type name alias: ${String(type)}`);
        return aliases.map(typeTest);
      });
      return typeCheck("type", tests, argument);
    },
  ],
  [
    "enum",
    (argument) => rule("enum", arrayOf("enum", argument), (value, list) => list.some((x) => equalValues(x, value))),
  ],
  [
    "required",
    (argument) => {
      const names = arrayOf("required", argument).map(String);
      return onObject((object) => {
        const missingProperties = names.filter((name) => !Object.hasOwn(object, name));
        return missingProperties.length
          ? [{ operatorName: "required", specifiedAs: { required: names }, missingProperties }]
          : [];
      });
    },
  ],
  [
    "properties",
    (argument) => {
      const properties = schemasOf("properties", argument);
      return onObject((object) => {
        const propertiesNotSatisfied = [...properties].flatMap(([name, check]) => {
          const value = fieldOf(object, name);
          const details = value === undefined ? [] : check(value);
          return details.length ? [{ propertyName: name, details }] : [];
        });
        return propertiesNotSatisfied.length ? [{ operatorName: "properties", propertiesNotSatisfied }] : [];
      });
    },
  ],
  [
    "patternProperties",
    (argument) => {
      const patterns = [...schemasOf("patternProperties", argument)].map(
        ([text, check]) => [toRegExp(text), check] as const,
      );
      return onObject((object) =>
        Object.keys(object).flatMap((name) =>
          patterns.flatMap(([pattern, check]) => (pattern.test(name) ? check(object[name]) : [])),
        ),
      );
    },
  ],
  [
    "additionalProperties",
    (argument, schema) => {
      const known = new Set(isDocument(schema.properties) ? Object.keys(schema.properties) : []);
      const patterns = isDocument(schema.patternProperties)
        ? Object.keys(schema.patternProperties).map((p) => toRegExp(p))
        : [];
      const check = isDocument(argument) ? compileSchema(argument) : undefined;
      return onObject((object) => {
        const others = Object.keys(object).filter((name) => !known.has(name) && !patterns.some((p) => p.test(name)));
        if (check) return others.flatMap((name) => check(object[name]));
        if (argument !== false || others.length === 0) return [];
        const specifiedAs = { additionalProperties: false };
        return [{ operatorName: "additionalProperties", specifiedAs, additionalProperties: others }];
      });
    },
  ],
  ["minProperties", (n) => onObject((object) => limit("minProperties", n, Object.keys(object).length))],
  ["maxProperties", (n) => onObject((object) => limit("maxProperties", n, Object.keys(object).length))],
  [
    "dependencies",
    (argument) => {
      if (!isDocument(argument)) throw new CommandError(14, "$jsonSchema keyword 'dependencies' must be an object");
      const entries = Object.entries(argument).map(([name, needs]) => {
        const check = Array.isArray(needs) ? compileSchema({ required: needs }) : compileSchema(needs);
        return [name, check] as const;
      });
      return onObject((object) =>
        entries.flatMap(([name, check]) => (Object.hasOwn(object, name) ? check(object) : [])),
      );
    },
  ],
  [
    "items",
    (argument) => {
      const checks = Array.isArray(argument) ? argument.map(compileSchema) : undefined;
      const all = checks ? undefined : compileSchema(argument);
      return onArray((array) => {
        const failing = array.flatMap((value, itemIndex) => {
          const details = (all ?? checks?.[itemIndex])?.(value) ?? [];
          return details.length
            ? [{ operatorName: "items", reason: "At least one item did not match the sub-schema", itemIndex, details }]
            : [];
        });
        return failing.slice(0, 1);
      });
    },
  ],
  [
    "additionalItems",
    (argument, schema) => {
      const first = Array.isArray(schema.items) ? schema.items.length : Infinity;
      const check = isDocument(argument) ? compileSchema(argument) : undefined;
      return onArray((array) => {
        const others = array.slice(first);
        if (check) return others.flatMap(check);
        return argument === false && others.length
          ? [{ operatorName: "additionalItems", specifiedAs: { additionalItems: false } }]
          : [];
      });
    },
  ],
  ["minItems", (n) => onArray((array) => limit("minItems", n, array.length))],
  ["maxItems", (n) => onArray((array) => limit("maxItems", n, array.length))],
  [
    "uniqueItems",
    (argument) =>
      onArray((array) =>
        argument === true && new Set(array.map(valueKey)).size < array.length
          ? [{ operatorName: "uniqueItems", specifiedAs: { uniqueItems: true }, reason: "found a duplicate item" }]
          : [],
      ),
  ],
  ["minLength", (n) => onString((text) => limit("minLength", n, [...text].length))],
  ["maxLength", (n) => onString((text) => limit("maxLength", n, [...text].length))],
  [
    "pattern",
    (argument) => {
      if (typeof argument !== "string") throw new CommandError(14, "$jsonSchema keyword 'pattern' must be a string");
      const pattern = toRegExp(argument);
      return rule("pattern", argument, (value) => typeof value !== "string" || pattern.test(value));
    },
  ],
  ["minimum", (n, schema) => bound("minimum", n, (c) => c > 0 || (c === 0 && schema.exclusiveMinimum !== true))],
  ["maximum", (n, schema) => bound("maximum", n, (c) => c < 0 || (c === 0 && schema.exclusiveMaximum !== true))],
  [
    "multipleOf",
    (n) => rule("multipleOf", n, (value) => !isNumeric(value) || !isNumeric(n) || toNumber(value) % toNumber(n) === 0),
  ],
  ["allOf", (argument) => combine("allOf", argument, (passed, total) => passed === total)],
  ["anyOf", (argument) => combine("anyOf", argument, (passed) => passed > 0)],
  ["oneOf", (argument) => combine("oneOf", argument, (passed) => passed === 1)],
  [
    "not",
    (argument) => {
      const check = compileSchema(argument);
      return rule("not", argument, (value) => check(value).length > 0);
    },
  ],
]);

function rule<T>(operatorName: string, argument: T, holds: (value: unknown, argument: T) => boolean): Check {
  return (value) =>
    holds(value, argument)
      ? []
      : [
          {
            operatorName,
            specifiedAs: { [operatorName]: argument },
            reason: `${operatorName} did not match`,
            consideredValue: value,
          },
        ];
}

function typeCheck(operatorName: string, tests: ((value: unknown) => boolean)[], argument: unknown): Check {
  return (value) =>
    tests.some((test) => test(value))
      ? []
      : [
          {
            operatorName,
            specifiedAs: { [operatorName]: argument },
            reason: "type did not match",
            consideredValue: value,
            consideredType: bsonType(value),
          },
        ];
}

function bound(operatorName: string, argument: unknown, holds: (comparison: number) => boolean): Check {
  if (!isNumeric(argument)) throw new CommandError(14, `$jsonSchema keyword '${operatorName}' must be a number`);
  return rule(operatorName, argument, (value) => !isNumeric(value) || holds(compareValues(value, argument)));
}

function limit(operatorName: string, argument: unknown, actual: number): Violation[] {
  const allowed = isNumeric(argument) ? toNumber(argument) : NaN;
  const holds = operatorName.startsWith("min") ? actual >= allowed : actual <= allowed;
  return holds ? [] : [{ operatorName, specifiedAs: { [operatorName]: argument }, consideredValue: actual }];
}

function combine(operatorName: string, argument: unknown, holds: (passed: number, total: number) => boolean): Check {
  const checks = arrayOf(operatorName, argument).map(compileSchema);
  return rule(operatorName, argument, (value) => {
    const passed = checks.filter((check) => check(value).length === 0).length;
    return holds(passed, checks.length);
  });
}

const onObject =
  (check: (object: Document) => Violation[]): Check =>
  (value) =>
    isDocument(value) ? check(value) : [];
const onArray =
  (check: (array: unknown[]) => Violation[]): Check =>
  (value) =>
    Array.isArray(value) ? check(value) : [];
const onString =
  (check: (text: string) => Violation[]): Check =>
  (value) =>
    typeof value === "string" ? check(value) : [];

function schemasOf(keyword: string, argument: unknown): Map<string, Check> {
  if (!isDocument(argument)) throw new CommandError(14, `$jsonSchema keyword '${keyword}' must be an object`);
  return new Map(Object.keys(argument).map((name) => [name, compileSchema(argument[name])]));
}

function arrayOf(keyword: string, argument: unknown): unknown[] {
  if (!Array.isArray(argument) || argument.length === 0) {
    throw new CommandError(14, `$jsonSchema keyword '${keyword}' must be a non-empty array`);
  }
  return argument;
}

function listOf(argument: unknown): unknown[] {
  return Array.isArray(argument) ? argument : [argument];
}
