import { BSONRegExp } from "bson";
import { CommandError } from "../errors";
import { compileFilter, hasOperators } from "../query/compile-filter";
import { compileCondition } from "../query/field-condition";
import { parseSort, sortBy } from "../query/sort-documents";
import { describeValue } from "../storage/describe-value";
import { bsonType } from "../values/bson-type";
import { createDocument, type Document, isDocument } from "../values/document";
import { isNumeric, toNumber } from "../values/number";
import { equalValues } from "../values/value-key";
import { type Change, keep, type Place } from "./change";

/** https://www.mongodb.com/docs/manual/reference/operator/update/push/ */
export function push(argument: unknown): Change {
  const modifiers = isDocument(argument) && "$each" in argument ? argument : createDocument({ $each: [argument] });
  for (const name of Object.keys(modifiers)) {
    if (!["$each", "$slice", "$sort", "$position"].includes(name)) {
      throw new CommandError(2, `Unrecognized clause in $push: ${name}`);
    }
  }
  const each = eachOf("$push", modifiers);
  const position = integerOf("$position", modifiers.$position);
  const slice = integerOf("$slice", modifiers.$slice);
  const sort = sortOf(modifiers.$sort);
  return (current, place) => {
    const array = current === undefined ? [] : [...arrayAt(current, place)];
    array.splice(position ?? array.length, 0, ...each);
    const sorted = sort(array);
    if (slice === undefined) return sorted;
    return slice < 0 ? sorted.slice(slice) : sorted.slice(0, slice);
  };
}

/** https://www.mongodb.com/docs/manual/reference/operator/update/addToSet/ */
export function addToSet(argument: unknown): Change {
  const modifiers = isDocument(argument) && "$each" in argument ? argument : createDocument({ $each: [argument] });
  const unknown = Object.keys(modifiers).find((name) => name !== "$each");
  if (unknown)
    throw new CommandError(2, `Found unexpected fields after $each in $addToSet: ${describeValue(modifiers)}`);
  const each = eachOf("$addToSet", modifiers);
  return (current, { field }) => {
    if (current !== undefined && !Array.isArray(current)) {
      throw new CommandError(
        2,
        `Cannot apply $addToSet to non-array field. Field named '${field}' has non-array type ${bsonType(current)}`,
      );
    }
    const array: unknown[] = [...(current ?? [])];
    for (const value of each) if (!array.some((present) => equalValues(present, value))) array.push(value);
    return current && array.length === current.length ? keep : array;
  };
}

/** Takes out what matches a query on each element: https://www.mongodb.com/docs/manual/reference/operator/update/pull/ */
export function pull(argument: unknown): Change {
  const matches = elementTest(argument);
  return (current) => {
    if (current === undefined) return keep;
    if (!Array.isArray(current)) throw new CommandError(2, "Cannot apply $pull to a non-array value");
    const left = current.filter((element) => !matches(element));
    return left.length === current.length ? keep : left;
  };
}

export function pullAll(argument: unknown): Change {
  if (!Array.isArray(argument))
    throw new CommandError(2, `$pullAll requires an array argument but was given a ${bsonType(argument)}`);
  return (current) => {
    if (current === undefined) return keep;
    if (!Array.isArray(current)) throw new CommandError(2, "Cannot apply $pullAll to a non-array value");
    const left = current.filter((element) => !argument.some((value) => equalValues(value, element)));
    return left.length === current.length ? keep : left;
  };
}

export function pop(argument: unknown): Change {
  const end = isNumeric(argument) ? toNumber(argument) : NaN;
  if (end !== 1 && end !== -1) throw new CommandError(9, `$pop expects 1 or -1, found: ${describeValue(argument)}`);
  return (current, { field }) => {
    if (current === undefined) return keep;
    if (!Array.isArray(current)) {
      throw new CommandError(14, `Path '${field}' contains an element of non-array type '${bsonType(current)}'`);
    }
    if (current.length === 0) return keep;
    return end === 1 ? current.slice(0, -1) : current.slice(1);
  };
}

function elementTest(argument: unknown): (element: unknown) => boolean {
  if (isDocument(argument) && !hasOperators(argument)) {
    const filter = compileFilter(argument);
    return (element) => isDocument(element) && filter(element);
  }
  if (isDocument(argument) || argument instanceof BSONRegExp) {
    const condition = compileCondition(argument, (filter: Document) => compileFilter(filter));
    return (element) => condition(element, []);
  }
  return (element) => equalValues(element, argument);
}

function arrayAt(current: unknown, place: Place): unknown[] {
  if (Array.isArray(current)) return current;
  throw new CommandError(
    2,
    `The field '${place.field}' must be an array but is of type ${bsonType(current)} in document {_id: ${describeValue(place.id)}}`,
  );
}

function eachOf(operator: string, modifiers: Document): unknown[] {
  if (Array.isArray(modifiers.$each)) return modifiers.$each;
  const message = `The argument to $each in ${operator} must be an array but it was of type: ${bsonType(modifiers.$each)}`;
  throw new CommandError(operator === "$push" ? 2 : 14, message);
}

function integerOf(name: string, value: unknown): number | undefined {
  if (value === undefined) return undefined;
  const number = isNumeric(value) ? toNumber(value) : NaN;
  if (Number.isInteger(number)) return number;
  throw new CommandError(2, `The value for ${name} must be an integer value but was given type: ${bsonType(value)}`);
}

function sortOf(value: unknown): (array: unknown[]) => unknown[] {
  if (value === undefined) return (array) => array;
  if (isDocument(value)) {
    const fields = parseSort(value);
    return (array) => sortBy(array, (element) => (isDocument(element) ? element : createDocument()), fields);
  }
  const direction = isNumeric(value) ? toNumber(value) : 0;
  if (direction !== 1 && direction !== -1) {
    throw new CommandError(
      2,
      "The $sort is invalid: use 1/-1 to sort the whole element, or {field:1/-1} to sort embedded fields",
    );
  }
  // Whole elements: each becomes the only element of a field, so that an array among them is compared as a whole too.
  const fields = parseSort(createDocument({ value: direction }));
  return (array) => sortBy(array, (element) => createDocument({ value: [element] }), fields);
}
