import type { Logger } from "../../../kit/log";
import { type OwnedGraph, subgraphNames } from "./effects-once";

/**
 * Says of names that no subgraph has, with each supergraph anew: a promise that is made for nobody is kept by nobody, and calls of a gateway that was lost
 * would be answered that their outcome is unknown. It is no reason not to start: the subgraph may come with the next supergraph.
 * @param options.honouring names of subgraphs
 * @returns to be called with each supergraph
 */
export const createSubgraphNameCheck =
  (options: { honouring: readonly string[]; log: Logger }): ((graph: OwnedGraph) => void) =>
  ({ fullDocument }) => {
    const known = [...subgraphNames(fullDocument).values()];
    const unknown = options.honouring.filter((name) => !known.includes(name));
    if (unknown.length === 0) return;
    options.log.error({ unknown, known }, "IDEMPOTENT_SUBGRAPHS names subgraphs that the supergraph does not have");
  };
