import { createHash } from "node:crypto";
import {
  type InlineFragmentNode,
  Kind,
  print,
  type SelectionNode,
  type SelectionSetNode,
  type VariableDefinitionNode,
  visit,
} from "graphql";
import type { SupergraphTypes } from "../../execution/layout/supergraph-types";
import type { Fetch } from "../../execution/plan/fetch";
import { rewriteData } from "../../execution/run/rewrite-data";
import type { SubgraphClient } from "../../upstream/upstreams";

/** What the owner of a subscription's field is asked of one type of entity. */
export interface EntityQuestion {
  /** Equal for questions that are the same request, and whose answers are read alike. */
  readonly id: string;
  /** The subgraph that owns the field and resolves the entity by its key. */
  readonly owner: SubgraphClient;
  /** An object type. */
  readonly type: string;
  /** What is asked of the entity; every fragment that is left is within a field. */
  readonly selection: SelectionSetNode;
  /** Variables that the selection uses, under the plan's names. */
  readonly definitions: readonly VariableDefinitionNode[];
  /** Renames in a freshly parsed entity what the plan wants renamed. */
  readonly rewrite: ((entity: unknown) => void) | undefined;
}

/**
 * Turns the first fetch of a subscription's plan, which a subgraph with a socket of its own would stream, into a question for one entity by
 * its key. `orderUpdated { … }` becomes `... on Order { … }` of `_entities`.
 */
export function createEntityQuestion(
  primary: Fetch,
  options: { readonly type: string; readonly types: SupergraphTypes; readonly owner: SubgraphClient },
): EntityQuestion {
  const { type, types, owner } = options;
  const root = rootOf(primary);
  const key = root.alias?.value ?? root.name.value;
  const selection: SelectionSetNode = {
    kind: Kind.SELECTION_SET,
    selections: root.selectionSet ? selectionsFor(root.selectionSet, type, types) : [],
  };
  const asked = selection.selections.length > 0 ? selection : TYPENAME_ONLY;
  const used = new Set<string>();
  visit(asked, { Variable: ({ name }) => void used.add(name.value) });
  const definitions = (primary.operation.variableDefinitions ?? []).filter(({ variable }) =>
    used.has(variable.name.value),
  );
  const { outputRewrites } = primary;
  const rewrites = outputRewrites.map(({ path, ...rest }) => ({ ...rest, path: path.slice(1) }));
  return {
    id: digest([primary.service, type, print(asked), definitions.map(print), rewrites]),
    owner,
    type,
    selection: asked,
    definitions,
    rewrite: outputRewrites.length > 0 ? (entity) => rewriteData({ [key]: entity }, outputRewrites, types) : undefined,
  };
}

/** Whether the entity is there for whoever asks; nothing else of it. */
export function createVisibilityQuestion(service: string, type: string, owner: SubgraphClient): EntityQuestion {
  return {
    id: digest([service, type, "__typename"]),
    owner,
    type,
    selection: TYPENAME_ONLY,
    definitions: [],
    rewrite: undefined,
  };
}

/** The root field of a subscription's first fetch. */
export function rootOf({ operation }: Fetch) {
  const [root] = operation.selectionSet.selections;
  if (root?.kind !== Kind.FIELD) throw new Error("the planner gave a subscription without a root field");
  return root;
}

/** What applies to objects of the type: fragments on it or around it in place, others left out. A question on another type is not valid. */
function selectionsFor(set: SelectionSetNode, type: string, types: SupergraphTypes): readonly SelectionNode[] {
  return set.selections.flatMap((node): readonly SelectionNode[] => {
    if (node.kind !== Kind.INLINE_FRAGMENT || node.directives?.length) return [node];
    return appliesTo(node, type, types) ? selectionsFor(node.selectionSet, type, types) : [];
  });
}

const appliesTo = ({ typeCondition }: InlineFragmentNode, type: string, types: SupergraphTypes): boolean =>
  !typeCondition || types.namesUnder(typeCondition.name.value).has(type);

const TYPENAME_ONLY: SelectionSetNode = {
  kind: Kind.SELECTION_SET,
  selections: [{ kind: Kind.FIELD, name: { kind: Kind.NAME, value: "__typename" } }],
};

export const digest = (parts: readonly unknown[]): string =>
  createHash("sha256").update(JSON.stringify(parts)).digest("base64url");
