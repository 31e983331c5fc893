import { type Dispatcher, errors } from "undici";
import { UpstreamFault } from "./upstream-fault";

/** A GraphQL response as a subgraph sent it; nothing in it is trusted yet. */
export interface RawResponse {
  readonly data?: Record<string, unknown> | null;
  readonly errors?: readonly unknown[];
  readonly extensions?: Record<string, unknown>;
}

const JSON_TYPES = /^application\/(graphql-response\+)?json\s*(;|$)/i;

/**
 * Sends one operation and reads the whole answer.
 *
 * Status and content type follow GraphQL over HTTP: a body with errors counts whatever its status, as long as it is declared as JSON.
 * https://graphql.github.io/graphql-over-http/draft/#sec-Processing-the-response
 *
 * @throws UpstreamFault
 */
export async function postOperation(
  dispatcher: Dispatcher,
  url: URL,
  request: {
    readonly body: string;
    readonly headers: Readonly<Record<string, string>>;
    readonly signal: AbortSignal;
    readonly maxResponseBytes: number;
  },
): Promise<RawResponse> {
  try {
    const { statusCode, headers, body } = await dispatcher.request({
      origin: url.origin,
      path: url.pathname + url.search,
      method: "POST",
      headers: { accept: "application/graphql-response+json, application/json;q=0.9", ...request.headers },
      body: request.body,
      signal: request.signal,
    });
    const chunks: Buffer[] = [];
    let size = 0;
    for await (const chunk of body as AsyncIterable<Buffer>) {
      size += chunk.length;
      if (size > request.maxResponseBytes) {
        throw new UpstreamFault("too-large", `the answer is larger than ${request.maxResponseBytes} bytes`);
      }
      chunks.push(chunk);
    }
    const contentType = String(headers["content-type"] ?? "");
    if (!JSON_TYPES.test(contentType)) {
      throw new UpstreamFault(
        "content-type",
        `the answer has the status ${statusCode} and the content type "${contentType}"`,
      );
    }
    return parseResponse(Buffer.concat(chunks).toString("utf8"), statusCode);
  } catch (cause) {
    throw cause instanceof UpstreamFault ? cause : faultOf(cause, request.signal);
  }
}

function parseResponse(text: string, statusCode: number): RawResponse {
  let response: unknown;
  try {
    response = JSON.parse(text);
  } catch (cause) {
    throw new UpstreamFault("malformed", `the answer with the status ${statusCode} is not JSON`, { cause });
  }
  if (!isObject(response)) throw new UpstreamFault("malformed", "the answer is not a JSON object");
  const { data, errors: found } = response;
  const hasErrors = Array.isArray(found) && found.length > 0;
  if ((statusCode < 200 || statusCode > 299) && !hasErrors) {
    throw new UpstreamFault("status", `the answer has the status ${statusCode}`);
  }
  if (data !== undefined && data !== null && !isObject(data)) {
    throw new UpstreamFault("malformed", "the answer's data is not an object");
  }
  if (data === undefined && !hasErrors) throw new UpstreamFault("malformed", "the answer has neither data nor errors");
  return response as RawResponse;
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

function faultOf(cause: unknown, signal: AbortSignal): UpstreamFault {
  if (signal.aborted) {
    // By name: the reason of AbortSignal.timeout is a DOMException. https://dom.spec.whatwg.org/#dom-abortsignal-timeout
    const isDeadline = (signal.reason as { name?: unknown } | undefined)?.name === "TimeoutError";
    return isDeadline
      ? new UpstreamFault("deadline", "the answer did not come in time", { cause })
      : new UpstreamFault("aborted", "the client is gone", { cause });
  }
  if (
    cause instanceof errors.HeadersTimeoutError ||
    cause instanceof errors.BodyTimeoutError ||
    cause instanceof errors.ConnectTimeoutError
  ) {
    return new UpstreamFault("deadline", "the answer did not come in time", { cause });
  }
  return new UpstreamFault("connection", "the connection failed", { cause });
}
