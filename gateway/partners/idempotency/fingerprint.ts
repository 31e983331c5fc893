import { createHash } from "node:crypto";
import { canonicalValue } from "../../../kit/canonical-value";

/**
 * Equal for calls of one operation with equal variables, whatever the order of their keys.
 * @param variables values of JSON, of bounded depth
 * @returns SHA-256, hex
 */
export const fingerprintOf = (operationId: string, variables: Readonly<Record<string, unknown>>): string =>
  createHash("sha256")
    .update(`${operationId}\n${JSON.stringify(canonicalValue(variables))}`)
    .digest("hex");
