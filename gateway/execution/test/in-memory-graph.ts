import { buildSubgraphSchema } from "@apollo/subgraph";
import { graphql, parse } from "graphql";
import { conditionsOf } from "../../operation/conditions";
import { compose } from "../../test/harness/compose";
import type { Resolvers } from "../../test/harness/fake-subgraph";
import { loadInThread } from "../../test/harness/load-in-thread";
import type { SubgraphClient, SubgraphReply } from "../../upstream/upstreams";
import { createExecutor } from "../create-executor";
import type { Execution, ExecutableOperation } from "../executor";

export interface SentCall {
  readonly subgraph: string;
  readonly query: string;
  readonly variables: Readonly<Record<string, unknown>>;
}

/** A composed graph whose subgraphs answer in this process. */
export interface InMemoryGraph {
  /** Every call in the order of sending; a test empties it as it likes. */
  readonly sent: SentCall[];
  prepare(query: string, variables?: Readonly<Record<string, unknown>>): Promise<ExecutableOperation>;
  run(query: string, options?: RunOptions): Promise<Execution>;
}

export interface RunOptions {
  readonly variables?: Readonly<Record<string, unknown>>;
  readonly acceptsParts?: boolean;
}

/** @param change the last word on each reply; it may also hold it back */
export function createInMemoryGraph(
  subgraphs: Readonly<Record<string, { readonly sdl: string; readonly resolvers: Resolvers }>>,
  change: (reply: SubgraphReply, call: SentCall) => SubgraphReply | Promise<SubgraphReply> = (reply) => reply,
): InMemoryGraph {
  const entries = Object.entries(subgraphs);
  const supergraph = loadInThread(
    compose(entries.map(([name, { sdl }]) => ({ name, sdl, url: `http://${name}.example/graphql` }))),
  );
  const schemas = new Map(
    entries.map(([name, { sdl, resolvers }]) => [name, buildSubgraphSchema({ typeDefs: parse(sdl), resolvers })]),
  );
  const sent: SentCall[] = [];
  const client = (subgraph: string): SubgraphClient => ({
    send: async ({ body, rewrite }) => {
      const { query, variables = {}, operationName } = JSON.parse(body);
      const call = { subgraph, query, variables };
      sent.push(call);
      const schema = schemas.get(subgraph);
      if (!schema) throw new Error(`there is no subgraph "${subgraph}"`);
      const result = await graphql({ schema, source: query, variableValues: variables, operationName });
      const text = JSON.stringify(result.data ?? null);
      const data = JSON.parse(text);
      if (data) rewrite?.(data);
      const errors = result.errors ?? [];
      return change({ data, errors, isPlain: !text.includes("\\"), bytes: text.length, isFault: false }, call);
    },
  });
  const executor = createExecutor({ supergraph, planner: supergraph.planner, client });
  const prepare: InMemoryGraph["prepare"] = (query, variables = {}) => {
    const document = parse(query);
    return executor.prepare({
      document,
      documentKey: query,
      overrideLabels: [],
      conditions: conditionsOf(document, undefined, variables),
    });
  };
  return {
    sent,
    prepare,
    run: async (query, { variables = {}, acceptsParts = false } = {}) => {
      const operation = await prepare(query, variables);
      const context = { requestId: "r", traceparent: "t", viewer: undefined };
      return operation.execute({ variables, context, acceptsParts });
    },
  };
}
