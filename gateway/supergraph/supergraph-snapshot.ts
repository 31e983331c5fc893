import { createHash } from "node:crypto";
import { Supergraph } from "@apollo/federation-internals";
import { QueryPlanner } from "@apollo/query-planner";
import { type DocumentNode, type GraphQLSchema, parse, print, printSchema } from "graphql";
import { runtimeView } from "./runtime-view";

/** One subgraph as the supergraph names it. */
export interface SubgraphAddress {
  readonly name: string;
  readonly url: string;
}

/**
 * One supergraph in all the forms its readers need. Immutable: a reload makes a new snapshot, and whatever began on the old one ends on
 * the old one.
 */
export interface SupergraphSnapshot {
  /** Changes with every change of the text: 16 hex digits of its SHA-256. */
  readonly version: string;
  /** As composed: the source of access rules, event streams, costs. */
  readonly fullSdl: string;
  readonly fullDocument: DocumentNode;
  /** What @apollo/gateway and the query planner load: see `runtimeView`. */
  readonly runtimeSdl: string;
  readonly supergraph: Supergraph;
  /** What clients see. */
  readonly apiSchema: GraphQLSchema;
  readonly apiSdl: string;
  readonly subgraphs: readonly SubgraphAddress[];
  /** Made at the first call and kept. */
  planner(): QueryPlanner;
  /** The runtime view as graphql-js knows it, joins included. Made at the first call and kept. */
  runtimeSchema(): GraphQLSchema;
}

/** Thrown when an SDL cannot be served; the message is one clear reason for the operator. */
export class SupergraphError extends Error {
  override readonly name = "SupergraphError";
}

/**
 * @param urls where subgraphs are, by name, in place of what the supergraph says
 * @throws SupergraphError when the text is not a supergraph that can be served
 */
export function createSupergraphSnapshot(
  sdl: string,
  urls: ReadonlyMap<string, string> = new Map(),
): SupergraphSnapshot {
  try {
    const fullDocument = parse(sdl, { noLocation: true });
    const runtimeSdl = print(runtimeView(fullDocument));
    const supergraph = Supergraph.build(runtimeSdl, { validateSupergraph: true });
    const subgraphs = supergraph
      .subgraphsMetadata()
      .map(({ name, url }) => ({ name, url: requireUrl(name, urls.get(name) ?? url) }));
    const apiSchema = supergraph.apiSchema().toGraphQLJSSchema();
    let planner: QueryPlanner | undefined;
    let runtimeSchema: GraphQLSchema | undefined;
    return Object.freeze({
      version: createHash("sha256").update(sdl).digest("hex").slice(0, 16),
      fullSdl: sdl,
      fullDocument,
      runtimeSdl,
      supergraph,
      apiSchema,
      apiSdl: printSchema(apiSchema),
      subgraphs,
      planner: () => (planner ??= new QueryPlanner(supergraph)),
      runtimeSchema: () => (runtimeSchema ??= supergraph.schema.toGraphQLJSSchema()),
    });
  } catch (cause) {
    if (cause instanceof SupergraphError) throw cause;
    throw new SupergraphError(reasonOf(cause), { cause });
  }
}

function requireUrl(name: string, url: string | undefined): string {
  if (url && URL.canParse(url) && /^https?:$/.test(new URL(url).protocol)) return url;
  throw new SupergraphError(`The subgraph "${name}" has no http or https URL in the supergraph.`);
}

const reasonOf = (cause: unknown) => (cause instanceof Error ? cause.message : String(cause));
