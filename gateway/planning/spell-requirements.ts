import {
  type ConstDirectiveNode,
  type DocumentNode,
  type FieldDefinitionNode,
  type InterfaceTypeDefinitionNode,
  Kind,
  type ObjectTypeDefinitionNode,
  parse,
  print,
  type SelectionSetNode,
  type TypeNode,
} from "graphql";

/** A required field with the arguments that some `@requires` gives it. */
export interface Spelling {
  readonly field: string;
  /** What stands between the parentheses; empty where the field is required without arguments. */
  readonly arguments: string;
}

/** A supergraph to plan on, in which every spelling of a required field with arguments is a field of its own. */
export interface SpelledSupergraph {
  readonly document: DocumentNode;
  /** By the name of the field that stands for it. */
  readonly spellings: ReadonlyMap<string, Spelling>;
}

type Composite = ObjectTypeDefinitionNode | InterfaceTypeDefinitionNode;

/**
 * The planner holds one value for one name of an object: where two fields require `size(unit: CM)` and `size(unit: INCH)`, or the client asks for a third,
 * its plans give the wrong one or none. A field for each spelling, known to the same subgraphs, leaves nothing to
 * mistake; `restoreRequirements` gives the plan the real names back. Clients must not see these fields: plan on this, show the other.
 *
 * @returns undefined when no `@requires` selects a field with arguments
 */
export function spellRequirements(supergraph: DocumentNode): SpelledSupergraph | undefined {
  const types = new Map<string, Composite>();
  const taken = new Set<string>();
  for (const node of supergraph.definitions) {
    if (node.kind !== Kind.OBJECT_TYPE_DEFINITION && node.kind !== Kind.INTERFACE_TYPE_DEFINITION) continue;
    types.set(node.name.value, node);
    for (const { name } of node.fields ?? []) taken.add(name.value);
  }
  const names = new Map<string, string>();
  const spellings = new Map<string, Spelling>();
  /** By type and field: the spellings that something requires. */
  const wanted = new Map<string, Set<string>>();

  const nameOf = (spelling: Spelling): string => {
    const identity = `${spelling.field} ${spelling.arguments}`;
    const known = names.get(identity);
    if (known !== undefined) return known;
    let count = names.size;
    while (taken.has(`required_${spelling.field}_${count}`)) count++;
    const name = `required_${spelling.field}_${count}`;
    taken.add(name);
    names.set(identity, name);
    spellings.set(name, spelling);
    return name;
  };

  const spellSet = (set: SelectionSetNode, on: string): SelectionSetNode => ({
    ...set,
    selections: set.selections.map((node) => {
      if (node.kind === Kind.FRAGMENT_SPREAD) return node;
      if (node.kind === Kind.INLINE_FRAGMENT) {
        return { ...node, selectionSet: spellSet(node.selectionSet, node.typeCondition?.name.value ?? on) };
      }
      const field = types.get(on)?.fields?.find(({ name }) => name.value === node.name.value);
      const below = node.selectionSet && field ? spellSet(node.selectionSet, namedType(field.type)) : node.selectionSet;
      const selectionSet = below ? { selectionSet: below } : {};
      if (!field?.arguments?.length) return { ...node, ...selectionSet };
      const given = (node.arguments ?? []).map(print).sort().join(", ");
      const name = nameOf({ field: node.name.value, arguments: given });
      for (const type of relatives(on, node.name.value, types)) {
        const coordinate = `${type}.${node.name.value}`;
        wanted.set(coordinate, (wanted.get(coordinate) ?? new Set()).add(name));
      }
      return { ...node, ...selectionSet, name: { kind: Kind.NAME, value: name }, arguments: [] };
    }),
  });

  const spellField = (field: FieldDefinitionNode, on: string): FieldDefinitionNode => {
    const directives = (field.directives ?? []).map((directive): ConstDirectiveNode => {
      const given = directive.arguments?.map((argument) =>
        directive.name.value === "join__field" &&
        argument.name.value === "requires" &&
        argument.value.kind === Kind.STRING
          ? {
              ...argument,
              value: { ...argument.value, value: fieldSetText(spellSet(readFieldSet(argument.value.value), on)) },
            }
          : argument,
      );
      return given ? { ...directive, arguments: given } : directive;
    });
    return { ...field, directives };
  };

  const definitions = supergraph.definitions.map((node) =>
    isComposite(node) && node.fields
      ? { ...node, fields: node.fields.map((field) => spellField(field, node.name.value)) }
      : node,
  );
  if (spellings.size === 0) return undefined;

  const copies = (field: FieldDefinitionNode, on: string): FieldDefinitionNode[] =>
    [...(wanted.get(`${on}.${field.name.value}`) ?? [])].map((name) => ({
      kind: Kind.FIELD_DEFINITION,
      name: { kind: Kind.NAME, value: name },
      type: field.type,
      directives: (field.directives ?? []).filter((directive) => directive.name.value === "join__field"),
    }));

  return {
    spellings,
    document: {
      ...supergraph,
      definitions: definitions.map((node) =>
        isComposite(node) && node.fields
          ? { ...node, fields: node.fields.flatMap((field) => [field, ...copies(field, node.name.value)]) }
          : node,
      ),
    },
  };
}

/** A type with all that have the field because of each other: an interface's field is a field of all that implement it. */
function relatives(on: string, field: string, types: ReadonlyMap<string, Composite>): ReadonlySet<string> {
  const found = new Set([on]);
  const hasField = (name: string) => types.get(name)?.fields?.some((one) => one.name.value === field) ?? false;
  for (const name of found) {
    const above = (types.get(name)?.interfaces ?? []).map((one) => one.name.value);
    const below = [...types.values()].filter(({ interfaces }) => interfaces?.some((one) => one.name.value === name));
    for (const next of [...above, ...below.map((one) => one.name.value)]) if (hasField(next)) found.add(next);
  }
  return found;
}

const isComposite = (node: { readonly kind: Kind }): node is Composite =>
  node.kind === Kind.OBJECT_TYPE_DEFINITION || node.kind === Kind.INTERFACE_TYPE_DEFINITION;

const namedType = (type: TypeNode): string => (type.kind === Kind.NAMED_TYPE ? type.name.value : namedType(type.type));

/** As directives write selections, without the outer braces. https://specs.apollo.dev/join/v0.5/#FieldSet */
export function readFieldSet(text: string): SelectionSetNode {
  const [operation] = parse(`{ ${text} }`, { noLocation: true }).definitions;
  if (operation?.kind !== Kind.OPERATION_DEFINITION) throw new Error(`"${text}" is no field set`);
  return operation.selectionSet;
}

const fieldSetText = (set: SelectionSetNode): string =>
  print(set)
    .replace(/^\{|\}$/g, "")
    .replace(/\s+/g, " ")
    .trim();
