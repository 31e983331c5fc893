import type { QueryPlanner } from "@apollo/query-planner";
import type { Edge, QueryGraph, Vertex } from "@apollo/query-graphs";
import { isObjectType, type SelectionSet } from "@apollo/federation-internals";
import {
  type DocumentNode,
  type FieldNode,
  getOperationAST,
  Kind,
  type SelectionNode,
  type SelectionSetNode,
} from "graphql";

/**
 * How many ways each selection of an operation may be reached in, at the least. The planner makes an object of every way before it finds that there are too many,
 * 10 to 20 ms of work; they are counted in one.
 *
 * @returns true for what the planner would refuse, if only after all that; false for what it may or may not
 */
export type HasTooManyWays = (document: DocumentNode, operationName: string | undefined) => boolean;

/** Ways that end in one place of the planner's graph. */
interface Ways {
  readonly at: Vertex;
  readonly count: number;
  /** For ways that have not left the subgraph they began in: the first field. */
  readonly rootField?: string | undefined;
}

/**
 * Counts what no plan can do without. Where the subgraph that an object was found in has no such field, there is a way through every other one that has it
 * and a key; ways that are only alternatives are not counted, nor anything below what depends on more than keys: interfaces,
 * `@requires`, `@override(label:)`, `@fromContext`. For a graph without interface objects: there the planner tries again with fewer ways.
 */
export function createWayCounter(planner: QueryPlanner, maxWays: number): HasTooManyWays {
  const graph = Reflect.get(planner, "federatedQueryGraph") as QueryGraph;

  const fieldFrom = (vertex: Vertex, name: string): Edge | undefined =>
    graph
      .outEdges(vertex)
      .find(({ transition }) => transition.kind === "FieldCollection" && transition.definition.name === name);

  const hasAtRoot = (source: string, field: string): boolean =>
    graph
      .roots()
      .some((root) => graph.outEdges(root).some(({ tail }) => tail.source === source && fieldFrom(tail, field)));

  /** Where one way goes on from an object whose subgraph does not have the field. */
  const jumpFrom = ({ at, rootField }: Ways, field: string): readonly Vertex[] => {
    const reached = new Map<string, Vertex>();
    for (const { transition, tail, conditions } of graph.outEdges(at)) {
      if (transition.kind !== "KeyResolution" || tail.source === at.source || tail.type.name !== at.type.name) continue;
      // The planner leaves detours out: through a subgraph although the root field could have been asked of the next one.
      if (rootField !== undefined && hasAtRoot(tail.source, rootField)) continue;
      const next = conditions && hasAll(at, conditions) ? fieldFrom(tail, field) : undefined;
      if (next && isPlain(next)) reached.set(tail.source, next.tail);
    }
    return [...reached.values()];
  };

  const hasAll = (vertex: Vertex, key: SelectionSet): boolean =>
    key.selections().every((selection) => {
      if (selection.kind !== "FieldSelection" || selection.selectionSet) return false;
      const edge = fieldFrom(vertex, selection.element.name);
      return edge !== undefined && isPlain(edge);
    });

  /** @returns undefined where they cannot be told from what they depend on */
  const alongField = (all: readonly Ways[], { name: { value: field } }: FieldNode): readonly Ways[] | undefined => {
    const next: Ways[] = [];
    for (const ways of all) {
      const edge = fieldFrom(ways.at, field);
      if (edge && !isPlain(edge)) return undefined;
      if (edge) next.push({ ...ways, at: edge.tail });
      else next.push(...jumpFrom(ways, field).map((at) => ({ at, count: ways.count })));
    }
    return joined(next);
  };

  const alongFragment = (all: readonly Ways[], type: string): readonly Ways[] =>
    all.flatMap((ways) => {
      if (ways.at.type.name === type) return [ways];
      const cast = graph
        .outEdges(ways.at)
        .find(({ transition }) => transition.kind === "DownCast" && transition.castedType.name === type);
      return cast ? [{ ...ways, at: cast.tail }] : [];
    });

  const isTooMany = ({ selections }: SelectionSetNode, ways: readonly Ways[]): boolean =>
    selections.some((node) => isTooManyFor(node, ways));

  const isTooManyFor = (node: SelectionNode, ways: readonly Ways[]): boolean => {
    if (node.kind === Kind.FRAGMENT_SPREAD) return false;
    if (node.kind === Kind.INLINE_FRAGMENT) {
      const type = node.typeCondition?.name.value;
      return isTooMany(node.selectionSet, type === undefined ? ways : alongFragment(ways, type));
    }
    if (node.name.value.startsWith("__")) return false;
    const next = alongField(ways.filter(isOfObject), node);
    if (!next || next.length === 0) return false;
    if (next.reduce((sum, { count }) => sum + count, 0) > maxWays) return true;
    return node.selectionSet !== undefined && isTooMany(node.selectionSet, next);
  };

  return (document, operationName) => {
    const operation = getOperationAST(document, operationName);
    const root = operation && graph.root(operation.operation);
    if (!root) return false;
    const entered = graph.outEdges(root).map(({ tail }) => tail);
    return operation.selectionSet.selections.some((node) => {
      if (node.kind !== Kind.FIELD) return false;
      return isTooManyFor(
        node,
        entered
          .filter((at) => fieldFrom(at, node.name.value))
          .map((at) => ({ at, count: 1, rootField: node.name.value })),
      );
    });
  };
}

const isOfObject = ({ at }: Ways): boolean => isObjectType(at.type);

const isPlain = ({ conditions, overrideCondition, requiredContexts }: Edge): boolean =>
  !conditions && !overrideCondition && requiredContexts.length === 0;

/** Those that end in one place are counted as one. */
function joined(all: readonly Ways[]): readonly Ways[] {
  const known = new Map<string, Ways>();
  for (const ways of all) {
    const key = `${ways.at.index} ${ways.rootField ?? ""}`;
    known.set(key, { ...ways, count: ways.count + (known.get(key)?.count ?? 0) });
  }
  return [...known.values()];
}
