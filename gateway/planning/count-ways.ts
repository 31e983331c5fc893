import type { Edge, Vertex } from "@apollo/query-graphs";
import {
  isAbstractType,
  isObjectType,
  possibleRuntimeTypes,
  type Schema,
  type SelectionSet,
} from "@apollo/federation-internals";
import {
  type DocumentNode,
  type FieldNode,
  getOperationAST,
  Kind,
  type SelectionNode,
  type SelectionSetNode,
} from "graphql";
import type { PlannerGraph } from "./planner-graph";

/** What one operation may have at most. */
export interface WayLimits {
  /** Ways to one selection. */
  readonly ways: number;
  /** Ways that are followed from one selection to the next, over all of them: see `createPathBudget`. */
  readonly steps: number;
}

/**
 * How many ways each selection of an operation may be reached in, at the least, and how many steps that takes. The planner makes an object of every way before it finds that
 * there are too many, and compares each with each other: 10 to 300 ms of work; they are counted in one.
 *
 * @param overrides by label of `@override(label:)`: whether it holds
 * @returns true for what the planner would refuse, if only after all that; false for what it may or may not
 */
export type HasTooManyWays = (
  document: DocumentNode,
  operationName: string | undefined,
  limits: WayLimits,
  overrides: Map<string, boolean>,
) => boolean;

/** Ways that end in one place of the planner's graph. */
interface Ways {
  readonly at: Vertex;
  readonly count: number;
  /** For ways that have not left the subgraph they began in: the first field. */
  readonly rootField?: string | undefined;
}

/**
 * Counts what no plan can do without. Where the subgraph that an object was found in has no such field, there is a way through every other one that has it
 * and a key. Ways that are only alternatives are not counted, nor anything below what depends on more than keys: interfaces,
 * `@requires`, `@fromContext`.
 */
export function createWayCounter(planned: PlannerGraph, schema: Schema): HasTooManyWays {
  return (document, operationName, limits, overrides) => {
    const operation = getOperationAST(document, operationName);
    const root = operation && planned.graph.root(operation.operation);
    if (!root) return false;
    const entered = planned.graph.outEdges(root).map(({ tail }) => tail);
    return new WayCounter(planned, schema, entered, limits, overrides).isTooMany(operation.selectionSet);
  };
}

class WayCounter {
  #steps = 0;
  readonly #jumps = new Map<string, ReadonlyMap<string, Vertex>>();

  constructor(
    private readonly planned: PlannerGraph,
    private readonly schema: Schema,
    /** Where each subgraph begins. */
    private readonly entered: readonly Vertex[],
    private readonly limits: WayLimits,
    private readonly overrides: Map<string, boolean>,
  ) {}

  /** @param set the selections of the operation, or of a fragment around them */
  isTooMany(set: SelectionSetNode, seen = new Set<string>()): boolean {
    return set.selections.some((node) => {
      if (node.kind === Kind.FRAGMENT_SPREAD) return false;
      if (node.kind === Kind.INLINE_FRAGMENT) return this.isTooMany(node.selectionSet, seen);
      if (isKnown(node, seen)) return false;
      const rootField = node.name.value;
      const ways = this.entered
        .filter((at) => this.#fieldFrom(at, rootField))
        .map((at) => ({ at, count: 1, rootField }));
      return this.#isTooManyFor(node, ways, false, true);
    });
  }

  /**
   * @param isDeferred whether a fragment around the field, and within its parent, has `@defer`
   * @param isRoot for the planner, the ways of a field of the root begin with one
   */
  #isTooManyFor(node: FieldNode, parent: readonly Ways[], isDeferred: boolean, isRoot = false): boolean {
    const name = node.name.value;
    if (name.startsWith("__")) return false;
    const next: Ways[] = [];
    for (const ways of parent) {
      if (!isObjectType(ways.at.type)) continue;
      const places = this.#along(ways, name, isDeferred);
      if (!places) return false;
      const { count, at } = ways;
      if (places.length > 0 && !isRoot) this.#steps += count;
      for (const place of places) {
        next.push({ at: place, count, rootField: place.source === at.source ? ways.rootField : undefined });
      }
    }
    if (this.#steps > this.limits.steps) return true;
    if (next.reduce((sum, { count }) => sum + count, 0) > this.limits.ways) return true;
    return node.selectionSet !== undefined && this.#isTooManyOf(node.selectionSet, joined(next), false, new Set());
  }

  #isTooManyOf(set: SelectionSetNode, ways: readonly Ways[], isDeferred: boolean, seen: Set<string>): boolean {
    // What one subgraph gives as a whole is no more steps.
    if (!ways.some(({ at }) => at.hasReachableCrossSubgraphEdges)) return false;
    return set.selections.some((node) => {
      if (node.kind === Kind.FRAGMENT_SPREAD) return false;
      if (node.kind === Kind.INLINE_FRAGMENT) {
        const type = node.typeCondition?.name.value;
        const within = type === undefined ? ways : this.#alongFragment(ways, type);
        return (
          within !== undefined && this.#isTooManyOf(node.selectionSet, within, isDeferred || isDeferring(node), seen)
        );
      }
      return !isKnown(node, seen) && this.#isTooManyFor(node, ways, isDeferred);
    });
  }

  /** @returns one place, or several where other subgraphs have to be entered for the field; undefined where the ways cannot be told from what they depend on */
  #along({ at, rootField }: Ways, field: string, isDeferred: boolean): readonly Vertex[] | undefined {
    const edge = this.#fieldFrom(at, field);
    if (edge && !isPlain(edge)) return undefined;
    if (edge && !isDeferred) return [edge.tail];
    const jumps = this.#jumpsFrom(at, field);
    if (edge) {
      const again = jumps.get(at.source);
      return again && [again];
    }
    // The planner leaves detours out: through a subgraph although the root field could have been asked of the next one.
    return [...jumps]
      .filter(([source]) => rootField === undefined || !this.#hasAtRoot(source, rootField))
      .map(([, place]) => place);
  }

  /** By subgraph: where the field leads to in it, when a key of the object is all that takes. */
  #jumpsFrom(at: Vertex, field: string): ReadonlyMap<string, Vertex> {
    const key = `${at.index} ${field}`;
    const known = this.#jumps.get(key);
    if (known) return known;
    const found = new Map<string, Vertex>();
    for (const { transition, tail, conditions } of this.planned.graph.outEdges(at, true)) {
      if (transition.kind !== "KeyResolution" || tail.type.name !== at.type.name || !isObjectType(tail.type)) continue;
      const next = conditions && this.#hasAll(at, conditions) ? this.#fieldFrom(tail, field) : undefined;
      if (next && isPlain(next)) found.set(tail.source, next.tail);
    }
    this.#jumps.set(key, found);
    return found;
  }

  #fieldFrom(vertex: Vertex, name: string): Edge | undefined {
    return this.planned.fieldsFrom(vertex, name).find((edge) => edge.satisfiesOverrideConditions(this.overrides));
  }

  #hasAll(vertex: Vertex, key: SelectionSet): boolean {
    return key.selections().every((selection) => {
      if (selection.kind !== "FieldSelection" || selection.selectionSet) return false;
      const edge = this.#fieldFrom(vertex, selection.element.name);
      return edge !== undefined && isPlain(edge);
    });
  }

  #hasAtRoot(source: string, field: string): boolean {
    return this.entered.some((vertex) => vertex.source === source && this.#fieldFrom(vertex, field));
  }

  /** @returns undefined where some of the ways never lead to the type: the planner then leaves the fragment out for all of them */
  #alongFragment(all: readonly Ways[], type: string): readonly Ways[] | undefined {
    const next: Ways[] = [];
    for (const ways of all) {
      const place = this.#hasAlways(ways.at, type) ? ways.at : this.planned.castFrom(ways.at, type);
      if (!place) return undefined;
      next.push({ ...ways, at: place });
    }
    return next;
  }

  #hasAlways({ type }: Vertex, condition: string): boolean {
    if (type.name === condition) return true;
    const abstract = this.schema.type(condition);
    return (
      abstract !== undefined &&
      isAbstractType(abstract) &&
      possibleRuntimeTypes(abstract).some(({ name }) => name === type.name)
    );
  }
}

/** @param seen response keys: for the planner, fields with one key are one */
function isKnown({ alias, name }: FieldNode, seen: Set<string>): boolean {
  const key = (alias ?? name).value;
  return seen.has(key) || !seen.add(key);
}

const isDeferring = ({ directives }: SelectionNode): boolean =>
  directives?.some(({ name }) => name.value === "defer") ?? false;

const isPlain = ({ conditions, requiredContexts }: Edge): boolean => !conditions && requiredContexts.length === 0;

/** Those that end in one place are counted as one. */
function joined(all: readonly Ways[]): readonly Ways[] {
  const known = new Map<string, Ways>();
  for (const ways of all) {
    const key = `${ways.at.index} ${ways.rootField ?? ""}`;
    known.set(key, { ...ways, count: ways.count + (known.get(key)?.count ?? 0) });
  }
  return [...known.values()];
}
