import { isAscii as isAsciiBytes } from "node:buffer";
import { UpstreamFault } from "./upstream-fault";

/** A whole HTTP answer, its body as it came over the wire. */
export interface HttpAnswer {
  readonly status: number;
  readonly contentType: string;
  /** In lower case; empty when the body is not encoded. */
  readonly contentEncoding: string;
  readonly chunks: readonly Buffer[];
  /** Bytes of all chunks. */
  readonly size: number;
}

/** A GraphQL response of the right shape; what its errors say is not trusted yet. */
export interface Answer {
  readonly data: Record<string, unknown> | null;
  readonly errors: readonly unknown[];
  /** No string in it needs escaping to be written as JSON. */
  readonly isPlain: boolean;
  /** Its text is ASCII: as many bytes as characters. Strings in it may still have been escaped. */
  readonly isAscii: boolean;
  /** Bytes of the text. */
  readonly bytes: number;
}

const JSON_TYPES = /^application\/(graphql-response\+)?json\s*(;|$)/i;
const BYTE_ORDER_MARK = 0xfeff;
const NO_ERRORS: readonly unknown[] = Object.freeze([]);

/**
 * Status and content type follow GraphQL over HTTP: a body with errors counts whatever its status, as long as it is declared as JSON.
 * https://graphql.github.io/graphql-over-http/draft/#sec-Processing-the-response
 *
 * @param answer decoded: its `contentEncoding` is not looked at
 * @throws UpstreamFault
 */
export function readAnswer({ status, contentType, chunks, size }: HttpAnswer): Answer {
  if (!JSON_TYPES.test(contentType)) {
    throw new UpstreamFault(
      "content-type",
      `the answer has the status ${status} and the content type "${contentType}"`,
    );
  }
  const { text, isAscii } = readText(chunks, size);
  const { data, errors: found } = parseObject(text, status);
  const errors = Array.isArray(found) && found.length > 0 ? (found as readonly unknown[]) : NO_ERRORS;
  if ((status < 200 || status > 299) && errors === NO_ERRORS) {
    throw new UpstreamFault("status", `the answer has the status ${status}`);
  }
  if (data !== undefined && data !== null && !isObject(data)) {
    throw new UpstreamFault("malformed", "the answer's data is not an object");
  }
  if (data === undefined && errors === NO_ERRORS) {
    throw new UpstreamFault("malformed", "the answer has neither data nor errors");
  }
  // JSON has no other way to write a character that must be escaped.
  return { data: data ?? null, errors, isPlain: !text.includes("\\"), isAscii, bytes: size };
}

function parseObject(text: string, status: number): Record<string, unknown> {
  let response: unknown;
  try {
    response = JSON.parse(text);
  } catch (cause) {
    throw new UpstreamFault("malformed", `the answer with the status ${status} is not JSON`, { cause });
  }
  if (!isObject(response)) throw new UpstreamFault("malformed", "the answer is not a JSON object");
  return response;
}

/** Where chunks are joined: a fresh buffer for each answer would be garbage outside of the heap that piles up between collections. */
const joining = Buffer.allocUnsafeSlow(262_144);

function readText(chunks: readonly Buffer[], size: number): { readonly text: string; readonly isAscii: boolean } {
  const bytes = chunks.length === 1 ? (chunks[0] as Buffer) : join(chunks, size);
  // Most answers are, and then nothing need be decoded.
  if (isAsciiBytes(bytes)) return { text: bytes.toString("latin1"), isAscii: true };
  const text = bytes.toString("utf8");
  // RFC 8259, section 8.1: a reader may ignore it.
  return { text: text.charCodeAt(0) === BYTE_ORDER_MARK ? text.slice(1) : text, isAscii: false };
}

/** Characters may be cut in two by the border of a chunk, so that only the whole can be decoded. */
function join(chunks: readonly Buffer[], size: number): Buffer {
  if (size > joining.length) return Buffer.concat(chunks, size);
  let end = 0;
  for (const chunk of chunks) {
    joining.set(chunk, end);
    end += chunk.length;
  }
  return joining.subarray(0, size);
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);
