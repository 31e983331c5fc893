import type { IncomingMessage, ServerResponse } from "node:http";

export interface Cors {
  /** Also for sockets, which know no CORS. A request without an origin does not come from another site's page. */
  isAllowed(origin: string | undefined, host: string | undefined): boolean;
  /** Sets the headers of any answer. */
  apply(req: IncomingMessage, res: { setHeader(name: string, value: string): unknown }): void;
  /** Answers a preflight. @returns false when the request is none */
  answerPreflight(req: IncomingMessage, res: ServerResponse): boolean;
}

/** Apollo's Sandbox and Explorer, hosted and embedded, and pages on the developer's own machine. */
const STUDIO = [
  "https://studio.apollographql.com",
  "https://explorer.embed.apollographql.com",
  "https://sandbox.embed.apollographql.com",
];
const LOCAL = /^https?:\/\/(localhost|127\.0\.0\.1|\[::1\])(:\d{1,5})?$/i;

const EXPOSED =
  "x-request-id, ratelimit, ratelimit-policy, retry-after, etag, link, deprecation, sunset, idempotent-replayed, " +
  "tributary-test-mode";
const MAX_AGE_S = 86_400;

/**
 * Callers are known by tokens that a page must have been given, never by cookies, so credentials are not allowed for anybody.
 * @param allowed origins such as `https://shop.example`, or `*` for every origin
 */
export function createCors(allowed: readonly string[]): Cors {
  const origins = new Set([...STUDIO, ...allowed]);
  const isListed = (origin: string) => origins.has("*") || origins.has(origin) || LOCAL.test(origin);

  const apply: Cors["apply"] = (req, res) => {
    res.setHeader("vary", "Origin");
    const { origin } = req.headers;
    if (origin === undefined || !isListed(origin)) return;
    res.setHeader("access-control-allow-origin", origin);
    res.setHeader("access-control-expose-headers", EXPOSED);
  };

  return {
    isAllowed: (origin, host) =>
      origin === undefined || isListed(origin) || (host !== undefined && sameHost(origin, host)),
    apply,
    answerPreflight: (req, res) => {
      const { origin } = req.headers;
      if (req.method !== "OPTIONS" || origin === undefined) return false;
      if (req.headers["access-control-request-method"] === undefined) return false;
      apply(req, res);
      res.setHeader("vary", "Origin, Access-Control-Request-Headers, Access-Control-Request-Private-Network");
      if (isListed(origin)) {
        res.setHeader("access-control-allow-methods", "GET, POST, OPTIONS");
        // Whatever headers a developer types into Sandbox: none of them says who asks unless the token in it is valid.
        const headers = req.headers["access-control-request-headers"];
        if (headers !== undefined) res.setHeader("access-control-allow-headers", headers);
        res.setHeader("access-control-max-age", String(MAX_AGE_S));
        // https://wicg.github.io/private-network-access/
        if (req.headers["access-control-request-private-network"] === "true") {
          res.setHeader("access-control-allow-private-network", "true");
        }
      }
      res.writeHead(204, { "content-length": "0" });
      res.end();
      return true;
    },
  };
}

const sameHost = (origin: string, host: string) => URL.canParse(origin) && new URL(origin).host === host.toLowerCase();
