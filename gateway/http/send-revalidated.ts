import { entityTagOf, isKnown } from "./entity-tag";
import { endWithText } from "./end-with-text";
import type { PartnerCall } from "./partner-call";

/** An answer depends on whose key it is, and CORS on the origin. */
export const VARY = "Origin, Authorization, X-Api-Key";

/**
 * Answers what a partner may keep and must ask about before using it again: 304 when nothing has changed. The operation ran all the same; what is saved is
 * the way.
 * @param options.headers more, also of 304
 * @param options.bytes of the text in UTF-8, where they are known
 * @param options.tagOf makes its entity tag, where somebody remembers tags
 */
export function sendRevalidated(
  { req, res, head }: Pick<PartnerCall, "req" | "res" | "head">,
  text: string,
  type: string,
  options: {
    readonly vary?: string;
    readonly headers?: Readonly<Record<string, string>>;
    readonly bytes?: number | undefined;
    readonly tagOf?: typeof entityTagOf;
  } = {},
): void {
  const { vary = VARY, headers, bytes = Buffer.byteLength(text), tagOf = entityTagOf } = options;
  const etag = tagOf(text);
  head.set("etag", etag);
  head.set("cache-control", "private, no-cache");
  head.set("vary", vary);
  for (const name in headers) head.set(name, headers[name] as string);
  if (isKnown(req, etag)) {
    head.write(304);
    return void res.end();
  }
  head.set("content-type", type);
  head.set("content-length", String(bytes));
  head.write(200);
  if (req.method === "HEAD") return void res.end();
  endWithText(res, text, bytes);
}
