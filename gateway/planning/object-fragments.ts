import {
  baseType,
  type CompositeType,
  isCompositeType,
  isInterfaceType,
  isObjectType,
  isUnionType,
  possibleRuntimeTypes,
  type Schema,
  type SchemaRootKind,
} from "@apollo/federation-internals";
import { type DocumentNode, type InlineFragmentNode, Kind, type SelectionNode, type SelectionSetNode } from "graphql";

/** More fragments than these are not made: each level of fields in them multiplies their number by that of the types. */
const MAX_FRAGMENTS = 500;

/**
 * A document that says by object types what it says by unions, and by interfaces next to it, of interfaces that a subgraph holds as objects:
 * `... on Found { x }` of a `Media` becomes `... on Book { x } ... on Film { x }`, which asks for the same. A subgraph that knows `Media` alone has no way to `Found`, for
 * which @apollo/query-planner gives the operation up.
 *
 * @param document valid on the schema; named fragments are left as they are
 * @returns undefined when there is nothing to say so, or too much
 */
export function byObjectTypes(
  document: DocumentNode,
  schema: Schema,
  interfaceObjects: ReadonlySet<string>,
): DocumentNode | undefined {
  let made = 0;
  const within = (set: SelectionSetNode, on: CompositeType, isHeld: boolean): SelectionSetNode => ({
    ...set,
    selections: set.selections.flatMap((node): SelectionNode[] => {
      if (made > MAX_FRAGMENTS || node.kind === Kind.FRAGMENT_SPREAD || !node.selectionSet) return [node];
      if (node.kind === Kind.FIELD) {
        const field = isObjectType(on) || isInterfaceType(on) ? on.field(node.name.value) : undefined;
        const type = field?.type && baseType(field.type);
        if (!type || !isCompositeType(type)) return [node];
        return [{ ...node, selectionSet: within(node.selectionSet, type, interfaceObjects.has(type.name)) }];
      }
      const condition = node.typeCondition ? schema.type(node.typeCondition.name.value) : on;
      if (!condition || !isCompositeType(condition)) return [node];
      const next = isHeld || interfaceObjects.has(condition.name);
      if (isObjectType(on) && includes(condition, on)) {
        return [{ ...node, selectionSet: within(node.selectionSet, on, next) }];
      }
      if (!isHeld || isObjectType(condition) || includes(condition, on)) {
        return [{ ...node, selectionSet: within(node.selectionSet, condition, next) }];
      }
      const common = possibleRuntimeTypes(on).filter((type) => possibleRuntimeTypes(condition).includes(type));
      made += common.length;
      return common.map((type) => onType(node, type.name, within(node.selectionSet, type, next)));
    }),
  });
  const changed = {
    ...document,
    definitions: document.definitions.map((node) => {
      const root =
        node.kind === Kind.OPERATION_DEFINITION
          ? schema.schemaDefinition.rootType(node.operation as SchemaRootKind)
          : undefined;
      if (!root || node.kind !== Kind.OPERATION_DEFINITION) return node;
      return { ...node, selectionSet: within(node.selectionSet, root, false) };
    }),
  };
  return made > 0 && made <= MAX_FRAGMENTS ? changed : undefined;
}

/** Whether everything of a type is declared to be of the other, too, so that there is nothing to find out by asking. */
const includes = (other: CompositeType, type: CompositeType): boolean =>
  other.name === type.name ||
  (isInterfaceType(other) && isInterfaceType(type) && type.implementsInterface(other.name)) ||
  (isObjectType(type) && (isUnionType(other) || isInterfaceType(other)));

const onType = (node: InlineFragmentNode, name: string, selectionSet: SelectionSetNode): InlineFragmentNode => ({
  ...node,
  typeCondition: { kind: Kind.NAMED_TYPE, name: { kind: Kind.NAME, value: name } },
  selectionSet,
});

/** @returns the names of interfaces that a subgraph holds as objects */
export function readInterfaceObjects(supergraph: DocumentNode): ReadonlySet<string> {
  const names = new Set<string>();
  for (const node of supergraph.definitions) {
    if (node.kind !== Kind.INTERFACE_TYPE_DEFINITION) continue;
    const flags = node.directives?.flatMap((directive) => directive.arguments ?? []) ?? [];
    const isHeld = flags.some(
      ({ name, value }) => name.value === "isInterfaceObject" && value.kind === Kind.BOOLEAN && value.value,
    );
    if (isHeld) names.add(node.name.value);
  }
  return names;
}
