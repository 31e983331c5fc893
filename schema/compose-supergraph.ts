import { composeServices } from "@apollo/composition";
import { ROUTER_SUPPORTED_SUPERGRAPH_FEATURES, Supergraph } from "@apollo/federation-internals";
import { GraphQLError, parse, print, printSchema } from "graphql";
import { checkEventDirectives } from "./check-event-directives";
import { checkViewerIndependence } from "./check-viewer-independence";
import type { SubgraphSdl } from "./subgraph-sdl";

export interface Composition {
  /** The full supergraph: joins, authorisation, event feeds. */
  readonly supergraphSdl: string;
  /** What clients see. */
  readonly apiSdl: string;
  /** Things that compose but look unintended, in Apollo's words. */
  readonly hints: readonly string[];
}

/** The subgraphs do not fit together; `reasons` says why, one finding each, naming subgraph and place. */
export class CompositionError extends Error {
  override readonly name = "CompositionError";

  constructor(readonly reasons: readonly string[]) {
    super(`The subgraphs do not compose:\n${reasons.map((reason) => `  - ${reason}`).join("\n")}`);
  }
}

/** @throws CompositionError with every reason at once */
export function composeSupergraph(subgraphs: readonly SubgraphSdl[]): Composition {
  const services = subgraphs.map(({ name, url, sdl }) => ({ name, url, typeDefs: parse(sdl) }));
  const result = composeServices(services);
  if (result.errors) throw new CompositionError(result.errors.map(explain));
  const problems = [...checkEventDirectives(subgraphs), ...checkViewerIndependence(subgraphs)];
  if (problems.length > 0) throw new CompositionError(problems);

  const supergraph = Supergraph.build(result.supergraphSdl, {
    supportedFeatures: ROUTER_SUPPORTED_SUPERGRAPH_FEATURES,
  });
  return {
    supergraphSdl: `${print(parse(result.supergraphSdl))}\n`,
    apiSdl: `${printSchema(supergraph.apiSchema().toGraphQLJSSchema())}\n`,
    hints: (result.hints ?? []).map((hint) => hint.toString()),
  };
}

/** Composition errors carry the subgraph in their nodes and a code in their extensions. */
function explain(error: GraphQLError): string {
  const code = error.extensions["code"];
  const places = (error.nodes ?? [])
    .map((node) => (node as { subgraph?: string }).subgraph)
    .filter((subgraph): subgraph is string => subgraph !== undefined);
  const where = places.length > 0 ? ` (in ${[...new Set(places)].join(", ")})` : "";
  return `${error.message}${where}${typeof code === "string" ? ` [${code}]` : ""}`;
}
