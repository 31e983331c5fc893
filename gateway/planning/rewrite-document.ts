import {
  baseType,
  type CompositeType,
  isCompositeType,
  isInterfaceType,
  isObjectType,
  type ObjectType,
  type Schema,
  type SchemaRootKind,
} from "@apollo/federation-internals";
import {
  type ASTNode,
  BREAK,
  type DirectiveNode,
  type DocumentNode,
  type InlineFragmentNode,
  Kind,
  type SelectionNode,
  type SelectionSetNode,
  visit,
} from "graphql";

/** A document whose operations select what they are changed to. */
export const withSelections = (
  document: DocumentNode,
  schema: Schema,
  change: (set: SelectionSetNode, root: ObjectType) => SelectionSetNode,
): DocumentNode => ({
  ...document,
  definitions: document.definitions.map((node) => {
    if (node.kind !== Kind.OPERATION_DEFINITION) return node;
    const root = schema.schemaDefinition.rootType(node.operation as SchemaRootKind);
    return root ? { ...node, selectionSet: change(node.selectionSet, root) } : node;
  }),
});

/** @returns undefined for a leaf, and for what the type does not have */
export function objectTypeOf(on: CompositeType, field: string): CompositeType | undefined {
  const { type } = (isObjectType(on) || isInterfaceType(on) ? on.field(field) : undefined) ?? {};
  const named = type && baseType(type);
  return named && isCompositeType(named) ? named : undefined;
}

/** @param within the type that stands there without a fragment, or with one that names no type */
export function conditionOf(
  { typeCondition }: InlineFragmentNode,
  schema: Schema,
  within: CompositeType,
): CompositeType | undefined {
  const type = typeCondition ? schema.type(typeCondition.name.value) : within;
  return type && isCompositeType(type) ? type : undefined;
}

export const onType = (name: string, selections: readonly SelectionNode[]): InlineFragmentNode => ({
  kind: Kind.INLINE_FRAGMENT,
  typeCondition: { kind: Kind.NAMED_TYPE, name: { kind: Kind.NAME, value: name } },
  selectionSet: { kind: Kind.SELECTION_SET, selections },
});

/** Whoever asks for parts may be given the whole. */
export const withoutDefer = (document: DocumentNode): DocumentNode =>
  visit(document, { Directive: (node) => (isDefer(node) ? null : undefined) });

/** Whether anything in it is put off. What is said twice cannot be: a part has one label. */
export function hasDefer(node: ASTNode): boolean {
  let isFound = false;
  visit(node, { Directive: (one) => (isDefer(one) ? ((isFound = true), BREAK) : undefined) });
  return isFound;
}

const isDefer = ({ name }: DirectiveNode): boolean => name.value === "defer";
