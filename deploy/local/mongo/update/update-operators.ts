import { Long, Timestamp } from "bson";
import { CommandError } from "../errors";
import { describeValue } from "../storage/describe-value";
import { bsonType } from "../values/bson-type";
import { isDocument } from "../values/document";
import { combineNumbers, isNumeric, numberType, type Numeric } from "../values/number";
import { compareValues } from "../values/value-key";
import { addToSet, pop, pull, pullAll, push } from "./array-operators";
import { type Change, keep, type Place, remove } from "./change";

/**
 * Field operators by name, each compiled from its argument. `$rename` and `$setOnInsert` are not of this kind.
 * https://www.mongodb.com/docs/manual/reference/operator/update/
 */
export const updateOperators: ReadonlyMap<string, (argument: unknown, field: string) => Change> = new Map([
  ["$set", (argument) => () => argument],
  ["$unset", () => (current) => (current === undefined ? keep : remove)],
  ["$inc", (argument, field) => arithmetic("$inc", argument, field)],
  ["$mul", (argument, field) => arithmetic("$mul", argument, field)],
  [
    "$min",
    (argument) => (current) => (current === undefined || compareValues(argument, current) < 0 ? argument : keep),
  ],
  [
    "$max",
    (argument) => (current) => (current === undefined || compareValues(argument, current) > 0 ? argument : keep),
  ],
  ["$currentDate", currentDate],
  ["$bit", bit],
  ["$push", push],
  ["$addToSet", addToSet],
  ["$pull", pull],
  ["$pullAll", pullAll],
  ["$pop", pop],
]);

function arithmetic(operator: "$inc" | "$mul", argument: unknown, field: string): Change {
  if (!isNumeric(argument)) {
    const verb = operator === "$inc" ? "increment" : "multiply";
    throw new CommandError(14, `Cannot ${verb} with non-numeric argument: {${field}: ${describeValue(argument)}}`);
  }
  return (current, place) => {
    // A missing field counts as zero; times a number that is a zero of the number's type.
    if (current === undefined) return operator === "$inc" ? argument : combineNumbers("$mul", argument, 0);
    return combineNumbers(operator, numeric(operator, current, place), argument);
  };
}

function numeric(operator: string, current: unknown, place: Place): Numeric {
  if (isNumeric(current)) return current;
  throw new CommandError(
    14,
    `Cannot apply ${operator} to a value of non-numeric type. {_id: ${describeValue(place.id)}} has the field '${place.field}' of non-numeric type ${bsonType(current)}`,
  );
}

function currentDate(argument: unknown): Change {
  if (argument === true || argument === false) return () => new Date();
  const type = isDocument(argument) ? argument.$type : undefined;
  if (type === "date") return () => new Date();
  if (type === "timestamp") return () => new Timestamp({ t: Math.floor(Date.now() / 1000), i: 1 });
  throw new CommandError(
    2,
    `${bsonType(argument)} is not valid type for $currentDate. Please use a boolean ('true') or a $type expression ({$type: 'timestamp/date'}).`,
  );
}

function bit(argument: unknown, field: string): Change {
  if (!isDocument(argument) || Object.keys(argument).length === 0) {
    throw new CommandError(
      2,
      `The $bit modifier is not compatible with a ${bsonType(argument)}. You must pass in an embedded document: {$bit: {field: {and/or/xor: #}}`,
    );
  }
  const steps = Object.keys(argument).map((name) => {
    const operand = argument[name];
    if (!["and", "or", "xor"].includes(name)) {
      throw new CommandError(
        2,
        `The $bit modifier only supports 'and', 'or', and 'xor', not '${name}' which is an unknown operator: {${field}: ${describeValue(argument)}}`,
      );
    }
    if (!isNumeric(operand) || !["int", "long"].includes(numberType(operand) ?? "")) {
      throw new CommandError(
        2,
        `The $bit modifier field must be an Integer(32/64 bit); a '${bsonType(operand)}' is not supported here: {${name}: ${describeValue(operand)}}`,
      );
    }
    return { name, operand };
  });
  return (current = 0, place) => {
    let value = numeric("$bit", current, place);
    if (!["int", "long"].includes(numberType(value) ?? "")) {
      throw new CommandError(
        2,
        `Cannot apply $bit to a value of non-integral type. _id: ${describeValue(place.id)} has the field ${place.field} of non-integer type ${bsonType(value)}`,
      );
    }
    for (const { name, operand } of steps) {
      const [a, b] = [BigInt(value.toString()), BigInt(operand.toString())];
      const result = name === "and" ? a & b : name === "or" ? a | b : a ^ b;
      const wide = numberType(value) === "long" || numberType(operand) === "long";
      value = wide ? Long.fromBigInt(result) : Number(BigInt.asIntN(32, result));
    }
    return value;
  };
}
