import { type CompositeType, possibleRuntimeTypes, type Schema } from "@apollo/federation-internals";
import { type DocumentNode, Kind, type SelectionNode, type SelectionSetNode } from "graphql";
import { conditionOf, objectTypeOf, withSelections } from "./rewrite-document";

/** The names of all object types that an object can have at a place. */
type Possible = ReadonlySet<string>;

/**
 * A document without the fragments that are for no object, however many type conditions it takes to see that. Such documents are valid, and
 * @apollo/query-planner cannot plan all of them: `... on Labelled { ... on Thing { ... on Labelled { ... on Book` below a union without books.
 *
 * @param document valid on the schema; named fragments are left as they are
 */
export function withoutImpossible(document: DocumentNode, schema: Schema): DocumentNode {
  const within = (set: SelectionSetNode, on: CompositeType, possible: Possible): SelectionSetNode => ({
    ...set,
    selections: set.selections.flatMap((node): SelectionNode[] => {
      if (node.kind === Kind.FRAGMENT_SPREAD || !node.selectionSet) return [node];
      if (node.kind === Kind.FIELD) {
        const type = objectTypeOf(on, node.name.value);
        if (!type) return [node];
        const selectionSet = within(node.selectionSet, type, typesOf(type));
        return [{ ...node, selectionSet: selectionSet.selections.length > 0 ? selectionSet : TYPE_NAME }];
      }
      const condition = conditionOf(node, schema, on);
      if (!condition) return [node];
      const left = new Set([...typesOf(condition)].filter((name) => possible.has(name)));
      const selectionSet = within(node.selectionSet, condition, left);
      return left.size > 0 && selectionSet.selections.length > 0 ? [{ ...node, selectionSet }] : [];
    }),
  });
  return withSelections(document, schema, (set, root) => {
    const selectionSet = within(set, root, typesOf(root));
    return selectionSet.selections.length > 0 ? selectionSet : TYPE_NAME;
  });
}

/** What is asked of an object of which nothing else is left to ask. */
const TYPE_NAME: SelectionSetNode = {
  kind: Kind.SELECTION_SET,
  selections: [{ kind: Kind.FIELD, name: { kind: Kind.NAME, value: "__typename" } }],
};

const typesOf = (type: CompositeType): Possible => new Set(possibleRuntimeTypes(type).map(({ name }) => name));
