import { type DocumentNode, type FieldNode, getOperationAST, Kind, type SelectionSetNode } from "graphql";
import { ClientError } from "../../../kit/errors";

/**
 * The one field that a subscription selects, wherever its fragments have it.
 * @throws ClientError when it is conditional: https://spec.graphql.org/September2025/#sec-Single-Root-Field
 */
export function subscriptionRoot(document: DocumentNode, operationName: string | undefined): FieldNode {
  const fragments = new Map(
    document.definitions.flatMap((node) =>
      node.kind === Kind.FRAGMENT_DEFINITION ? [[node.name.value, node] as const] : [],
    ),
  );
  const fieldsOf = ({ selections }: SelectionSetNode): readonly FieldNode[] =>
    selections.flatMap((node) => {
      if (node.directives?.some(({ name }) => name.value === "skip" || name.value === "include")) {
        throw new ClientError(
          "GRAPHQL_VALIDATION_FAILED",
          "The root field of a subscription can be under neither @skip nor @include.",
        );
      }
      if (node.kind === Kind.FIELD) return node;
      const set = (node.kind === Kind.INLINE_FRAGMENT ? node : fragments.get(node.name.value))?.selectionSet;
      return set ? fieldsOf(set) : [];
    });
  const operation = getOperationAST(document, operationName);
  const [field] = operation ? fieldsOf(operation.selectionSet) : [];
  if (!field) throw new Error("the document has no such operation");
  return field;
}
