import {
  type GraphQLAbstractType,
  type GraphQLLeafType,
  type GraphQLObjectType,
  type GraphQLOutputType,
  getNamedType,
  isLeafType,
  isListType,
  isNonNullType,
} from "graphql";
import { either, type JsonObject } from "../run/state";
import { coerceResult } from "./coerce-result";
import type { ExplainNull } from "./explain-null";
import type { PendingPart, ValuePlace } from "./place";
import { toldBelow } from "./resolve-values";

/** Stands for a null that the parent cannot take. */
export const NOTHING = Symbol("null where the schema allows none");

/**
 * "Value Completion" (6.4.3): once a field has a value, that is made to fit the field's type: a leaf is coerced, each element of a list is
 * completed by itself, and of an object the fields below are executed. https://spec.graphql.org/October2021/#CompleteValue()
 *
 * "Handling Field Errors" (6.4.4): a null that comes of an error stays where the type allows it. Where the type is Non-Null the null goes up to the
 * field or list around it, and on until one may be null. https://spec.graphql.org/October2021/#sec-Handling-Field-Errors
 *
 * @returns NOTHING when that is for the parent to take
 */
export type CompleteValue = (type: GraphQLOutputType, place: ValuePlace) => unknown;

/** @returns null for an object that cannot be written, NOTHING when one of its fields is null and may not be */
export type CompleteObject = (
  type: GraphQLObjectType | GraphQLAbstractType,
  place: ValuePlace,
) => JsonObject | typeof NOTHING | null;

/** @param pending parts that follow; those below a null do not */
export function createCompleteValue(
  explain: ExplainNull,
  pending: PendingPart[],
  completeObject: CompleteObject,
): CompleteValue {
  const completeValue: CompleteValue = (type, place) => {
    if (isNonNullType(type)) {
      const value = completeValue(type.ofType, place);
      if (value !== null) return value;
      explain.unexpectedNull(place.path);
      return NOTHING;
    }
    const before = pending.length;
    const value = completeNullable(type, place);
    if (value !== NOTHING) return value;
    pending.length = before;
    return null;
  };

  const completeNullable = (type: GraphQLOutputType, place: ValuePlace): unknown => {
    const { told, path } = place;
    const latest = told.reduce<unknown>((found, { value }) => either(value, found), undefined);
    if (latest === null || latest === undefined) {
      explain.noValue(latest, path);
      return null;
    }
    if (isLeafType(type)) return completeLeaf(type, latest, path);
    if (isListType(type)) return completeList(type.ofType, place);
    return completeObject(type, place);
  };

  const completeLeaf = (type: GraphQLLeafType, given: unknown, path: ValuePlace["path"]): unknown => {
    const value = coerceResult(type, given);
    if (value === undefined) explain.wrongValue(path);
    return value ?? null;
  };

  const completeList = (type: GraphQLOutputType, { told, position, selection, path }: ValuePlace): unknown => {
    const lists = told.filter(({ value }) => Array.isArray(value));
    // Lists of leaves come from one source: its later word counts as a whole.
    const chosen = isLeafType(getNamedType(type)) ? lists.slice(-1) : lists;
    const [first] = chosen;
    if (!first) {
      explain.wrongValue(path);
      return null;
    }
    const next = position.at("@");
    const items: unknown[] = [];
    const { length } = first.value as readonly unknown[];
    for (let key = 0; key < length; key++) {
      const place = { position: next, told: toldBelow(chosen, key, next), selection, path: { above: path, key } };
      const item = completeValue(type, place);
      if (item === NOTHING) return NOTHING;
      items.push(item);
    }
    return items;
  };

  return completeValue;
}
