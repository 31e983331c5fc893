import type { FetchNode, PlanNode, QueryPlan } from "@apollo/query-planner";
import { type FieldNode, type FragmentDefinitionNode, Kind, type OperationDefinitionNode, parse } from "graphql";
import { awaitGivers } from "./await-givers";
import type { Fetch, OpenFetch, ResponsePath } from "./fetch";
import { inlineFragments, selectionTree } from "./selection-tree";

/** A plan as a graph: which fetches there are and what each waits for. */
export interface FetchGraph {
  readonly fetches: readonly Fetch[];
  /** The labels of deferred parts; a part can have no fetch of its own. */
  readonly parts: readonly string[];
}

interface Place {
  /** As the plan writes it: see `readPath`. */
  readonly path: ResponsePath;
  readonly after: ReadonlySet<Fetch>;
  readonly part: string | undefined;
}

/** Reads a plan of `@apollo/query-planner`. A subscription's plan is read as one whose first fetch is answered by the event. */
export function readFetchGraph(plan: QueryPlan): FetchGraph {
  const fetches: OpenFetch[] = [];
  /** A fetch that was taken apart has one identifier for all its parts. */
  const byId = new Map<string, Fetch[]>();
  const parts: string[] = [];

  const readFetch = (node: FetchNode, { path, after, part }: Place): ReadonlySet<Fetch> => {
    const { operation, fragments } = readOperation(node.operation);
    const inlined = inlineFragments(operation, fragments);
    const selected = node.requires ? entitySelection(inlined) : inlined.selectionSet;
    const known = new Set([...after].flatMap((fetch) => [fetch, ...fetch.known]));
    const fetch: OpenFetch = {
      index: fetches.length,
      node,
      service: node.serviceName,
      kind: operation.operation,
      ...readPath(path),
      requires: node.requires,
      operation: inlined,
      tree: selectionTree(selected, node.outputRewrites),
      known,
      inputRewrites: node.inputRewrites ?? [],
      outputRewrites: node.outputRewrites ?? [],
      contextRewrites: node.contextRewrites ?? [],
      part,
    };
    fetches.push(fetch);
    if (node.id !== undefined) byId.set(node.id, [...(byId.get(node.id) ?? []), fetch]);
    return new Set([fetch]);
  };

  /** @returns the fetches that must have ended for the node to have ended */
  const read = (node: PlanNode, place: Place): ReadonlySet<Fetch> => {
    switch (node.kind) {
      case "Fetch":
        return readFetch(node, place);
      case "Flatten":
        return read(node.node, { ...place, path: [...place.path, ...node.path.map(String)] });
      case "Sequence":
        return node.nodes.reduce((after, child) => union(after, read(child, { ...place, after })), place.after);
      case "Parallel":
        return union(...node.nodes.map((child) => read(child, place)));
      case "Condition":
        throw new Error("conditions are decided before an operation is planned");
      case "Defer": {
        const primary = node.primary.node ? read(node.primary.node, place) : place.after;
        for (const deferred of node.deferred) {
          const label = deferred.label ?? "";
          parts.push(label);
          if (!deferred.node) continue;
          const depends = deferred.depends.flatMap(({ id }) => byId.get(id) ?? []);
          read(deferred.node, { path: [], after: new Set([...place.after, ...depends]), part: label });
        }
        return primary;
      }
    }
  };

  if (plan.node) read(asPlanNode(plan.node), { path: [], after: new Set(), part: undefined });
  return { fetches: awaitGivers(fetches), parts };
}

function asPlanNode(node: NonNullable<QueryPlan["node"]>): PlanNode {
  if (node.kind !== "Subscription") return node;
  return { kind: "Sequence", nodes: node.rest ? [node.primary, node.rest] : [node.primary] };
}

/** A segment may name the types of the objects that are meant: `media.@|[Film,Song].maker`. */
function readPath(segments: readonly string[]): Pick<Fetch, "path" | "types"> {
  const types = new Map<number, ReadonlySet<string>>();
  const path = segments.map((segment, i) => {
    const [key = "", names] = segment.split("|");
    if (names !== undefined) types.set(i + 1, new Set(names.match(/\w+/g)));
    return key;
  });
  return { path, types };
}

function readOperation(text: string) {
  const fragments = new Map<string, FragmentDefinitionNode>();
  let operation: OperationDefinitionNode | undefined;
  for (const node of parse(text, { noLocation: true }).definitions) {
    if (node.kind === Kind.FRAGMENT_DEFINITION) fragments.set(node.name.value, node);
    if (node.kind === Kind.OPERATION_DEFINITION) operation = node;
  }
  if (!operation) throw new Error("the planner gave a fetch without an operation");
  return { operation, fragments };
}

/** What an entity fetch selects inside `_entities`. */
export function entitySelection(operation: OperationDefinitionNode) {
  const set = (operation.selectionSet.selections[0] as FieldNode | undefined)?.selectionSet;
  if (!set) throw new Error("the planner gave an entity fetch without a selection");
  return set;
}

const union = (...sets: readonly ReadonlySet<Fetch>[]): ReadonlySet<Fetch> => new Set(sets.flatMap((set) => [...set]));
