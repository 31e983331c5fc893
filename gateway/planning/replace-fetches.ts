import type { FetchNode, FlattenNode, PlanNode, QueryPlan } from "@apollo/query-planner";

/** A fetch with the place of its objects, from the root; an empty path for root fields. */
export interface PlacedFetch {
  readonly fetch: FetchNode;
  readonly path: FlattenNode["path"];
}

/** Puts other fetches in the place of each fetch of a plan. Those that replace one run side by side. */
export function replaceFetches(plan: QueryPlan, replace: (placed: PlacedFetch) => readonly PlacedFetch[]): QueryPlan {
  const replaceIn = (node: PlanNode, above: FlattenNode["path"]): PlanNode => {
    switch (node.kind) {
      case "Fetch":
        return sideBySide(replace({ fetch: node, path: above }));
      case "Flatten":
        return replaceIn(node.node, [...above, ...node.path]);
      case "Parallel": {
        const nodes = node.nodes.map((inner) => replaceIn(inner, above));
        return { ...node, nodes: nodes.flatMap((inner) => (inner.kind === "Parallel" ? inner.nodes : [inner])) };
      }
      case "Sequence":
        return { ...node, nodes: node.nodes.map((inner) => replaceIn(inner, above)) };
      case "Condition":
        return {
          ...node,
          ...(node.ifClause ? { ifClause: replaceIn(node.ifClause, above) } : {}),
          ...(node.elseClause ? { elseClause: replaceIn(node.elseClause, above) } : {}),
        };
      case "Defer": {
        const inPart = <T extends { node?: PlanNode }>(part: T, at: FlattenNode["path"]): T =>
          part.node ? { ...part, node: replaceIn(part.node, at) } : part;
        return {
          ...node,
          primary: inPart(node.primary, above),
          deferred: node.deferred.map((part) => inPart(part, [])),
        };
      }
    }
  };

  if (!plan.node) return plan;
  if (plan.node.kind !== "Subscription") return { ...plan, node: replaceIn(plan.node, []) };
  const { primary, rest } = plan.node;
  const [event = { fetch: primary }] = replace({ fetch: primary, path: [] });
  return { ...plan, node: { ...plan.node, primary: event.fetch, ...(rest ? { rest: replaceIn(rest, []) } : {}) } };
}

function sideBySide(parts: readonly PlacedFetch[]): PlanNode {
  const nodes = parts.map(({ fetch, path }): FetchNode | FlattenNode =>
    path.length === 0 ? fetch : { kind: "Flatten", path, node: fetch },
  );
  const [only] = nodes;
  return only && nodes.length === 1 ? only : { kind: "Parallel", nodes };
}
