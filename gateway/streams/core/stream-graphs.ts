import type { AccessRules } from "../../access/rules/access-rules";
import { readSupergraphTypes, type SupergraphTypes } from "../../execution/layout/supergraph-types";
import type { Generation } from "../../generation";
import { readSupergraphNames, type SupergraphNames } from "../../operation/supergraph-names";
import { clientsOf } from "../../upstream/create-upstreams";
import type { SubgraphClient, Upstreams } from "../../upstream/upstreams";
import type { EventField } from "../event-field";
import { readEventFields } from "../event-fields";
import { readViewerIndependence, type ViewerIndependence } from "./viewer-independence";

/** What streams need to know of a generation. */
export interface StreamGraph {
  readonly version: string;
  readonly eventFields: ReadonlyMap<string, EventField>;
  readonly names: SupergraphNames;
  readonly types: SupergraphTypes;
  readonly rules: AccessRules;
  readonly independence: ViewerIndependence;
  /** @throws Error when the supergraph has no such subgraph */
  client(subgraph: string): SubgraphClient;
}

/**
 * Reads each generation once.
 * @throws Error, from what it returns, when a directive of the supergraph cannot be understood: see `readEventFields`
 */
export function createStreamGraphs(upstreams: Pick<Upstreams, "client">): (generation: Generation) => StreamGraph {
  const known = new WeakMap<Generation, StreamGraph>();
  const read = ({ supergraph, rules }: Generation): StreamGraph => {
    const { fullDocument, subgraphs, version } = supergraph;
    const types = readSupergraphTypes(fullDocument);
    return {
      version,
      eventFields: readEventFields(fullDocument),
      names: readSupergraphNames(fullDocument),
      types,
      rules,
      independence: readViewerIndependence(fullDocument, rules, types),
      client: clientsOf(upstreams, subgraphs),
    };
  };
  return (generation) => {
    const graph = known.get(generation) ?? read(generation);
    known.set(generation, graph);
    return graph;
  };
}
