/** Visible ASCII without blanks: two headers of one request, which arrive joined by a comma and a blank, are never a key. */
const KEY = /^[\x21-\x7e]{1,255}$/;
const QUOTED = /^"((?:[^"\\]|\\["\\])*)"$/;

/**
 * Reads an `Idempotency-Key` header: a string of structured fields, with its quotes or, as most clients send it, without them.
 * https://datatracker.ietf.org/doc/html/draft-ietf-httpapi-idempotency-key-header-07#section-2.1
 * https://www.rfc-editor.org/rfc/rfc9651#name-strings
 *
 * @returns undefined when it is none that can be used
 */
export function readIdempotencyKey(header: string): string | undefined {
  const text = header.trim();
  const key = text.startsWith('"') ? QUOTED.exec(text)?.[1]?.replace(/\\(["\\])/g, "$1") : text;
  return key !== undefined && KEY.test(key) ? key : undefined;
}
