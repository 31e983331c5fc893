import type { IncomingMessage, ServerResponse } from "node:http";
import type { ErrorCode } from "../../kit/errors";
import { Refusal } from "../../kit/refusal";
import { endWithText } from "./end-with-text";

/** A request that does not get as far as GraphQL; status, code and message are for the client. */
export class HttpRefusal extends Refusal {
  override readonly name = "HttpRefusal";

  constructor(
    readonly status: number,
    readonly code: ErrorCode,
    message: string,
    readonly headers: Readonly<Record<string, string>> = {},
    /** More for `extensions`. */
    readonly details: Readonly<Record<string, unknown>> = {},
  ) {
    super(message);
  }
}

/** Answers with a GraphQL response that holds one error and no data. */
export function respondRefusal(
  req: IncomingMessage,
  res: ServerResponse,
  { status, code, message, headers, details }: Pick<HttpRefusal, "status" | "code" | "message" | "headers" | "details">,
  requestId: string,
): void {
  const body = JSON.stringify({ errors: [{ message, extensions: { code, ...details, requestId } }] });
  const length = Buffer.byteLength(body);
  const modern = req.headers.accept?.includes("application/graphql-response+json");
  res.writeHead(status, {
    "content-type": `application/${modern ? "graphql-response+json" : "json"}; charset=utf-8`,
    "content-length": length,
    "cache-control": "no-store",
    ...headers,
  });
  // Node leaves the body of an answer to HEAD out.
  endWithText(res, body, length);
}
