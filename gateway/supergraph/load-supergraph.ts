import { buildSchema, type DocumentNode, GraphQLError, type GraphQLSchema, parse, print } from "graphql";
import type { PlanLimits } from "../planning/plan-limits";
import type { Planner } from "../planning/planner";
import { startPlannerThread } from "../planning/planner-thread";
import { describeSyntaxError } from "./describe-syntax-error";
import { runtimeView } from "./runtime-view";
import { type SubgraphAddress, subgraphAddresses } from "./subgraph-addresses";
import { asSupergraphError, SupergraphError } from "./supergraph-error";
import { versionOf } from "./version-of";

/**
 * One supergraph in all the forms its readers need. Immutable: a reload loads another, and whatever began on the old one ends on the
 * old one, which is closed after that.
 */
export interface LoadedSupergraph {
  /** Changes with every change of the text: 16 hex digits of its SHA-256. */
  readonly version: string;
  /** As composed: the source of access rules, event streams, costs. */
  readonly fullSdl: string;
  readonly fullDocument: DocumentNode;
  /** What the query planner loads, and @apollo/gateway if `featuresBeyondStock` names none: see `runtimeView`. */
  readonly runtimeSdl: string;
  /** What clients see, `@defer` included. */
  readonly apiSchema: GraphQLSchema;
  readonly apiSdl: string;
  readonly subgraphs: readonly SubgraphAddress[];
  /** Labels of `@override(label:)`, each once. */
  readonly overrideLabels: readonly string[];
  readonly planner: Planner;
  /** Ends the planner's thread; everything else stays as it is. */
  close(): Promise<void>;
}

/**
 * Loads a supergraph in the planner's thread: a large one takes seconds, in which the calling thread goes on serving.
 *
 * @param urls where subgraphs are, by name, in place of what the supergraph says
 * @param options.execArgv options of Node for the thread
 * @throws SupergraphError when the text is not a supergraph that can be served
 */
export async function loadSupergraph(
  sdl: string,
  urls: ReadonlyMap<string, string>,
  options: { limits: PlanLimits; execArgv?: readonly string[] | undefined },
): Promise<LoadedSupergraph> {
  const { fullDocument, runtimeSdl } = readViews(sdl);
  const { planner, apiSdl, subgraphs, overrideLabels } = await startPlannerThread({ sdl: runtimeSdl, ...options });
  try {
    return Object.freeze({
      version: versionOf(sdl),
      fullSdl: sdl,
      fullDocument,
      runtimeSdl,
      // It was printed from a schema that is valid.
      apiSchema: buildSchema(apiSdl, { assumeValid: true, noLocation: true }),
      apiSdl,
      subgraphs: subgraphAddresses(subgraphs, urls),
      overrideLabels,
      planner,
      close: () => planner.close(),
    });
  } catch (cause) {
    await planner.close();
    throw asSupergraphError(cause);
  }
}

function readViews(sdl: string) {
  const fullDocument = parseText(sdl);
  try {
    return { fullDocument, runtimeSdl: print(runtimeView(fullDocument)) };
  } catch (cause) {
    throw asSupergraphError(cause);
  }
}

function parseText(sdl: string): DocumentNode {
  try {
    return parse(sdl, { noLocation: true });
  } catch (cause) {
    if (cause instanceof GraphQLError) throw new SupergraphError(describeSyntaxError(cause), { cause });
    throw asSupergraphError(cause);
  }
}
