import {
  type DocumentNode,
  type FragmentDefinitionNode,
  Kind,
  type OperationDefinitionNode,
  type SelectionSetNode,
} from "graphql";

export interface OperationSize {
  /** Fields and fragments, each fragment counted wherever it is spread. */
  readonly selections: number;
  readonly hasDefer: boolean;
  /** Different variables in `@defer(if:)`. */
  readonly deferConditions: number;
}

/** Counts in time linear to the document, however often its fragments are spread. The document is valid: no fragment contains itself. */
export function measureOperation(document: DocumentNode, operationName: string | undefined): OperationSize {
  const fragments = new Map<string, FragmentDefinitionNode>();
  let operation: OperationDefinitionNode | undefined;
  for (const definition of document.definitions) {
    if (definition.kind === Kind.FRAGMENT_DEFINITION) fragments.set(definition.name.value, definition);
    else if (definition.kind === Kind.OPERATION_DEFINITION) {
      if (operationName === undefined || definition.name?.value === operationName) operation ??= definition;
    }
  }
  let hasDefer = false;
  const variables = new Set<string>();
  const counted = new Map<string, number>();
  const countFragment = (name: string): number => {
    const known = counted.get(name);
    if (known !== undefined) return known;
    const fragment = fragments.get(name);
    const size = fragment ? count(fragment.selectionSet) : 0;
    counted.set(name, size);
    return size;
  };
  const count = ({ selections }: SelectionSetNode): number => {
    let size = selections.length;
    for (const selection of selections) {
      const defer = selection.directives?.find(({ name }) => name.value === "defer");
      hasDefer ||= defer !== undefined;
      const condition = defer?.arguments?.find(({ name }) => name.value === "if")?.value;
      if (condition?.kind === Kind.VARIABLE) variables.add(condition.name.value);
      if (selection.kind === Kind.FRAGMENT_SPREAD) size += countFragment(selection.name.value);
      else if (selection.selectionSet) size += count(selection.selectionSet);
    }
    return size;
  };
  const selections = operation ? count(operation.selectionSet) : 0;
  return { selections, hasDefer, deferConditions: variables.size };
}
