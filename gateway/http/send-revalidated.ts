import type { IncomingMessage, ServerResponse } from "node:http";
import { entityTagOf, isKnown } from "./entity-tag";
import { sendText } from "./send-page";

/** An answer depends on whose key it is, and CORS on the origin. */
export const VARY = "Origin, Authorization, X-Api-Key";

/**
 * Answers what a partner may keep and must ask about before using it again: 304 when nothing has changed. The operation ran all the same; what is saved is
 * the way.
 * @param bytes of the text in UTF-8, where they are known
 */
export function sendRevalidated(
  req: IncomingMessage,
  res: ServerResponse,
  text: string,
  headers: Readonly<Record<string, string>>,
  bytes?: number,
): void {
  const etag = entityTagOf(text);
  const head = { etag, "cache-control": "private, no-cache", vary: VARY, ...headers };
  if (!isKnown(req, etag)) return sendText(req, res, 200, text, head, bytes);
  const { "content-type": _type, ...others }: Record<string, string> = head;
  res.writeHead(304, others);
  res.end();
}
