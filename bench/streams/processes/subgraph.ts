/** The owner of the orders. The benchmark tells it of each change before it publishes the event. */
import http from "node:http";
import type { AddressInfo } from "node:net";
import { buildSubgraphSchema } from "@apollo/subgraph";
import { type DocumentNode, execute, parse } from "graphql";
import { labelOf, type Order, orderOf, SUBGRAPH_SDL } from "../scenario";

export type SubgraphOrder = { readonly type: "changed"; readonly changes: number };
export type SubgraphReport = { readonly type: "listening"; readonly port: number } | { readonly type: "changed" };

const report = (message: SubgraphReport) => process.send?.(message);
let changes = 0;
const schema = buildSubgraphSchema({
  typeDefs: parse(SUBGRAPH_SDL),
  resolvers: {
    Query: { order: (_: unknown, { id }: { id: string }) => orderOf(id, changes) },
    Order: {
      __resolveReference: ({ id }: { id: string }) => orderOf(id, changes),
      label: (order: Order, { of }: { of: string }) => labelOf(order, of),
    },
  } as never,
});
/** The text of few operations; parsing is not what is measured. */
const documents = new Map<string, DocumentNode>();
const MAX_DOCUMENTS = 1_000;

const documentOf = (text: string): DocumentNode => {
  const found = documents.get(text);
  if (found) return found;
  const document = parse(text);
  if (documents.size < MAX_DOCUMENTS) documents.set(text, document);
  return document;
};

const server = http.createServer((req, res) => {
  const chunks: Buffer[] = [];
  req.on("data", (chunk: Buffer) => chunks.push(chunk));
  req.on("end", () => {
    const { query, variables } = JSON.parse(Buffer.concat(chunks).toString("utf8")) as {
      query: string;
      variables?: Record<string, unknown>;
    };
    void Promise.resolve(execute({ schema, document: documentOf(query), variableValues: variables })).then((result) => {
      const body = Buffer.from(JSON.stringify(result));
      res.writeHead(200, { "content-type": "application/json", "content-length": body.length }).end(body);
    });
  });
});
server.keepAliveTimeout = 0;
server.listen(0, "127.0.0.1", () => report({ type: "listening", port: (server.address() as AddressInfo).port }));
process.on("message", (order: SubgraphOrder) => {
  changes = order.changes;
  report({ type: "changed" });
});
process.on("disconnect", () => process.exit());
