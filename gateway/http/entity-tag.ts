import { hash } from "node:crypto";
import type { IncomingMessage } from "node:http";

/** A strong entity tag: equal bytes have it, other bytes do not. https://www.rfc-editor.org/rfc/rfc9110#section-8.8.3 */
export const entityTagOf = (text: string): string => `"${hash("sha256", text, "base64url").slice(0, 22)}"`;

/** Whether the client has this already and is content with 304. https://www.rfc-editor.org/rfc/rfc9110#section-13.1.2 */
export function isKnown(req: IncomingMessage, etag: string): boolean {
  const header = req.headers["if-none-match"];
  if (header === undefined) return false;
  const known = header.split(",").map((tag) => tag.trim().replace(/^W\//, ""));
  return known.includes(etag) || known.includes("*");
}
