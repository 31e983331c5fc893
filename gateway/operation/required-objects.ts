import {
  type ASTNode,
  type DocumentNode,
  type FragmentDefinitionNode,
  Kind,
  parse,
  type SelectionSetNode,
  visit,
} from "graphql";

/** Under which fetches ask for required fields with arguments: see `spellRequirements`. */
export const OWN_KEY = /^required_\w+_\d+$/;

/** Of a supergraph, by names alone: what a client may select together with something that is required. */
export interface RequiredObjects {
  /** Fields of whose objects something is required, each with the computed fields that require it, if only through others. */
  readonly requiredBy: ReadonlyMap<string, ReadonlySet<string>>;
  /** Fields whose failure takes their object along: they are never null, and are neither required nor part of a key. */
  readonly fallible: ReadonlySet<string>;
  /** Computed fields, each with every name in what it requires itself. */
  readonly computed: ReadonlyMap<string, ReadonlySet<string>>;
  /** Every name in a key. */
  readonly keys: ReadonlySet<string>;
}

export function readRequiredObjects(supergraph: DocumentNode): RequiredObjects {
  const requiredBy = new Map<string, Set<string>>();
  /** By the name of a computed field: every field in what it requires. */
  const required = new Map<string, Set<string>>();
  const keys = new Set<string>();
  const nonNull = new Set<string>();
  const readRequired = (computed: string, text: string): void => {
    const names = required.get(computed) ?? new Set();
    required.set(computed, names);
    visit(parse(`{${text}}`, { noLocation: true }), {
      Field: ({ name, selectionSet }) => {
        names.add(name.value);
        if (!selectionSet) return;
        requiredBy.set(name.value, (requiredBy.get(name.value) ?? new Set()).add(computed));
      },
    });
  };
  for (const node of supergraph.definitions) {
    if (node.kind !== Kind.OBJECT_TYPE_DEFINITION && node.kind !== Kind.INTERFACE_TYPE_DEFINITION) continue;
    for (const key of argumentsOf(node, "join__type", "key")) for (const [name] of key.matchAll(/\w+/g)) keys.add(name);
    for (const field of node.fields ?? []) {
      if (field.type.kind === Kind.NON_NULL_TYPE) nonNull.add(field.name.value);
      for (const text of argumentsOf(field, "join__field", "requires")) readRequired(field.name.value, text);
    }
  }
  for (const computed of requiredBy.values()) {
    // A set takes in what is added while it is gone through.
    for (const name of computed) {
      for (const [other, names] of required) if (names.has(name)) computed.add(other);
    }
  }
  const safe = new Set([keys, ...required.values()].flatMap((names) => [...names]));
  return { requiredBy, fallible: new Set([...nonNull].filter((name) => !safe.has(name))), computed: required, keys };
}

/**
 * Fields of a document that are better not asked for together with what something requires of the same object: a failure of what the client
 * alone wants would take the required value along, and the field computed from it would be wrong.
 */
export function sharedRequirements(
  document: DocumentNode,
  { requiredBy, fallible }: RequiredObjects,
): ReadonlySet<string> {
  const shared = new Set<string>();
  if (requiredBy.size === 0) return shared;
  const asked = new Set<string>();
  const fragments = new Map<string, FragmentDefinitionNode>();
  visit(document, {
    Field: ({ name }) => void asked.add(name.value),
    FragmentDefinition: (node) => void fragments.set(node.name.value, node),
  });
  const known = new Map<string, boolean>();
  const mayFail = (set: SelectionSetNode): boolean =>
    set.selections.some((node) => {
      if (node.kind === Kind.FRAGMENT_SPREAD) return fragmentMayFail(node.name.value);
      if (node.kind === Kind.FIELD && fallible.has(node.name.value)) return true;
      return node.selectionSet !== undefined && mayFail(node.selectionSet);
    });
  const fragmentMayFail = (name: string): boolean => {
    const found = known.get(name) ?? mayFail(fragments.get(name)?.selectionSet ?? NOTHING);
    known.set(name, found);
    return found;
  };
  const isAsked = (name: string) => asked.has(name);
  visit(document, {
    Field: ({ name: { value: name }, alias, selectionSet }) => {
      if (shared.has(name) || !selectionSet || (alias && alias.value !== name)) return;
      const computed = requiredBy.get(name);
      if (computed && [...computed].some(isAsked) && mayFail(selectionSet)) shared.add(name);
    },
  });
  return shared;
}

const NOTHING: SelectionSetNode = { kind: Kind.SELECTION_SET, selections: [] };

function argumentsOf(node: ASTNode, directive: string, argument: string): readonly string[] {
  const given = "directives" in node ? (node.directives ?? []) : [];
  return given
    .filter(({ name }) => name.value === directive)
    .flatMap((one) => one.arguments ?? [])
    .flatMap(({ name, value }) => (name.value === argument && value.kind === Kind.STRING ? [value.value] : []));
}
