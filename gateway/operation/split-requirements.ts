import {
  type DocumentNode,
  type FieldNode,
  getNamedType,
  type GraphQLSchema,
  isAbstractType,
  isCompositeType,
  isObjectType,
  Kind,
  type OperationDefinitionNode,
  parse,
  print,
  type SelectionNode,
  type SelectionSetNode,
} from "graphql";

/** Which fields of a type cannot be computed from one representation, because they require one field with different arguments. */
export interface ConflictingRequirements {
  readonly isEmpty: boolean;
  /** @returns a number for a field that conflicts with others: fields of one type with equal numbers go together */
  groupOf(type: string, field: string): number;
}

/** Reads `@requires` out of a supergraph, where it is an argument of `@join__field`. */
export function readConflictingRequirements(supergraph: DocumentNode): ConflictingRequirements {
  const groups = new Map<string, number>();
  for (const node of supergraph.definitions) {
    if (node.kind !== Kind.OBJECT_TYPE_DEFINITION) continue;
    /** For each group the spelling, arguments included, of each required field by its path. */
    const taken: Map<string, string>[] = [];
    for (const field of node.fields ?? []) {
      const required = (field.directives ?? [])
        .flatMap((directive) => directive.arguments ?? [])
        .flatMap(({ name, value }) => (name.value === "requires" && value.kind === Kind.STRING ? [value.value] : []))
        .flatMap((text) => spellings(parse(`{${text}}`, { noLocation: true })));
      if (required.length === 0) continue;
      const fits = (group: ReadonlyMap<string, string>) =>
        required.every(([path, spelling]) => (group.get(path) ?? spelling) === spelling);
      let index = taken.findIndex(fits);
      if (index < 0) index = taken.push(new Map()) - 1;
      for (const [path, spelling] of required) taken[index]?.set(path, spelling);
      if (index > 0) groups.set(`${node.name.value}.${field.name.value}`, index);
    }
  }
  return { isEmpty: groups.size === 0, groupOf: (type, field) => groups.get(`${type}.${field}`) ?? 0 };
}

function spellings(document: DocumentNode): (readonly [path: string, spelling: string])[] {
  const read = (set: SelectionSetNode, path: string): (readonly [string, string])[] =>
    set.selections.flatMap((node) => {
      if (node.kind === Kind.FRAGMENT_SPREAD) return [];
      if (node.kind === Kind.INLINE_FRAGMENT) return read(node.selectionSet, path);
      const own = `${path}.${node.name.value}`;
      const spelling = (node.arguments ?? []).map(print).sort().join();
      return [[own, spelling] as const, ...(node.selectionSet ? read(node.selectionSet, own) : [])];
    });
  return document.definitions.flatMap((node) =>
    node.kind === Kind.OPERATION_DEFINITION ? read(node.selectionSet, "") : [],
  );
}

/**
 * The planner gives a representation one value under each name, although two fields can require a field with different arguments. Such
 * fields are taken apart into operations of their own, which hold nothing else but the way to them; each is planned by itself and the plans run side by
 * side. A mutation cannot run twice and stays whole.
 *
 * @param operation valid on the schema, without fragment definitions
 * @returns the operation itself when nothing in it conflicts
 */
export function splitRequirements(
  schema: GraphQLSchema,
  operation: OperationDefinitionNode,
  conflicts: ConflictingRequirements,
): readonly OperationDefinitionNode[] {
  const root = schema.getRootType(operation.operation);
  if (conflicts.isEmpty || !root || operation.operation !== "query") return [operation];
  const groups = new Set<number>();

  const groupOf = (parent: string, { name }: FieldNode): number => {
    const type = schema.getType(parent);
    const types = isAbstractType(type) ? schema.getPossibleTypes(type).map((possible) => possible.name) : [parent];
    return Math.max(0, ...types.map((possible) => conflicts.groupOf(possible, name.value)));
  };

  /** @param kept the group whose fields stay; 0 keeps everything that conflicts with nothing */
  const filter = (set: SelectionSetNode, parent: string, kept: number, isKept: boolean): SelectionSetNode => ({
    ...set,
    selections: set.selections.flatMap((node): SelectionNode[] => {
      if (node.kind === Kind.FRAGMENT_SPREAD) return [];
      if (node.kind === Kind.INLINE_FRAGMENT) {
        const selectionSet = filter(node.selectionSet, node.typeCondition?.name.value ?? parent, kept, isKept);
        return selectionSet.selections.length > 0 ? [{ ...node, selectionSet }] : [];
      }
      const group = groupOf(parent, node);
      groups.add(group);
      const isOwn = group === kept && (kept > 0 || group === 0);
      if (group > 0 && !isOwn && !isKept) return [];
      const type = schema.getType(parent);
      const field = isCompositeType(type) && "getFields" in type ? type.getFields()[node.name.value] : undefined;
      const below = field && getNamedType(field.type);
      const inside = isKept || (kept > 0 && isOwn);
      if (!node.selectionSet || !below || !(isObjectType(below) || isAbstractType(below))) {
        return kept === 0 ? (group === 0 ? [node] : []) : inside ? [node] : [];
      }
      const selectionSet = filter(node.selectionSet, below.name, kept, inside);
      if (selectionSet.selections.length > 0) return [{ ...node, selectionSet }];
      return kept === 0 ? [{ ...node, selectionSet: { ...selectionSet, selections: [TYPENAME] } }] : [];
    }),
  });

  const first = filter(operation.selectionSet, root.name, 0, false);
  const others = [...groups].filter((group) => group > 0);
  if (others.length === 0) return [operation];
  return [first, ...others.map((group) => filter(operation.selectionSet, root.name, group, false))].map(
    (selectionSet) => withUsedVariables({ ...operation, selectionSet }),
  );
}

const TYPENAME: FieldNode = { kind: Kind.FIELD, name: { kind: Kind.NAME, value: "__typename" } };

/** Variables that nothing in a part uses would make it invalid. */
function withUsedVariables(operation: OperationDefinitionNode): OperationDefinitionNode {
  const used = new Set(print(operation.selectionSet).match(/\$\w+/g));
  const variableDefinitions = operation.variableDefinitions?.filter(({ variable }) =>
    used.has(`$${variable.name.value}`),
  );
  return { ...operation, ...(variableDefinitions ? { variableDefinitions } : {}) };
}
