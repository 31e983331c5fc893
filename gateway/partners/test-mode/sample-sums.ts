import {
  getNullableType,
  type GraphQLField,
  type GraphQLObjectType,
  type GraphQLOutputType,
  isLeafType,
  isListType,
  isObjectType,
} from "graphql";
import { Sample } from "./sample";

/** Reads a field without arguments of an object as an answer would have it. */
export type ReadField = (of: Sample, type: GraphQLObjectType, field: GraphQLField<unknown, unknown>) => unknown;

/** What commerce calls these, in the order in which they are looked for. */
const TOTALS: readonly string[] = ["lineTotal", "total", "totalPrice", "totalAmount", "subtotal"];
const LISTS: readonly string[] = ["lines", "lineItems", "items"];
const QUANTITIES: readonly string[] = ["quantity", "qty"];
const UNIT_PRICES: readonly string[] = ["unitPrice", "price"];
const AMOUNTS: readonly string[] = ["amountMinor", "amount"];

/**
 * What a total has to be for an answer to add up: of a line its quantity times its price, of what has lines the sum of theirs. Amounts are numbers, or
 * objects with an `amountMinor` or an `amount`.
 * @returns the value of the field, undefined for one that is no total, and where the parts are not there
 */
export function totalFor(sample: Sample, type: GraphQLObjectType, name: string, read: ReadField): unknown {
  const field = TOTALS.includes(name) ? fieldOf(type, [name]) : undefined;
  if (!field) return undefined;
  const total = lineAmount(sample, type, read) ?? sumOfLines(sample, type, read);
  if (total === undefined) return undefined;
  const amountType = getNullableType(field.type);
  const amount = amountField(amountType);
  return asAnswered(amount?.type ?? amountType, Math.round(total * 100) / 100, amount?.name);
}

function lineAmount(sample: Sample, type: GraphQLObjectType, read: ReadField): number | undefined {
  const quantity = fieldOf(type, QUANTITIES);
  const price = fieldOf(type, UNIT_PRICES);
  if (!quantity || !price) return undefined;
  const amount = amountIn(price.type, read(sample, type, price), read);
  const count = read(sample, type, quantity);
  return amount !== undefined && typeof count === "number" ? amount * count : undefined;
}

function sumOfLines(sample: Sample, type: GraphQLObjectType, read: ReadField): number | undefined {
  const list = fieldOf(type, LISTS);
  const listType = getNullableType(list?.type);
  const itemType = isListType(listType) ? getNullableType(listType.ofType as GraphQLOutputType) : undefined;
  if (!list || !isObjectType(itemType)) return undefined;
  const lines = read(sample, type, list);
  if (!Array.isArray(lines)) return undefined;
  const amounts = lines.map((line) => (line instanceof Sample ? lineAmount(line, itemType, read) : 0));
  return amounts.reduce(
    (sum: number | undefined, one) => (sum === undefined || one === undefined ? undefined : sum + one),
    0,
  );
}

function amountIn(type: GraphQLOutputType, value: unknown, read: ReadField): number | undefined {
  const amountType = getNullableType(type);
  const field = amountField(amountType);
  const amount = field && isObjectType(amountType) && value instanceof Sample ? read(value, amountType, field) : value;
  return typeof amount === "number" ? amount : undefined;
}

const amountField = (type: GraphQLOutputType) => (isObjectType(type) ? fieldOf(type, AMOUNTS) : undefined);

/** The first of them that the type has, and that takes no arguments. */
const fieldOf = (type: GraphQLObjectType, names: readonly string[]): GraphQLField<unknown, unknown> | undefined =>
  names.map((name) => type.getFields()[name]).find((field) => field?.args.length === 0);

/** @returns undefined for a number that the type does not have, such as one that is too large */
function asAnswered(type: GraphQLOutputType, amount: number, name: string | undefined): unknown {
  const leaf = getNullableType(type);
  if (!isLeafType(leaf)) return undefined;
  try {
    leaf.serialize(amount);
  } catch {
    return undefined;
  }
  return name === undefined ? amount : { [name]: amount };
}
