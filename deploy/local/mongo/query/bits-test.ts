import { Binary } from "bson";
import { CommandError } from "../errors";
import { isNumeric, toNumber } from "../values/number";

/** https://www.mongodb.com/docs/manual/reference/operator/query-bitwise/ */
export function bitsTest(operator: string, mask: unknown): (value: unknown) => boolean {
  const bits = bitsOf(operator, mask);
  const wantSet = operator.endsWith("Set");
  const wantAll = operator.startsWith("$bitsAll");
  return (value) => {
    const number = asBits(value);
    if (number === undefined) return false;
    const test = (bit: bigint) => ((number >> bit) & 1n) === (wantSet ? 1n : 0n);
    return wantAll ? bits.every(test) : bits.some(test);
  };
}

function bitsOf(operator: string, mask: unknown): bigint[] {
  if (Array.isArray(mask)) {
    return mask.map((position) => {
      if (!isNumeric(position) || !Number.isInteger(toNumber(position)) || toNumber(position) < 0) {
        throw new CommandError(2, `Failed to parse bit position. Expected a non-negative number in: ${operator}`);
      }
      return BigInt(toNumber(position));
    });
  }
  const number = asBits(mask);
  if (number === undefined || (isNumeric(mask) && number < 0n)) {
    throw new CommandError(2, `${operator} takes an Array, a number, or a BinData but received an unexpected type`);
  }
  const bits: bigint[] = [];
  for (let bit = 0n; number >> bit > 0n; bit++) if ((number >> bit) & 1n) bits.push(bit);
  return bits;
}

/** Numbers are two's complement with endless sign bits, binary data is little-endian. */
function asBits(value: unknown): bigint | undefined {
  if (value instanceof Binary) {
    const bytes = Buffer.from(value.buffer.subarray(0, value.position)).reverse();
    return BigInt(`0x${bytes.toString("hex") || "0"}`);
  }
  if (!isNumeric(value)) return undefined;
  const number = toNumber(value);
  if (!Number.isInteger(number)) return undefined;
  return typeof value === "number" ? BigInt(value) : BigInt(Number.isSafeInteger(number) ? number : value.toString());
}
