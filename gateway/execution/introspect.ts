import {
  type FieldNode,
  type GraphQLSchema,
  execute,
  type ExecutionResult,
  Kind,
  type OperationDefinitionNode,
  type SelectionNode,
  type SelectionSetNode,
  visit,
} from "graphql";

/** Answers the introspection fields of an operation. @returns the JSON text of each, by response key */
export type Introspect = (variables: Readonly<Record<string, unknown>>) => Readonly<Record<string, string>>;

const NOTHING: Readonly<Record<string, string>> = Object.freeze({});

/**
 * https://spec.graphql.org/October2021/#sec-Introspection. An operation whose introspection depends on no variable is answered once and for all.
 *
 * @param operation without fragment definitions
 * @param responseKey the client's for a key of the operation
 */
export function prepareIntrospection(
  schema: GraphQLSchema,
  operation: OperationDefinitionNode,
  responseKey: (key: string) => string,
): Introspect {
  const selectionSet = onlyIntrospection(operation.selectionSet, responseKey);
  if (selectionSet.selections.length === 0) return () => NOTHING;
  const names = new Set<string>();
  visit(selectionSet, { Variable: ({ name }) => void names.add(name.value) });
  const variableDefinitions = operation.variableDefinitions?.filter(({ variable }) => names.has(variable.name.value));
  const document = {
    kind: Kind.DOCUMENT,
    definitions: [{ ...operation, variableDefinitions: variableDefinitions ?? [], selectionSet }],
  } as const;

  const introspect: Introspect = (variableValues) => {
    const { data } = execute({ schema, document, variableValues: { ...variableValues } }) as ExecutionResult;
    return Object.fromEntries(Object.entries(data ?? {}).map(([key, value]) => [key, JSON.stringify(value)]));
  };
  if (names.size > 0) return introspect;
  let known: Readonly<Record<string, string>> | undefined;
  return () => (known ??= introspect({}));
}

function onlyIntrospection(set: SelectionSetNode, responseKey: (key: string) => string): SelectionSetNode {
  const selections = set.selections.flatMap((node): SelectionNode[] => {
    if (node.kind === Kind.FIELD) return isIntrospection(node) ? [withClientKeysBelow(node, responseKey)] : [];
    if (node.kind !== Kind.INLINE_FRAGMENT) return [];
    const inner = onlyIntrospection(node.selectionSet, responseKey);
    return inner.selections.length > 0 ? [{ ...node, selectionSet: inner }] : [];
  });
  return { ...set, selections };
}

const withClientKeysBelow = (field: FieldNode, responseKey: (key: string) => string): FieldNode =>
  visit(field, {
    Field: (node) =>
      node === field || !node.alias
        ? undefined
        : { ...node, alias: { ...node.alias, value: responseKey(node.alias.value) } },
  });

const isIntrospection = ({ name }: FieldNode) => name.value === "__schema" || name.value === "__type";
