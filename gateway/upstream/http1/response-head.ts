/** What of an answer's status line and headers decides how it is read. */
export interface ResponseHead {
  readonly status: number;
  readonly contentType: string;
  /** In lower case; empty when the body is not encoded. */
  readonly contentEncoding: string;
  readonly framing: Framing;
  /** Whether the connection can carry another request after this one. */
  readonly isPersistent: boolean;
  /** What the server says of how long it keeps an idle connection, in seconds. */
  readonly keepAliveS: number | undefined;
}

/** How the end of the body is known. https://www.rfc-editor.org/rfc/rfc9112#section-6.3 */
export type Framing =
  { readonly kind: "length"; readonly bytes: number } | { readonly kind: "chunked" } | { readonly kind: "until-close" };

const STATUS_LINE = /^HTTP\/1\.([01]) ([1-5]\d\d)(?: |$)/;
const TOKEN = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;
/** More digits than any body has. */
const LENGTH = /^\d{1,15}$/;

const NO_BODY: Framing = Object.freeze({ kind: "length", bytes: 0 });
const CHUNKED: Framing = Object.freeze({ kind: "chunked" });
const UNTIL_CLOSE: Framing = Object.freeze({ kind: "until-close" });

/**
 * Reads a status line and headers, without the empty line that ends them. Whatever two readers could understand differently is refused:
 * https://www.rfc-editor.org/rfc/rfc9112#section-11.2
 *
 * @returns undefined when it is not HTTP/1.x, or ambiguous
 */
export function readResponseHead(text: string): ResponseHead | undefined {
  const lines = text.split("\r\n");
  const [, minor, code] = STATUS_LINE.exec(lines[0] ?? "") ?? [];
  if (code === undefined) return undefined;
  const status = Number(code);
  let contentType = "";
  let contentEncoding = "";
  let length: string | undefined;
  let transferEncoding: string | undefined;
  let connection = "";
  let keepAlive = "";
  for (let i = 1; i < lines.length; i++) {
    const line = lines[i] as string;
    const colon = line.indexOf(":");
    const name = line.slice(0, colon).toLowerCase();
    // A folded line, a blank before the colon, a bare carriage return.
    if (colon <= 0 || !TOKEN.test(name) || line.includes("\r") || line.includes("\n")) return undefined;
    const value = line.slice(colon + 1).trim();
    switch (name) {
      case "content-type":
        contentType = value;
        break;
      case "content-encoding":
        contentEncoding = value.toLowerCase();
        break;
      case "content-length":
        if (length !== undefined && length !== value) return undefined;
        length = value;
        break;
      case "transfer-encoding":
        transferEncoding = transferEncoding === undefined ? value : `${transferEncoding}, ${value}`;
        break;
      case "connection":
        connection += `,${value.toLowerCase()}`;
        break;
      case "keep-alive":
        keepAlive = value;
        break;
    }
  }
  const framing = framingOf(status, length, transferEncoding);
  if (!framing) return undefined;
  const timeout = /(?:^|[,\s])timeout=(\d{1,6})/i.exec(keepAlive)?.[1];
  const isKept = minor === "1" ? !/[,\s]close\b/.test(connection) : /[,\s]keep-alive\b/.test(connection);
  return {
    status,
    contentType,
    contentEncoding,
    framing,
    isPersistent: isKept && framing.kind !== "until-close",
    keepAliveS: timeout === undefined ? undefined : Number(timeout),
  };
}

function framingOf(
  status: number,
  length: string | undefined,
  transferEncoding: string | undefined,
): Framing | undefined {
  if (status < 200 || status === 204 || status === 304) return NO_BODY;
  if (transferEncoding !== undefined) {
    return length === undefined && transferEncoding.toLowerCase() === "chunked" ? CHUNKED : undefined;
  }
  if (length === undefined) return UNTIL_CLOSE;
  return LENGTH.test(length) ? { kind: "length", bytes: Number(length) } : undefined;
}
