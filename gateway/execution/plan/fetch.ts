import type { FetchDataKeyRenamer, FetchDataRewrite, FetchNode, QueryPlanSelectionNode } from "@apollo/query-planner";
import type { OperationDefinitionNode } from "graphql";
import type { SelectionTree } from "./selection-tree";

/** Response keys from the root; "@" stands for each element of a list. */
export type ResponsePath = readonly string[];

/** One fetch of a plan, with everything that does not depend on the request. */
export interface Fetch {
  readonly index: number;
  readonly node: FetchNode;
  readonly service: string;
  readonly kind: "query" | "mutation" | "subscription";
  /** Where its result belongs; empty for fetches of root fields. */
  readonly path: ResponsePath;
  /** Of which types objects on the path must be, by the length of the path to them. All of them where nothing is said. */
  readonly types: ReadonlyMap<number, ReadonlySet<string>>;
  /**
   * What a representation holds; undefined when the fetch asks root fields. An alias is the key to read in answers, under which another fetch
   * asks for the field with the arguments that are required.
   */
  readonly requires: readonly QueryPlanSelectionNode[] | undefined;
  /** Fragments are in place. */
  readonly operation: OperationDefinitionNode;
  /** What it gives to each object at `path`. */
  readonly tree: SelectionTree;
  /** Every fetch that has ended when this one starts. */
  readonly known: ReadonlySet<Fetch>;
  readonly inputRewrites: readonly FetchDataRewrite[];
  readonly outputRewrites: readonly FetchDataRewrite[];
  readonly contextRewrites: readonly FetchDataKeyRenamer[];
  /** The label of the `@defer` it belongs to; undefined for what the first answer holds. */
  readonly part: string | undefined;
}

/** A fetch whose graph is still being made. */
export type OpenFetch = { -readonly [K in keyof Fetch]: Fetch[K] };
