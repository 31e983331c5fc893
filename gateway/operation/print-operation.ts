import { type ASTNode, Kind, type OperationDefinitionNode, print, type SelectionSetNode } from "graphql";

/** An operation's text without layout. Several times as fast as `print` of graphql-js, which visits every name. */
export function printOperation({
  operation,
  name,
  variableDefinitions,
  directives,
  selectionSet,
}: OperationDefinitionNode): string {
  const variables = variableDefinitions?.length ? `(${printAll(variableDefinitions)})` : "";
  return `${operation} ${name?.value ?? ""}${variables}${printAll(directives)}${printSet(selectionSet)}`;
}

function printSet({ selections }: SelectionSetNode): string {
  let text = "{";
  for (const node of selections) {
    if (node.kind === Kind.FIELD) {
      if (text !== "{") text += " ";
      text += node.alias ? `${node.alias.value}:${node.name.value}` : node.name.value;
      if (node.arguments?.length) text += `(${printAll(node.arguments)})`;
    } else if (node.kind === Kind.FRAGMENT_SPREAD) {
      text += `...${node.name.value}`;
    } else {
      text += node.typeCondition ? `...on ${node.typeCondition.name.value}` : "...";
    }
    text += printAll(node.directives);
    if ("selectionSet" in node && node.selectionSet) text += printSet(node.selectionSet);
  }
  return `${text}}`;
}

const printAll = (nodes: readonly ASTNode[] | undefined): string =>
  nodes === undefined || nodes.length === 0 ? "" : nodes.map(print).join(" ");
