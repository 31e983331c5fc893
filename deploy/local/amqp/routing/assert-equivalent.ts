import { isDeepStrictEqual } from "node:util";
import { AmqpError } from "../wire/amqp-error";
import type { FieldTable, FieldValue } from "../wire/field-table";
import { fieldType } from "../wire/field-type";

/** A property of something that exists must be declared again as it is. `where` reads "queue 'name' in vhost '/'". */
export function assertSameProperty(where: string, name: string, current: string | boolean, received: string | boolean) {
  if (current === received) return;
  throw new AmqpError(
    406,
    `inequivalent arg '${name}' for ${where}: received '${String(received)}' but current is '${String(current)}'`,
  );
}

/** The same for the listed arguments; throws 406 in RabbitMQ's words. */
export function assertSameArguments(
  where: string,
  names: readonly string[],
  current: FieldTable,
  received: FieldTable,
) {
  for (const name of names) {
    const had = current[name];
    const has = received[name];
    if (isDeepStrictEqual(had, has)) continue;
    const [receivedText, currentText] =
      had !== undefined && has !== undefined
        ? [`'${String(has)}'`, `'${String(had)}'`]
        : [describe(has), describe(had)];
    throw new AmqpError(
      406,
      `inequivalent arg '${name}' for ${where}: received ${receivedText} but current is ${currentText}`,
    );
  }
}

function describe(value: FieldValue | undefined): string {
  return value === undefined ? "none" : `the value '${String(value)}' of type '${fieldType(value)}'`;
}
