import type { FetchNode, FlattenNode, PlanNode, QueryPlan, QueryPlanSelectionNode } from "@apollo/query-planner";
import { type ArgumentNode, type DocumentNode, Kind, parse, print, stripIgnoredCharacters, visit } from "graphql";
import { partRepresentations, readRequirements } from "./part-representations";
import { readFieldSet, type SpelledSupergraph, type Spelling } from "./spell-requirements";

/**
 * Gives a plan that was made on a supergraph of `spellRequirements` the names that subgraphs know. What stands for a spelling is asked as
 * an alias, `required_size_0: size(unit: CM)`, so that the answer keeps the planner's name. In what a fetch requires the alias is the key to read
 * and the name the key to write.
 */
export function createRestorer({ document, spellings }: SpelledSupergraph): (plan: QueryPlan) => QueryPlan {
  const mentionsAny = new RegExp(`\\b(${[...spellings.keys()].join("|")})\\b`);
  const requirements = readRequirements(document);
  const given = new Map([...spellings].map(([name, spelling]) => [name, argumentsOf(spelling)]));

  const restoreOperation = (text: string): string => {
    if (!mentionsAny.test(text)) return text;
    const restored = visit(parse(text, { noLocation: true }) as DocumentNode, {
      Field: (node) => {
        const spelling = spellings.get(node.name.value);
        if (!spelling) return undefined;
        return {
          ...node,
          alias: node.alias ?? node.name,
          name: { ...node.name, value: spelling.field },
          // Those that the planner gives come from a context.
          arguments: [...(given.get(node.name.value) ?? []), ...(node.arguments ?? [])],
        };
      },
    });
    return stripIgnoredCharacters(print(restored));
  };

  const restoreRequired = (node: QueryPlanSelectionNode): QueryPlanSelectionNode => {
    const below = node.selections ? { selections: node.selections.map(restoreRequired) } : {};
    if (node.kind === "InlineFragment") return { ...node, ...below };
    const spelling = spellings.get(node.name);
    return { ...node, ...below, ...(spelling ? { alias: node.alias ?? node.name, name: spelling.field } : {}) };
  };

  const restoreFetch = (node: FetchNode): readonly FetchNode[] => {
    const parts = node.requires ? partRepresentations(node, requirements, spellings) : [node];
    return parts.map((part) => ({
      ...part,
      operation: restoreOperation(part.operation),
      ...(part.requires ? { requires: part.requires.map(restoreRequired) } : {}),
    }));
  };

  const restore = (node: PlanNode): PlanNode => {
    switch (node.kind) {
      case "Fetch":
        return joined(restoreFetch(node), node.id);
      case "Flatten": {
        if (node.node.kind !== "Fetch") return { ...node, node: restore(node.node) };
        const parts = restoreFetch(node.node).map((inner) => ({ ...node, node: inner }));
        return joined(parts, node.node.id);
      }
      case "Parallel": {
        const nodes = node.nodes.map(restore);
        return { ...node, nodes: nodes.flatMap((inner) => (inner.kind === "Parallel" ? inner.nodes : [inner])) };
      }
      case "Sequence":
        return { ...node, nodes: node.nodes.map(restore) };
      case "Condition":
        return {
          ...node,
          ...(node.ifClause ? { ifClause: restore(node.ifClause) } : {}),
          ...(node.elseClause ? { elseClause: restore(node.elseClause) } : {}),
        };
      case "Defer": {
        const inner = <T extends { node?: PlanNode }>(part: T): T =>
          part.node ? { ...part, node: restore(part.node) } : part;
        return { ...node, primary: inner(node.primary), deferred: node.deferred.map(inner) };
      }
    }
  };

  return (plan) => {
    if (!plan.node) return plan;
    if (plan.node.kind !== "Subscription") return { ...plan, node: restore(plan.node) };
    const { primary, rest } = plan.node;
    const event = { ...primary, operation: restoreOperation(primary.operation) };
    return { ...plan, node: { ...plan.node, primary: event, ...(rest ? { rest: restore(rest) } : {}) } };
  };
}

/** The parts of one fetch run side by side; where something waits for it by its id, one after another, so that the last has ended after all. */
function joined(parts: readonly (FetchNode | FlattenNode)[], id: string | undefined): PlanNode {
  const [only] = parts;
  if (only && parts.length === 1) return only;
  return { kind: id === undefined ? "Parallel" : "Sequence", nodes: [...parts] };
}

function argumentsOf(spelling: Spelling): readonly ArgumentNode[] {
  const [field] = readFieldSet(`${spelling.field}${spelling.arguments && `(${spelling.arguments})`}`).selections;
  return field?.kind === Kind.FIELD ? (field.arguments ?? []) : [];
}
