import { type DocumentNode, Kind } from "graphql";
import { readRequiredObjects, type RequiredObjects } from "./required-objects";

/** Names of a supergraph that a client's response keys must not be taken for: see `normaliseOperation`. */
export interface SupergraphNames {
  readonly fieldNames: ReadonlySet<string>;
  readonly objectTypes: ReadonlySet<string>;
  readonly requiredObjects: RequiredObjects;
}

export function readSupergraphNames(supergraph: DocumentNode): SupergraphNames {
  const fieldNames = new Set<string>();
  const objectTypes = new Set<string>();
  for (const node of supergraph.definitions) {
    if (!("fields" in node) || node.kind === Kind.INPUT_OBJECT_TYPE_DEFINITION) continue;
    if (node.kind === Kind.OBJECT_TYPE_DEFINITION) objectTypes.add(node.name.value);
    for (const field of node.fields ?? []) fieldNames.add(field.name.value);
  }
  return { fieldNames, objectTypes, requiredObjects: readRequiredObjects(supergraph) };
}
