import { isDeepStrictEqual } from "node:util";
import { AmqpError } from "../wire/amqp-error";
import type { FieldTable } from "../wire/field-table";
import { fieldType } from "../wire/field-type";

/** Throws 406 on an `x-match` RabbitMQ does not know. */
export function checkHeadersBinding(args: FieldTable): void {
  const mode = args["x-match"];
  if (mode === undefined) return;
  if (typeof mode !== "string") {
    throw new AmqpError(406, `Invalid x-match field type ${fieldType(mode)} (value ${String(mode)}); expected longstr`);
  }
  if (!["all", "any", "all-with-x", "any-with-x"].includes(mode)) {
    const expected = "expected all, any, all-with-x, or any-with-x";
    throw new AmqpError(406, `Invalid x-match field value <<"${mode}">>; ${expected}`);
  }
}

/** A binding argument without a value (void) asks only that the header is there. */
export function headersMatch(args: FieldTable, headers: FieldTable): boolean {
  const mode = typeof args["x-match"] === "string" ? args["x-match"] : "all";
  const withX = mode.endsWith("-with-x");
  const names = Object.keys(args).filter((name) => (withX ? name !== "x-match" : !name.startsWith("x-")));
  const holds = (name: string): boolean =>
    Object.hasOwn(headers, name) && (args[name] === null || isDeepStrictEqual(args[name], headers[name]));
  return mode.startsWith("any") ? names.some(holds) : names.every(holds);
}
