import {
  type DirectiveNode,
  type DocumentNode,
  type FieldNode,
  type FragmentDefinitionNode,
  getNamedType,
  getOperationAST,
  type GraphQLCompositeType,
  type GraphQLObjectType,
  type GraphQLOutputType,
  type GraphQLSchema,
  isAbstractType,
  isCompositeType,
  isObjectType,
  isUnionType,
  Kind,
  type OperationDefinitionNode,
  type SelectionSetNode,
} from "graphql";
import { ClientError } from "../../../kit/errors";
import type { AccessRules } from "../rules/access-rules";
import type { Rule } from "../rules/rule";

/** A field as one place of the document selects it, with everything a caller must be granted to select it there. */
export interface FieldSelection {
  readonly kind: "field";
  readonly node: FieldNode;
  /** The key in the response: alias or name. */
  readonly key: string;
  /** Response keys from the root; list positions are not part of it. */
  readonly path: readonly string[];
  readonly conditions: readonly DirectiveNode[];
  /** Undefined for `__typename`, `__schema` and `__type`, whose values pass as they are. */
  readonly type: GraphQLOutputType | undefined;
  readonly requires: readonly Rule[];
  /** For a field that gives an interface or union: what each object type behind it demands; empty when none demands anything. */
  readonly behind: ReadonlyMap<string, readonly Rule[]>;
  readonly selections: readonly Selection[];
}

export interface FragmentSelection {
  readonly kind: "fragment";
  readonly conditions: readonly DirectiveNode[];
  /** The name in the type condition; undefined when the fragment has none. */
  readonly on: string | undefined;
  readonly isAbstract: boolean;
  readonly appliesTo: ReadonlySet<string>;
  readonly selections: readonly Selection[];
}

export type Selection = FieldSelection | FragmentSelection;

/** An operation with fragments put in place and each selection annotated with the rules that guard it. */
export interface GuardedOperation {
  readonly operation: OperationDefinitionNode;
  readonly root: GraphQLObjectType;
  readonly selections: readonly Selection[];
  /** Every rule met, once. Empty: nothing is demanded of anybody. */
  readonly rules: readonly Rule[];
  /** A response key the document does not use; the pruned operation asks for type names under it. */
  readonly typenameKey: string;
}

/** Operation limits keep honest documents far below this; it stops the annotation of a document that came around them. */
const MAX_SELECTIONS = 100_000;

/**
 * Walks every path to every field of a valid operation. The scope of a selection is the set of object types its parent can be at run
 * time: fragments narrow it, and a field demands what each type in scope demands, so that no interface, union or chain of fragments
 * leads around a rule of an implementation (GHSA-x33c-7c2v-mrj9).
 *
 * @returns undefined when the document does not hold the operation
 */
export function guardOperation(
  schema: GraphQLSchema,
  rules: AccessRules,
  document: DocumentNode,
  operationName: string | undefined,
): GuardedOperation | undefined {
  const operation = getOperationAST(document, operationName);
  const root = operation && schema.getRootType(operation.operation);
  if (!root) return undefined;

  const fragments = new Map<string, FragmentDefinitionNode>();
  for (const node of document.definitions) {
    if (node.kind === Kind.FRAGMENT_DEFINITION) fragments.set(node.name.value, node);
  }
  const met = new Map<string, Rule>();
  const keys = new Set<string>();
  let count = 0;

  type Scope = readonly GraphQLObjectType[];
  const possibleTypes = (type: GraphQLCompositeType): Scope =>
    isAbstractType(type) ? schema.getPossibleTypes(type) : [type];

  const collect = (sets: readonly (readonly Rule[])[]): readonly Rule[] => {
    // Equal rules of different fields become one object: whether it is granted is asked once, by identity.
    const own = new Map<string, Rule>();
    for (const rule of sets.flat()) {
      const known = met.get(rule.key) ?? rule;
      met.set(rule.key, known);
      own.set(rule.key, known);
    }
    return [...own.values()];
  };

  const field = (
    node: FieldNode,
    parent: GraphQLCompositeType,
    scope: Scope,
    path: readonly string[],
  ): FieldSelection => {
    const name = node.name.value;
    const key = node.alias?.value ?? name;
    keys.add(key);
    const base = { kind: "field", node, key, path: [...path, key], conditions: conditionsOf(node.directives) } as const;
    const isMeta =
      name === "__typename" || (parent === schema.getQueryType() && (name === "__schema" || name === "__type"));
    if (isMeta) return { ...base, type: undefined, requires: [], behind: new Map(), selections: [] };
    const definition = isUnionType(parent) ? undefined : parent.getFields()[name];
    if (!definition) throw new Error(`the operation selects ${parent.name}.${name}, which the schema does not have`);

    const named = getNamedType(definition.type);
    const behind = new Map<string, readonly Rule[]>();
    if (isAbstractType(named)) {
      for (const type of possibleTypes(named)) behind.set(type.name, collect([rules.ofType(type.name)]));
    }
    const guardsBehind = [...behind.values()].some((demanded) => demanded.length > 0);
    return {
      ...base,
      type: definition.type,
      requires: collect([
        ...scope.flatMap((type) => [rules.ofType(type.name), rules.ofField(type.name, name)]),
        rules.ofType(named.name),
      ]),
      behind: guardsBehind ? behind : new Map(),
      selections:
        node.selectionSet && isCompositeType(named)
          ? selections(node.selectionSet, named, possibleTypes(named), base.path, [])
          : [],
    };
  };

  const selections = (
    set: SelectionSetNode,
    parent: GraphQLCompositeType,
    scope: Scope,
    path: readonly string[],
    inside: readonly string[],
  ): readonly Selection[] =>
    set.selections.flatMap((node): Selection[] => {
      if (++count > MAX_SELECTIONS) throw new ClientError("OPERATION_LIMIT_EXCEEDED", "The operation is too large.");
      if (node.kind === Kind.FIELD) return [field(node, parent, scope, path)];
      const isSpread = node.kind === Kind.FRAGMENT_SPREAD;
      const name = isSpread ? node.name.value : undefined;
      if (name !== undefined && inside.includes(name)) throw new Error(`the fragment "${name}" contains itself`);
      const fragment = isSpread ? fragments.get(node.name.value) : node;
      if (!fragment) throw new Error(`the fragment "${name}" is not defined`);
      const on = fragment.typeCondition?.name.value;
      const type = on === undefined ? parent : schema.getType(on);
      if (!isCompositeType(type)) throw new Error(`the fragment is on "${on}", which has no fields`);
      const allowed = new Set(possibleTypes(type));
      const narrowed = scope.filter((candidate) => allowed.has(candidate));
      // Nothing in scope can be of this type: the fragment never applies, and what it selects is never answered.
      if (narrowed.length === 0) return [];
      return [
        {
          kind: "fragment",
          conditions: conditionsOf(node.directives),
          on,
          isAbstract: !isObjectType(type),
          appliesTo: new Set(narrowed.map((candidate) => candidate.name)),
          selections: selections(
            fragment.selectionSet,
            type,
            narrowed,
            path,
            name === undefined ? inside : [...inside, name],
          ),
        },
      ];
    });

  const annotated = selections(operation.selectionSet, root, [root], [], []);
  return { operation, root, selections: annotated, rules: [...met.values()], typenameKey: unusedKey(keys) };
}

const conditionsOf = (directives: readonly DirectiveNode[] | undefined) =>
  (directives ?? []).filter(({ name }) => name.value === "skip" || name.value === "include");

function unusedKey(keys: ReadonlySet<string>): string {
  let key = "typeName";
  for (let i = 0; keys.has(key); i++) key = `typeName${i}`;
  return key;
}
