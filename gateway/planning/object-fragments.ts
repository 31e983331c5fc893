import {
  type CompositeType,
  isInterfaceType,
  isObjectType,
  isUnionType,
  possibleRuntimeTypes,
  type Schema,
} from "@apollo/federation-internals";
import { type DocumentNode, Kind, type SelectionNode, type SelectionSetNode } from "graphql";
import { conditionOf, objectTypeOf, onType, withSelections } from "./rewrite-document";

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
        const type = objectTypeOf(on, node.name.value);
        if (!type) return [node];
        return [{ ...node, selectionSet: within(node.selectionSet, type, interfaceObjects.has(type.name)) }];
      }
      const condition = conditionOf(node, schema, on);
      if (!condition) return [node];
      const next = isHeld || interfaceObjects.has(condition.name);
      if (isObjectType(on) && includes(condition, on)) {
        return [{ ...node, selectionSet: within(node.selectionSet, on, next) }];
      }
      if (!isHeld || isObjectType(condition) || includes(condition, on)) {
        return [{ ...node, selectionSet: within(node.selectionSet, condition, next) }];
      }
      const common = possibleRuntimeTypes(on).filter((type) => possibleRuntimeTypes(condition).includes(type));
      made += common.length;
      return common.map((type) => ({
        ...node,
        ...onType(type.name, within(node.selectionSet, type, next).selections),
      }));
    }),
  });
  const changed = withSelections(document, schema, (set, root) => within(set, root, false));
  return made > 0 && made <= MAX_FRAGMENTS ? changed : undefined;
}

/** Whether everything of a type is declared to be of the other, too, so that there is nothing to find out by asking. */
const includes = (other: CompositeType, type: CompositeType): boolean =>
  other.name === type.name ||
  (isInterfaceType(other) && isInterfaceType(type) && type.implementsInterface(other.name)) ||
  (isObjectType(type) && (isUnionType(other) || isInterfaceType(other)));

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
