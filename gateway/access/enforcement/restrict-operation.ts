import {
  type DocumentNode,
  type FieldNode,
  getNamedType,
  isAbstractType,
  Kind,
  type OperationDefinitionNode,
  type SelectionNode,
  visit,
} from "graphql";
import type { Rule } from "../rules/rule";
import type { FieldSelection, GuardedOperation, Selection } from "./guarded-operation";

/** A guarded operation as one kind of caller may run it. */
export interface RestrictedOperation {
  readonly guarded: GuardedOperation;
  /** Selections that are not run for this caller. */
  readonly refused: ReadonlySet<FieldSelection>;
  /** Object types behind interfaces and unions of which this caller is shown no object. */
  readonly hiddenTypes: ReadonlySet<string>;
  /** What is left to run, fragments in place; undefined when no field is left. */
  readonly document: DocumentNode | undefined;
}

/**
 * Removes what the caller may not select. A selection set that becomes empty asks for the type name instead, so that the operation
 * stays valid and nulls and list lengths stay known; variables that nothing uses any more go.
 *
 * @param isGranted answers for each rule in `guarded.rules`
 * @returns undefined when the caller may run the whole operation and be shown every object
 */
export function restrictOperation(
  guarded: GuardedOperation,
  isGranted: (rule: Rule) => boolean,
): RestrictedOperation | undefined {
  const refused = new Set<FieldSelection>();
  const hiddenTypes = new Set<string>();
  let kept = 0;

  const isRefused = (field: FieldSelection): boolean => {
    for (const [type, rules] of field.behind) if (!rules.every(isGranted)) hiddenTypes.add(type);
    if (!field.requires.every(isGranted)) return true;
    return field.behind.size > 0 && [...field.behind.keys()].every((type) => hiddenTypes.has(type));
  };

  const keepField = (field: FieldSelection): FieldNode[] => {
    if (isRefused(field)) {
      refused.add(field);
      return [];
    }
    kept++;
    if (!field.type || !field.node.selectionSet) return [field.node];
    const children = keep(field.selections);
    const needsTypename = children.length === 0 || isAbstractType(getNamedType(field.type));
    const selections = needsTypename ? [typename(guarded.typenameKey), ...children] : children;
    return [{ ...field.node, selectionSet: { kind: Kind.SELECTION_SET, selections } }];
  };

  const keep = (selections: readonly Selection[]): SelectionNode[] =>
    selections.flatMap((selection): SelectionNode[] => {
      if (selection.kind === "field") return keepField(selection);
      const children = keep(selection.selections);
      if (children.length === 0) return [];
      return [
        {
          kind: Kind.INLINE_FRAGMENT,
          ...(selection.on === undefined
            ? {}
            : { typeCondition: { kind: Kind.NAMED_TYPE, name: { kind: Kind.NAME, value: selection.on } } }),
          directives: selection.conditions,
          selectionSet: { kind: Kind.SELECTION_SET, selections: children },
        },
      ];
    });

  const selections = keep(guarded.selections);
  if (refused.size === 0 && hiddenTypes.size === 0) return undefined;
  return {
    guarded,
    refused,
    hiddenTypes,
    document: kept === 0 ? undefined : documentOf(guarded.operation, selections),
  };
}

const typename = (key: string): FieldNode => ({
  kind: Kind.FIELD,
  alias: { kind: Kind.NAME, value: key },
  name: { kind: Kind.NAME, value: "__typename" },
});

function documentOf(operation: OperationDefinitionNode, selections: readonly SelectionNode[]): DocumentNode {
  const selectionSet = { kind: Kind.SELECTION_SET, selections } as const;
  const used = new Set<string>();
  visit(
    { ...operation, variableDefinitions: [], selectionSet },
    { Variable: (node) => void used.add(node.name.value) },
  );
  const variableDefinitions = operation.variableDefinitions?.filter((node) => used.has(node.variable.name.value)) ?? [];
  return { kind: Kind.DOCUMENT, definitions: [{ ...operation, variableDefinitions, selectionSet }] };
}
