import { composeServices } from "@apollo/composition";
import { Supergraph } from "@apollo/federation-internals";
import { type GraphQLSchema, parse } from "graphql";
import type { LoadedSupergraph } from "../../supergraph/load-supergraph";
import { loadInThread } from "../harness/load-in-thread";
import { readSubgraphs, type SubgraphFacts, type SubgraphSdl } from "./subgraph-facts";

/** Subgraphs that compose, with what they compose to. */
export interface Graph {
  readonly subgraphs: readonly SubgraphFacts[];
  readonly supergraph: LoadedSupergraph;
  /** With everything that clients do not see. */
  readonly fullSchema: GraphQLSchema;
}

export class CompositionRefusedError extends Error {
  override readonly name = "CompositionRefusedError";
}

/** @throws CompositionRefusedError when the subgraphs do not compose */
export function createGraph(sdls: readonly SubgraphSdl[]): Graph {
  const services = sdls.map(({ name, sdl }) => ({ name, url: `http://${name}.test/graphql`, typeDefs: parse(sdl) }));
  const { supergraphSdl, errors } = composeServices(services);
  if (supergraphSdl === undefined) {
    throw new CompositionRefusedError(errors?.map(({ message }) => message).join("\n") ?? "nothing was composed");
  }
  const supergraph = loadInThread(supergraphSdl);
  return {
    subgraphs: readSubgraphs(sdls),
    supergraph,
    fullSchema: Supergraph.build(supergraph.runtimeSdl).schema.toGraphQLJSSchema(),
  };
}
