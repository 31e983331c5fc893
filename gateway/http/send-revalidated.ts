import type { IncomingMessage, ServerResponse } from "node:http";
import { entityTagOf, isKnown } from "./entity-tag";
import { sendText } from "./send-page";

/** An answer depends on whose key it is, and CORS on the origin. */
export const VARY = "Origin, Authorization, X-Api-Key";

/**
 * Answers what a partner may keep and must ask about before using it again: 304 when nothing has changed. The operation ran all the same; what is saved is
 * the way.
 * @param options.bytes of the text in UTF-8, where they are known
 * @param options.tagOf makes its entity tag, where somebody remembers tags
 */
export function sendRevalidated(
  req: IncomingMessage,
  res: ServerResponse,
  text: string,
  headers: Readonly<Record<string, string>>,
  { bytes, tagOf = entityTagOf }: { readonly bytes?: number | undefined; readonly tagOf?: typeof entityTagOf } = {},
): void {
  const etag = tagOf(text);
  res.setHeader("etag", etag);
  res.setHeader("cache-control", "private, no-cache");
  if (headers["vary"] === undefined) res.setHeader("vary", VARY);
  if (!isKnown(req, etag)) return sendText(req, res, 200, text, headers, bytes);
  const { "content-type": _type, ...others } = headers;
  res.writeHead(304, others);
  res.end();
}
