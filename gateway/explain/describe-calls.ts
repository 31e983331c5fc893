import type { QueryPlan } from "@apollo/query-planner";
import { Kind, type SelectionSetNode } from "graphql";
import { readFetchGraph } from "../execution/plan/fetch-graph";
import { createCalls, type SubgraphCall } from "../execution/plan/subgraph-call";

/** One request to one subgraph. */
export interface DescribedCall {
  /** From 1. */
  readonly number: number;
  /** Calls of one level wait for those of earlier ones; from 1. */
  readonly level: number;
  readonly subgraph: string;
  readonly kind: "query" | "mutation" | "subscription";
  /** Numbers of the calls whose answers it needs. */
  readonly after: readonly number[];
  /** Root fields that it asks for; empty for a call for entities. */
  readonly rootFields: readonly string[];
  /** Where the entities are that it asks for; "@" stands for each element of a list. */
  readonly entities: readonly string[];
  readonly isDeferred: boolean;
  readonly query: string;
}

/** The calls that executing a plan makes, joined as the executor joins them. */
export function describeCalls(plan: QueryPlan): readonly DescribedCall[] {
  const calls = createCalls(readFetchGraph(plan).fetches);
  const byIndex = new Map(calls.map((call) => [call.index, call]));
  const levels = new Map<SubgraphCall, number>();
  const levelOf = (call: SubgraphCall): number => {
    const known = levels.get(call);
    if (known !== undefined) return known;
    const level = 1 + Math.max(0, ...call.after.map((index) => levelOfIndex(index)));
    levels.set(call, level);
    return level;
  };
  const levelOfIndex = (index: number): number => {
    const call = byIndex.get(index);
    return call ? levelOf(call) : 0;
  };
  return [...calls]
    .sort((a, b) => levelOf(a) - levelOf(b) || a.index - b.index)
    .map((call, i, sorted): DescribedCall => {
      const [first] = call.fetches;
      return {
        number: i + 1,
        level: levelOf(call),
        subgraph: call.service,
        kind: first?.kind ?? call.kind,
        after: directly(call, byIndex)
          .map((index) => sorted.findIndex((other) => other.index === index) + 1)
          .sort((a, b) => a - b),
        // A deferred part can be one of root fields.
        rootFields: call.fetches.filter(isOfRoot).flatMap(({ operation }) => fieldNames(operation.selectionSet)),
        entities: call.fetches.filter((fetch) => !isOfRoot(fetch)).map(({ path }) => path.join(".")),
        isDeferred: call.part !== undefined,
        query: textOf(call),
      };
    });
}

/** Without those that others of them wait for already. */
const directly = ({ after }: SubgraphCall, byIndex: ReadonlyMap<number, SubgraphCall>): readonly number[] =>
  after.filter((index) => !after.some((other) => other !== index && byIndex.get(other)?.after.includes(index)));

const isOfRoot = ({ path }: SubgraphCall["fetches"][number]) => path.length === 0;

const fieldNames = ({ selections }: SelectionSetNode): readonly string[] =>
  selections.flatMap((node) => {
    if (node.kind === Kind.FIELD) return node.name.value;
    return node.kind === Kind.INLINE_FRAGMENT ? fieldNames(node.selectionSet) : [];
  });

function textOf(call: SubgraphCall): string {
  const { query } = JSON.parse(`{${call.query}}`) as { readonly query: string };
  return query;
}
