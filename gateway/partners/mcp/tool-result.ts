import type { CallToolResult } from "@modelcontextprotocol/sdk/types.js";
import { UNEXPECTED_ERROR_MESSAGE } from "../../../kit/errors";
import type { CallRefused } from "../calls/call-refused";
import type { RegisteredOperation } from "../registry/operation-registry";
import type { GraphqlAnswer } from "../rest/rest-answer";
import { keyArgumentOf } from "./key-argument";

/**
 * A GraphQL answer as the result of a tool. Agents take a null for the truth: an answer with errors is an error, and holds what could be had.
 * https://modelcontextprotocol.io/specification/2025-11-25/server/tools#error-handling
 */
export function toolResult({ data, errors = [] }: GraphqlAnswer): CallToolResult {
  if (errors.length === 0 && data) {
    return { content: [{ type: "text", text: JSON.stringify(data) }], structuredContent: { ...data } };
  }
  const lines = errors.map(({ message, path, extensions }) => {
    const code = extensions?.["code"];
    const place = path ? ` (at ${path.join(".")})` : "";
    return `${typeof code === "string" ? code : "INTERNAL_SERVER_ERROR"}: ${message}${place}`;
  });
  const hasSome = data && Object.values(data).some((value) => value !== null);
  const rest = hasSome ? [`What could be had: ${JSON.stringify(data)}`] : [];
  return failure([...lines, ...rest].join("\n"), errors[0]?.extensions?.["code"]);
}

export function refusalResult(
  { code, message, headers }: CallRefused,
  operation: Pick<RegisteredOperation, "definition">,
): CallToolResult {
  const seconds = headers["retry-after"];
  // Agents send arguments, and no headers.
  const words = code === "IDEMPOTENCY_KEY_REQUIRED" ? keyWanted(operation) : message;
  return failure(`${code}: ${words}${seconds === undefined ? "" : ` Try again in ${seconds} s.`}`, code);
}

const keyWanted = (operation: Pick<RegisteredOperation, "definition">) =>
  `This changes something: give the argument ${keyArgumentOf(operation)}, a text of your own of 1 to 255 visible ASCII characters, the same whenever you try this call again.`;

/** What nobody but the operators is to know; the request id finds it in the log. */
export const unexpectedResult = (requestId: string): CallToolResult =>
  failure(
    `INTERNAL_SERVER_ERROR: ${UNEXPECTED_ERROR_MESSAGE} The request id is ${requestId}.`,
    "INTERNAL_SERVER_ERROR",
  );

const failure = (text: string, code: unknown): CallToolResult => ({
  content: [{ type: "text", text }],
  isError: true,
  _meta: { code },
});
