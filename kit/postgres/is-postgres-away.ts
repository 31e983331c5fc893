import { types } from "node:util";

const NETWORK = new Set(["ECONNREFUSED", "ECONNRESET", "EPIPE", "ETIMEDOUT", "EHOSTUNREACH", "ENOTFOUND", "EAI_AGAIN"]);
/** Class 08 (connection exception) is matched by prefix. https://www.postgresql.org/docs/current/errcodes-appendix.html */
const SQL_STATES = new Set(["57P01", "57P02", "57P03", "53300"]);
/** node-postgres gives these no code. */
const MESSAGES = [
  "Connection terminated",
  "timeout exceeded when trying to connect",
  "Client has encountered a connection error",
  "Client was closed and is not queryable",
];

/** True when an error means that the database is not there now, so that trying the same again later makes sense. */
export function isPostgresAway(error: unknown): boolean {
  if (!types.isNativeError(error)) return false;
  const { code } = error as { code?: unknown };
  if (typeof code === "string" && (NETWORK.has(code) || SQL_STATES.has(code) || code.startsWith("08"))) return true;
  if (MESSAGES.some((message) => error.message.startsWith(message))) return true;
  const { driverError, errors } = error as { driverError?: unknown; errors?: unknown };
  // Of a host with several addresses.
  if (Array.isArray(errors)) return errors.some(isPostgresAway);
  return driverError !== undefined && driverError !== error && isPostgresAway(driverError);
}
