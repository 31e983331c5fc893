import http from "node:http";
import type { AddressInfo } from "node:net";
import { buildSubgraphSchema } from "@apollo/subgraph";
import { type DocumentNode, graphql, type GraphQLFieldResolver } from "graphql";

export interface TinySubgraph {
  readonly url: string;
  close(): Promise<void>;
}

export type Resolvers = Record<string, Record<string, GraphQLFieldResolver<never, unknown, never> | object>>;

/** A federated subgraph in a few lines: no signature, no framework, nothing of the commerce graph. */
export async function startTinySubgraph(typeDefs: DocumentNode, resolvers: Resolvers): Promise<TinySubgraph> {
  const schema = buildSubgraphSchema({ typeDefs, resolvers: resolvers as never });
  const server = http.createServer(async (req, res) => {
    const chunks: Buffer[] = [];
    for await (const chunk of req) chunks.push(chunk as Buffer);
    const { query, variables } = JSON.parse(Buffer.concat(chunks).toString()) as {
      query: string;
      variables?: Record<string, unknown>;
    };
    const result = await graphql({ schema, source: query, variableValues: variables });
    res.setHeader("content-type", "application/json").end(JSON.stringify(result));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
