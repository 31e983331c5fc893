import {
  type CompositeType,
  isObjectType,
  type ObjectType,
  possibleRuntimeTypes,
  type Schema,
} from "@apollo/federation-internals";
import {
  type DirectiveNode,
  type DocumentNode,
  type FieldNode,
  Kind,
  type SelectionNode,
  type SelectionSetNode,
} from "graphql";
import { PlanLimitError } from "./planner";
import { conditionOf, hasDefer, objectTypeOf, onType, withoutDefer, withSelections } from "./rewrite-document";

/** Of a supergraph, by the names of contexts. */
interface Contexts {
  /** By the name of a field: what its arguments come from. */
  readonly takenBy: ReadonlyMap<string, ReadonlySet<string>>;
  /** The names of all types that set it, be it through an interface or a union. */
  readonly setBy: ReadonlyMap<string, ReadonlySet<string>>;
}

/** Every field that is split is planned for each of its types, and the fields below it again. */
const MAX_SPLITS = 200;

/**
 * An argument that clients do not see comes from the nearest object above that sets the context. The planner looks for it by the types that the
 * operation names: a book below `media` would be told by the shelf that the media stands in, although the media is a film, and
 * films set the context themselves. So a field of an interface is asked of each object type by itself, where something below it takes an argument from
 * a context that only some of them set.
 *
 * @returns undefined for a supergraph without contexts
 */
export function createContextSplitter(
  supergraph: DocumentNode,
  schema: Schema,
): ((document: DocumentNode) => DocumentNode) | undefined {
  const contexts = readContexts(supergraph);
  if (contexts.takenBy.size === 0) return undefined;
  return (document) => split(document, schema, contexts);
}

/** @returns the very document when nothing in it is split, and without `@defer` when something deferred would be there twice */
function split(document: DocumentNode, schema: Schema, { takenBy, setBy }: Contexts): DocumentNode {
  let splits = 0;
  let isDeferredTwice = false;
  const isSetBy = (type: CompositeType, context: string) => setBy.get(context)?.has(type.name) ?? false;

  /** @param missing takes the contexts that must be set further up */
  const splitSet = (
    set: SelectionSetNode,
    on: CompositeType,
    possible: readonly ObjectType[],
    missing: Set<string>,
  ): SelectionSetNode => ({
    ...set,
    selections: set.selections.flatMap((node) => splitNode(node, on, possible, missing)),
  });

  const splitNode = (
    node: SelectionNode,
    on: CompositeType,
    possible: readonly ObjectType[],
    missing: Set<string>,
  ): readonly SelectionNode[] => {
    if (node.kind === Kind.FIELD) return splitField(node, on, possible, missing);
    if (node.kind === Kind.FRAGMENT_SPREAD) return [node];
    const condition = conditionOf(node, schema, on);
    if (!condition) return [node];
    const left = possibleRuntimeTypes(condition).filter((type) => possible.includes(type));
    return [{ ...node, selectionSet: splitSet(node.selectionSet, condition, left, missing) }];
  };

  const splitField = (
    node: FieldNode,
    on: CompositeType,
    possible: readonly ObjectType[],
    missing: Set<string>,
  ): readonly SelectionNode[] => {
    for (const context of takenBy.get(node.name.value) ?? []) missing.add(context);
    const type = objectTypeOf(on, node.name.value);
    if (!node.selectionSet || !type) return [node];
    const below = new Set<string>();
    const selectionSet = splitSet(node.selectionSet, type, possibleRuntimeTypes(type), below);
    const open = [...below].filter((context) => !isSetBy(on, context));
    if (isObjectType(on) || !open.some((context) => possible.some((one) => isSetBy(one, context)))) {
      for (const context of open) missing.add(context);
      return [{ ...node, selectionSet }];
    }
    splits += possible.length;
    if (splits > MAX_SPLITS) throw new PlanLimitError("types that may set a context", MAX_SPLITS);
    isDeferredTwice ||= hasDefer(node);
    // An object type's field can be of fewer types than the interface's.
    return possible.map((one) => onType(one.name, splitField(node, one, [one], missing)));
  };

  const changed = withSelections(document, schema, (set, root) => splitSet(set, root, [root], new Set()));
  if (splits === 0) return document;
  return isDeferredTwice ? withoutDefer(changed) : changed;
}

function readContexts(supergraph: DocumentNode): Contexts {
  const takenBy = new Map<string, Set<string>>();
  const setBy = new Map<string, Set<string>>();
  const types = supergraph.definitions.filter(
    (node) =>
      node.kind === Kind.OBJECT_TYPE_DEFINITION ||
      node.kind === Kind.INTERFACE_TYPE_DEFINITION ||
      node.kind === Kind.UNION_TYPE_DEFINITION,
  );
  for (const type of types) {
    for (const context of stringsIn(type.directives, "context", "name")) {
      const also = types.flatMap((other) =>
        other.kind !== Kind.UNION_TYPE_DEFINITION &&
        other.interfaces?.some(({ name }) => name.value === type.name.value)
          ? [other.name.value]
          : [],
      );
      const members = type.kind === Kind.UNION_TYPE_DEFINITION ? (type.types ?? []) : [];
      const names = [type.name.value, ...also, ...members.map(({ name }) => name.value)];
      setBy.set(context, new Set([...(setBy.get(context) ?? []), ...names]));
    }
    if (type.kind === Kind.UNION_TYPE_DEFINITION) continue;
    for (const { name, directives } of type.fields ?? []) {
      for (const context of stringsIn(directives, "join__field", "contextArguments", "context")) {
        takenBy.set(name.value, (takenBy.get(name.value) ?? new Set()).add(context));
      }
    }
  }
  return { takenBy, setBy };
}

/** The strings that are given as an argument, or as a member of the objects in the list that is given. */
function stringsIn(
  directives: readonly DirectiveNode[] | undefined,
  directive: string,
  argument: string,
  member?: string,
): readonly string[] {
  return (directives ?? [])
    .filter(({ name }) => name.value === directive)
    .flatMap((one) => one.arguments?.filter(({ name }) => name.value === argument) ?? [])
    .flatMap(({ value }) => {
      if (value.kind === Kind.STRING) return [value.value];
      if (value.kind !== Kind.LIST) return [];
      return value.values.flatMap((item) =>
        item.kind === Kind.OBJECT
          ? item.fields.flatMap((field) =>
              field.name.value === member && field.value.kind === Kind.STRING ? [field.value.value] : [],
            )
          : [],
      );
    });
}
