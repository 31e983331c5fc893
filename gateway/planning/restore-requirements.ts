import type { FetchNode, QueryPlan, QueryPlanSelectionNode } from "@apollo/query-planner";
import { type ArgumentNode, type DocumentNode, Kind, parse, print, stripIgnoredCharacters, visit } from "graphql";
import { partRepresentations, readRequirements } from "./part-representations";
import { replaceFetches } from "./replace-fetches";
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

  return (plan) =>
    replaceFetches(plan, ({ fetch, path }) => restoreFetch(fetch).map((part) => ({ fetch: part, path })));
}

function argumentsOf(spelling: Spelling): readonly ArgumentNode[] {
  const [field] = readFieldSet(`${spelling.field}${spelling.arguments && `(${spelling.arguments})`}`).selections;
  return field?.kind === Kind.FIELD ? (field.arguments ?? []) : [];
}
