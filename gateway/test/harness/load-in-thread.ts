import { buildSchema, parse, print } from "graphql";
import { loadPlannableGraph } from "../../planning/apollo-planner";
import { DEFAULT_PLAN_LIMITS } from "../../planning/plan-limits";
import type { LoadedSupergraph } from "../../supergraph/load-supergraph";
import { runtimeView } from "../../supergraph/runtime-view";
import { subgraphAddresses } from "../../supergraph/subgraph-addresses";
import { versionOf } from "../../supergraph/version-of";

/** A supergraph whose planner runs in this thread: quick to make, for tests of everything behind it. */
export function loadInThread(sdl: string): LoadedSupergraph {
  const fullDocument = parse(sdl, { noLocation: true });
  const runtimeSdl = print(runtimeView(fullDocument));
  const graph = loadPlannableGraph(runtimeSdl, DEFAULT_PLAN_LIMITS);
  return {
    version: versionOf(sdl),
    fullSdl: sdl,
    fullDocument,
    runtimeSdl,
    apiSchema: buildSchema(graph.apiSdl, { assumeValid: true, noLocation: true }),
    apiSdl: graph.apiSdl,
    subgraphs: subgraphAddresses(graph.subgraphs, new Map()),
    overrideLabels: graph.overrideLabels,
    planner: { plan: async (request) => graph.plan(request), close: () => Promise.resolve() },
    close: () => Promise.resolve(),
  };
}
