import type { IncomingMessage, ServerResponse } from "node:http";
import type { LoadedSupergraph } from "../supergraph/load-supergraph";
import { entityTagOf, isKnown } from "./entity-tag";
import { sendText } from "./send-page";

/** `GET /schema.graphql`: the API schema as SDL, for code generators; revalidated by its hash. */
export function createSchemaHandler(current: () => LoadedSupergraph) {
  const tags = new WeakMap<LoadedSupergraph, string>();
  return (req: IncomingMessage, res: ServerResponse): void => {
    const supergraph = current();
    const etag = tags.get(supergraph) ?? entityTagOf(supergraph.apiSdl);
    tags.set(supergraph, etag);
    const headers = { etag, "cache-control": "no-cache", "x-content-type-options": "nosniff" };
    if (isKnown(req, etag)) {
      res.writeHead(304, headers);
      res.end();
      return;
    }
    sendText(req, res, 200, supergraph.apiSdl, { ...headers, "content-type": "application/graphql; charset=utf-8" });
  };
}
