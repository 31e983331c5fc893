import { operandValue } from "../../../schema/event-condition";
import type { EntityKey, PreparedStream } from "./prepared-stream";

/** The one entity that a subscription names in its arguments, by a condition `key == $args.x`; `undefined` when it is about many. */
export function watchedKey(prepared: Pick<PreparedStream, "field" | "args" | "claims">): EntityKey | undefined {
  const { key, where } = prepared.field;
  const condition = where.find(
    ({ path, operator, operand }) => operator === "==" && operand.source === "args" && path.join(".") === key.join("."),
  );
  const value = condition && operandValue(condition, prepared);
  return typeof value === "string" || typeof value === "number" ? value : undefined;
}
