import { v7, validate, version } from "uuid";

/** A new UUIDv7 (RFC 9562): unique, and sorted by time of creation. */
export const newId = (): string => v7();

/** True for a UUIDv7 in its canonical text form. */
export const isId = (value: unknown): value is string =>
  typeof value === "string" && validate(value) && version(value) === 7;
