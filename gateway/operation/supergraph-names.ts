import { type DocumentNode, Kind } from "graphql";

/** Names of a supergraph that a client's response keys must not be taken for: see `normaliseOperation`. */
export interface SupergraphNames {
  readonly fieldNames: ReadonlySet<string>;
  /** Names of fields that have arguments, if only with defaults, and that some `@requires` selects. */
  readonly requiredWithArguments: ReadonlySet<string>;
  readonly objectTypes: ReadonlySet<string>;
}

export function readSupergraphNames(supergraph: DocumentNode): SupergraphNames {
  const fieldNames = new Set<string>();
  const withArguments = new Set<string>();
  const required = new Set<string>();
  const objectTypes = new Set<string>();
  for (const node of supergraph.definitions) {
    if (!("fields" in node) || node.kind === Kind.INPUT_OBJECT_TYPE_DEFINITION) continue;
    if (node.kind === Kind.OBJECT_TYPE_DEFINITION) objectTypes.add(node.name.value);
    for (const field of node.fields ?? []) {
      fieldNames.add(field.name.value);
      if ("arguments" in field && field.arguments?.length) withArguments.add(field.name.value);
      for (const directive of field.directives ?? []) {
        const requires = directive.arguments?.find(({ name }) => name.value === "requires")?.value;
        if (directive.name.value !== "join__field" || requires?.kind !== Kind.STRING) continue;
        for (const [name] of requires.value.matchAll(/[_A-Za-z]\w*/g)) required.add(name);
      }
    }
  }
  const requiredWithArguments = new Set([...required].filter((name) => withArguments.has(name)));
  return { fieldNames, requiredWithArguments, objectTypes };
}
