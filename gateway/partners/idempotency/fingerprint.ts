import { createHash } from "node:crypto";

/**
 * Equal for calls of one operation with equal variables, whatever the order of their keys.
 * @param variables values of JSON, of bounded depth
 * @returns SHA-256, hex
 */
export const fingerprintOf = (operationId: string, variables: Readonly<Record<string, unknown>>): string =>
  createHash("sha256")
    .update(`${operationId}\n${canonicalJson(variables)}`)
    .digest("hex");

function canonicalJson(value: unknown): string {
  if (typeof value !== "object" || value === null) return JSON.stringify(value) ?? "null";
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(",")}]`;
  const members = Object.entries(value)
    .filter(([, member]) => member !== undefined)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, member]) => `${JSON.stringify(name)}:${canonicalJson(member)}`);
  return `{${members.join(",")}}`;
}
