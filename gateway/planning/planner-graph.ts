import type { QueryPlanner } from "@apollo/query-planner";
import type { Edge, QueryGraph, Vertex } from "@apollo/query-graphs";
import { isObjectType } from "@apollo/federation-internals";

/**
 * The graph in which @apollo/query-planner looks for ways: a vertex for each type of each subgraph, edges for fields, type conditions, and keys that lead to other
 * subgraphs. The planner keeps it to itself.
 */
export class PlannerGraph {
  readonly graph: QueryGraph;
  readonly #fields = new Map<Vertex, Map<string, Edge[]>>();

  constructor(planner: QueryPlanner) {
    this.graph = Reflect.get(planner, "federatedQueryGraph") as QueryGraph;
  }

  /** @returns several where `@override(label:)` decides */
  fieldsFrom(vertex: Vertex, name: string): readonly Edge[] {
    let fields = this.#fields.get(vertex);
    if (!fields) {
      fields = new Map();
      this.#fields.set(vertex, fields);
      for (const edge of this.graph.outEdges(vertex)) {
        if (edge.transition.kind !== "FieldCollection") continue;
        const { name: own } = edge.transition.definition;
        fields.set(own, [...(fields.get(own) ?? []), edge]);
      }
    }
    return fields.get(name) ?? [];
  }

  /** Where a fragment with the type condition leads to. */
  castFrom(vertex: Vertex, type: string): Vertex | undefined {
    return this.graph
      .outEdges(vertex)
      .find(({ transition }) => transition.kind === "DownCast" && transition.castedType.name === type)?.tail;
  }

  /** Whether a fragment with the type condition is one step, or none. */
  canCast(vertex: Vertex, type: string): boolean {
    return isObjectType(vertex.type) || vertex.type.name === type || this.castFrom(vertex, type) !== undefined;
  }
}
