import { createHash } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";
import type { SupergraphSnapshot } from "../supergraph/supergraph-snapshot";
import { sendText } from "./send-page";

/** `GET /schema.graphql`: the API schema as SDL, for code generators; revalidated by its hash. */
export function createSchemaHandler(current: () => SupergraphSnapshot) {
  const tags = new WeakMap<SupergraphSnapshot, string>();
  return (req: IncomingMessage, res: ServerResponse): void => {
    const supergraph = current();
    const etag =
      tags.get(supergraph) ?? `"${createHash("sha256").update(supergraph.apiSdl).digest("base64url").slice(0, 22)}"`;
    tags.set(supergraph, etag);
    const headers = { etag, "cache-control": "no-cache", "x-content-type-options": "nosniff" };
    const known = (req.headers["if-none-match"] ?? "").split(",").map((tag) => tag.trim().replace(/^W\//, ""));
    if (known.includes(etag)) {
      res.writeHead(304, headers);
      res.end();
      return;
    }
    sendText(req, res, 200, supergraph.apiSdl, { ...headers, "content-type": "application/graphql; charset=utf-8" });
  };
}
