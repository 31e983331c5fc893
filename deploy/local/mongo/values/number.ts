import { Decimal128, Double, Int32, Long } from "bson";
import { CommandError } from "../errors";
import { doubleValue } from "./document";

export type Numeric = number | Int32 | Double | Long | Decimal128;
type NumberType = "int" | "double" | "long" | "decimal";

export function isNumeric(value: unknown): value is Numeric {
  return typeof value === "number" || numberType(value) !== undefined;
}

/** The BSON type that `value` is stored with, or undefined when it is not a number. */
export function numberType(value: unknown): NumberType | undefined {
  if (typeof value === "number") return value === (value | 0) && !Object.is(value, -0) ? "int" : "double";
  if (value instanceof Int32) return "int";
  if (value instanceof Double) return "double";
  if (value instanceof Decimal128) return "decimal";
  // A Timestamp is a Long to JavaScript, but not a number to MongoDB.
  return value instanceof Long && value._bsontype === ("Long" as string) ? "long" : undefined;
}

/** The nearest JavaScript number. */
export function toNumber(value: Numeric): number {
  if (typeof value === "number") return value;
  if (value instanceof Decimal128) return Number(value.toString());
  return value instanceof Long ? value.toNumber() : value.value;
}

/** Exact order of all numbers whatever their types, as a string that sorts like the number and ends by itself. */
export function numberKey(value: Numeric): string {
  if (typeof value === "number" && Number.isSafeInteger(value))
    return integerKey(value < 0, String(Math.abs(value)), 0);
  if (value instanceof Long) {
    const text = value.toString();
    return text.startsWith("-") ? integerKey(true, text.slice(1), 0) : integerKey(false, text, 0);
  }
  if (value instanceof Decimal128) return decimalKey(value.toString());
  const double = toNumber(value);
  if (Number.isNaN(double)) return "0";
  if (double === -Infinity) return "1";
  if (double === Infinity) return "5";
  let scaled = Math.abs(double);
  let halvings = 0;
  for (; !Number.isInteger(scaled); halvings++) scaled *= 2;
  // m / 2^k = m * 5^k / 10^k: every double has an exact decimal form.
  return integerKey(double < 0, String(BigInt(scaled) * 5n ** BigInt(halvings)), -halvings);
}

function decimalKey(text: string): string {
  if (text === "NaN") return "0";
  if (text.endsWith("Infinity")) return text.startsWith("-") ? "1" : "5";
  const { negative, digits, exponent } = parseDecimal(text);
  return integerKey(negative, digits, exponent);
}

/** `digits` times ten to the `exponent`. */
function integerKey(negative: boolean, digits: string, exponent: number): string {
  const significant = digits.replace(/^0+/, "");
  if (significant === "") return "3";
  // 0.d1d2d3... times ten to the magnitude; -20000 is below what any decimal128 or double can have.
  const magnitude = String(significant.length + exponent + 20_000).padStart(5, "0");
  const body = magnitude + significant.replace(/0+$/, "");
  if (!negative) return `4${body}!`;
  return `2${body.replace(/\d/g, (digit) => String(9 - Number(digit)))}~`;
}

function parseDecimal(text: string): { negative: boolean; digits: string; exponent: number } {
  const [mantissa = "0", exponent = "0"] = text.toUpperCase().split("E");
  const negative = mantissa.startsWith("-");
  const [whole = "", fraction = ""] = mantissa.replace(/^[-+]/, "").split(".");
  return { negative, digits: whole + fraction, exponent: Number(exponent) - fraction.length };
}

/**
 * `$inc` and `$mul`: the result takes the wider type of the two; an int32 that overflows becomes a long, and a long
 * that overflows is an error. https://www.mongodb.com/docs/manual/reference/operator/update/inc/
 */
export function combineNumbers(operator: "$inc" | "$mul", left: Numeric, right: Numeric): Numeric {
  const types = [numberType(left), numberType(right)];
  if (types.includes("decimal")) return combineDecimals(operator, left, right);
  if (types.includes("double")) {
    const [a, b] = [toNumber(left), toNumber(right)];
    return doubleValue(operator === "$inc" ? a + b : a * b);
  }
  const [a, b] = [BigInt(left.toString()), BigInt(right.toString())];
  const exact = operator === "$inc" ? a + b : a * b;
  if (exact !== BigInt.asIntN(64, exact)) {
    throw new CommandError(2, `Failed to apply ${operator} operations to current value (NumberLong(${a})): overflow`);
  }
  const fitsInt = exact === BigInt.asIntN(32, exact);
  return fitsInt && !types.includes("long") ? Number(exact) : Long.fromBigInt(exact);
}

function combineDecimals(operator: "$inc" | "$mul", left: Numeric, right: Numeric): Decimal128 {
  const texts = [decimalText(left), decimalText(right)] as const;
  if (texts.some((text) => !/\d/.test(text))) {
    const [a, b] = texts.map(Number) as [number, number];
    return Decimal128.fromString(String(operator === "$inc" ? a + b : a * b));
  }
  const [a, b] = texts.map(parseDecimal) as [ReturnType<typeof parseDecimal>, ReturnType<typeof parseDecimal>];
  const signed = (part: typeof a) => BigInt(part.digits || "0") * (part.negative ? -1n : 1n);
  if (operator === "$mul") {
    return Decimal128.fromStringWithRounding(`${signed(a) * signed(b)}E${a.exponent + b.exponent}`);
  }
  const exponent = Math.min(a.exponent, b.exponent);
  const shifted = (part: typeof a) => signed(part) * 10n ** BigInt(part.exponent - exponent);
  return Decimal128.fromStringWithRounding(`${shifted(a) + shifted(b)}E${exponent}`);
}

/** The server converts a double to a decimal with fifteen significant digits. */
function decimalText(value: Numeric): string {
  return numberType(value) === "double" ? toNumber(value).toPrecision(15) : value.toString();
}
