import type { IncomingHttpHeaders } from "node:http";
import { buildSubgraphSchema } from "@apollo/subgraph";
import type { GraphQLResolverMap } from "@apollo/subgraph/dist/schema-helper";
import { graphql, parse } from "graphql";
import { listen } from "../../../kit/http/listen";
import { readBody } from "../../../kit/http/read-body";
import { respondJson } from "../../../kit/http/respond";

export interface ReceivedRequest {
  readonly query: string;
  readonly variables: Readonly<Record<string, unknown>>;
  readonly headers: IncomingHttpHeaders;
}

export interface FakeSubgraph {
  readonly name: string;
  readonly sdl: string;
  readonly url: string;
  readonly port: number;
  /** Every operation, in the order of arrival. */
  readonly received: ReceivedRequest[];
  /** Headers of the latest operation. */
  lastHeaders(): IncomingHttpHeaders;
  close(): Promise<void>;
}

export type Resolvers = GraphQLResolverMap<unknown>;

/** A subgraph in this process, over real HTTP, on a port chosen by the system. */
export async function startFakeSubgraph(options: {
  name: string;
  sdl: string;
  resolvers: Resolvers;
  port?: number;
  /** Called before each answer: wait here to hold it back. */
  before?: () => Promise<void>;
}): Promise<FakeSubgraph> {
  const schema = buildSubgraphSchema({ typeDefs: parse(options.sdl), resolvers: options.resolvers });
  const received: ReceivedRequest[] = [];
  const listener = await listen(
    (req, res) => {
      void (async () => {
        const { query, variables, operationName } = JSON.parse((await readBody(req, 10_000_000)).toString());
        received.push({ query, variables: variables ?? {}, headers: req.headers });
        await options.before?.();
        const result = await graphql({ schema, source: query, variableValues: variables, operationName });
        respondJson(res, 200, result);
      })();
    },
    { port: options.port ?? 0, host: "127.0.0.1", drainMs: 0 },
  );
  return {
    name: options.name,
    sdl: options.sdl,
    url: `http://127.0.0.1:${listener.port}/graphql`,
    port: listener.port,
    received,
    lastHeaders: () => received.at(-1)?.headers ?? {},
    close: () => listener.close(),
  };
}
