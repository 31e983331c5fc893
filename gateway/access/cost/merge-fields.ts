import {
  type DocumentNode,
  type FieldNode,
  type FragmentDefinitionNode,
  getOperationAST,
  type GraphQLCompositeType,
  type GraphQLField,
  type GraphQLObjectType,
  type GraphQLSchema,
  isAbstractType,
  isCompositeType,
  isUnionType,
  Kind,
  type OperationDefinitionNode,
  type SelectionSetNode,
  valueFromASTUntyped,
} from "graphql";
import { type Conditions, decideDirectives } from "../../operation/conditions";
import type { CostFormula } from "./cost-formula";

/** A field as one selection set answers it, however often and in whichever fragments it is written. */
export interface MergedField {
  /** In the answer. */
  readonly key: string;
  readonly name: string;
  /** The object types that it is selected for. */
  readonly scope: readonly GraphQLObjectType[];
  readonly nodes: [FieldNode, ...FieldNode[]];
  /** Undefined for what the gateway answers itself: questions about the schema. */
  readonly definition: GraphQLField<unknown, unknown> | undefined;
  /** Where the schema may say something about the field. */
  readonly coordinates: readonly string[];
}

/** One operation of a document, without what its conditions exclude. */
export interface CostedSelections {
  readonly operation: OperationDefinitionNode;
  readonly root: GraphQLObjectType;
  possibleTypes(type: GraphQLCompositeType): readonly GraphQLObjectType[];
  /** Fields of several sets that are answered by one object of the type. A field that is selected for other types too is another one. */
  fieldsOf(sets: readonly SelectionSetNode[], type: GraphQLCompositeType): readonly MergedField[];
}

/** @throws Error when the document does not fit the schema */
export function selectCosted(
  schema: GraphQLSchema,
  document: DocumentNode,
  operationName: string | undefined,
  conditions: Conditions,
): CostedSelections {
  const operation = getOperationAST(document, operationName);
  const root = operation && schema.getRootType(operation.operation);
  if (!root) throw new Error("the document does not hold the operation");
  const fragments = new Map<string, FragmentDefinitionNode>();
  for (const node of document.definitions) {
    if (node.kind === Kind.FRAGMENT_DEFINITION) fragments.set(node.name.value, node);
  }

  const possibleTypes = (type: GraphQLCompositeType): readonly GraphQLObjectType[] =>
    isAbstractType(type) ? schema.getPossibleTypes(type) : [type];

  const merge = (
    set: SelectionSetNode,
    parent: GraphQLCompositeType,
    scope: readonly GraphQLObjectType[],
    merged: Map<string, MergedField>,
  ): void => {
    for (const node of set.selections) {
      if (!decideDirectives(node.directives, conditions)) continue;
      if (node.kind === Kind.FIELD) {
        const key = [node.alias?.value ?? node.name.value, ...scope.map(({ name }) => name)].join(" ");
        const field = merged.get(key);
        if (field) field.nodes.push(node);
        else merged.set(key, asMerged(node, parent, scope));
        continue;
      }
      const fragment = node.kind === Kind.FRAGMENT_SPREAD ? fragments.get(node.name.value) : node;
      const on = fragment?.typeCondition?.name.value;
      const type = on === undefined ? parent : schema.getType(on);
      if (!fragment || !isCompositeType(type)) throw new Error("the fragment is not defined, or not on a type");
      const possible = possibleTypes(type);
      const narrowed = scope.filter((candidate) => possible.includes(candidate));
      if (narrowed.length > 0) merge(fragment.selectionSet, type, narrowed, merged);
    }
  };

  return {
    operation,
    root,
    possibleTypes,
    fieldsOf: (sets, type) => {
      const merged = new Map<string, MergedField>();
      for (const set of sets) merge(set, type, possibleTypes(type), merged);
      return [...merged.values()];
    },
  };
}

function asMerged(node: FieldNode, parent: GraphQLCompositeType, scope: readonly GraphQLObjectType[]): MergedField {
  const name = node.name.value;
  const field = { key: node.alias?.value ?? name, name, scope, nodes: [node] as [FieldNode] };
  if (name.startsWith("__")) return { ...field, definition: undefined, coordinates: [] };
  const definition = isUnionType(parent) ? undefined : parent.getFields()[name];
  if (!definition) throw new Error(`the operation selects ${parent.name}.${name}, which the schema does not have`);
  const coordinates = [...new Set([parent, ...scope])].map((type) => `${type.name}.${name}`);
  return { ...field, definition, coordinates };
}

/** Defaults of an operation's variables take part where the caller gives no value. */
export function withDefaults(operation: OperationDefinitionNode, formula: CostFormula): CostFormula {
  if (typeof formula === "number") return formula;
  const defaults: Record<string, unknown> = Object.create(null) as Record<string, unknown>;
  for (const { variable, defaultValue } of operation.variableDefinitions ?? []) {
    if (defaultValue) defaults[variable.name.value] = valueFromASTUntyped(defaultValue);
  }
  return (variables) => formula({ ...defaults, ...variables });
}
