import type { FieldValue } from "./field-table";

/**
 * The name RabbitMQ's error texts give to the type of a field. Decoding forgets the exact width of an integer, so it is
 * named as the narrowest one that holds it: the one amqplib chooses when it encodes.
 */
export function fieldType(value: FieldValue): string {
  if (value === null) return "void";
  if (Array.isArray(value)) return "array";
  if (Buffer.isBuffer(value)) return "binary";
  if (typeof value === "string") return "longstr";
  if (typeof value === "boolean") return "bool";
  if (typeof value === "number") return numberType(value);
  return Object.hasOwn(value, "!") ? String(value["!"]) : "table";
}

function numberType(value: number): string {
  if (!Number.isInteger(value)) return "double";
  if (value >= -0x80 && value < 0x80) return "byte";
  if (value >= -0x8000 && value < 0x8000) return "short";
  return value >= -0x80000000 && value < 0x80000000 ? "signedint" : "long";
}
