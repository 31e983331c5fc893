import addFormats from "ajv-formats";
import Ajv, { type ValidateFunction } from "ajv/dist/2020";
import { EVENT_CATALOGUE } from "./catalogue";
import type { EventDefinition } from "./define-event";

/** A body that breaks the contract of its event type, or a type that nobody has defined. */
export class InvalidEventDataError extends Error {
  override readonly name = "InvalidEventDataError";

  constructor(
    readonly eventType: string,
    readonly problems: readonly string[],
  ) {
    super(`${eventType}: ${problems.join("; ")}`);
  }
}

const ajv = new Ajv({ allErrors: true });
addFormats(ajv);
const validators = new Map<string, ValidateFunction>(
  EVENT_CATALOGUE.map(({ type, schema }) => [type, ajv.compile(schema)]),
);

/**
 * Checks a body against the JSON Schema of its type: before it is written to an outbox, and again when it is read from the broker.
 * @throws InvalidEventDataError naming every broken rule by its path, without the values
 */
export function parseEventData<Data>(definition: EventDefinition<Data>, data: unknown): Data {
  const validate = validators.get(definition.type);
  if (!validate) throw new InvalidEventDataError(definition.type, ["no such event type"]);
  if (!validate(data)) {
    const problems = validate.errors?.map(({ instancePath, message }) => `${instancePath || "/"} ${message}`) ?? [];
    throw new InvalidEventDataError(definition.type, problems);
  }
  return data as Data;
}
