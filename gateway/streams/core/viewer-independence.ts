import { type DocumentNode, type FieldDefinitionNode, Kind, type SelectionSetNode, type TypeNode } from "graphql";
import { EVENT_SPECIFICATION } from "../../../schema/event-specification";
import type { AccessRules } from "../../access/rules/access-rules";
import type { SupergraphTypes } from "../../execution/layout/supergraph-types";
import { linkedDirectives } from "../../supergraph/linked-directives";

/** What of a supergraph is the same to everyone, by its own word: `@viewerIndependent` on a field, or on the object type around it. */
export interface ViewerIndependence {
  /**
   * Whether everything that a subgraph is asked for is the same to everyone.
   * @param set as a plan's fetch has it, fragments in place
   * @param type the type that the set is about
   */
  holdsFor(set: SelectionSetNode, type: string): boolean;
}

interface TypeEntry {
  readonly isMarked: boolean;
  /** Subgraphs that give it more than keys. */
  readonly contributors: Set<string>;
  readonly fields: Map<string, FieldEntry>;
}

interface FieldEntry {
  readonly isMarked: boolean;
  /** The named type of its value. */
  readonly type: string;
  /** Subgraphs that give it; undefined for a key, which all know. */
  readonly givenBy: ReadonlySet<string> | undefined;
}

/**
 * Reads the marks out of a full supergraph, under whatever name it imports the directive. Doubt means that a field is not marked:
 * - a field or type with an access directive is not, whatever else it says;
 * - a field of an abstract type is when it is on every object type behind;
 * - composition does not say whose mark on an object type it is. It counts for the type's keys, and for fields that every subgraph gives
 *   which gives the type more than keys; a field of one among several needs a mark of its own.
 */
export function readViewerIndependence(
  supergraph: DocumentNode,
  rules: AccessRules,
  types: SupergraphTypes,
): ViewerIndependence {
  const names = linkedDirectives(supergraph, { viewerIndependent: EVENT_SPECIFICATION });
  const entries = readTypes(supergraph, names);
  const objectsUnder = (type: string) => [...types.namesUnder(type)].filter((name) => entries.has(name));

  /** @returns the type of the field's value; `undefined` when the field is not the same to everyone */
  const typeOf = (parent: string, field: string): string | undefined => {
    const objects = objectsUnder(parent);
    const found = objects.map((name) => {
      const entry = entries.get(name);
      const own = entry?.fields.get(field);
      if (!entry || !own || rules.ofType(name).length > 0 || rules.ofField(name, field).length > 0) return undefined;
      const isMarked = own.isMarked || (entry.isMarked && isOfAll(own, entry));
      return isMarked && isOpen(own.type) ? own.type : undefined;
    });
    return found.every((type) => type !== undefined) ? found[0] : undefined;
  };

  const isOpen = (type: string) =>
    rules.ofType(type).length === 0 && objectsUnder(type).every((name) => rules.ofType(name).length === 0);

  const holdsFor: ViewerIndependence["holdsFor"] = (set, type) =>
    set.selections.every((node) => {
      switch (node.kind) {
        case Kind.FIELD: {
          if (node.name.value === "__typename") return isOpen(type);
          const next = typeOf(type, node.name.value);
          return next !== undefined && (!node.selectionSet || holdsFor(node.selectionSet, next));
        }
        case Kind.INLINE_FRAGMENT:
          return holdsFor(node.selectionSet, node.typeCondition?.name.value ?? type);
        case Kind.FRAGMENT_SPREAD:
          return false;
      }
    });

  return { holdsFor };
}

const isOfAll = ({ givenBy }: FieldEntry, { contributors }: TypeEntry): boolean =>
  !givenBy || [...contributors].every((graph) => givenBy.has(graph));

function readTypes(
  supergraph: DocumentNode,
  names: ReadonlyMap<string, "viewerIndependent">,
): ReadonlyMap<string, TypeEntry> {
  const entries = new Map<string, TypeEntry>();
  const isMark = ({ name }: { readonly name: { readonly value: string } }) => names.has(name.value);
  for (const node of supergraph.definitions) {
    if (node.kind !== Kind.OBJECT_TYPE_DEFINITION && node.kind !== Kind.OBJECT_TYPE_EXTENSION) continue;
    const known = entries.get(node.name.value);
    const entry: TypeEntry = {
      isMarked: known?.isMarked === true || (node.directives ?? []).some(isMark),
      contributors: known?.contributors ?? new Set(),
      fields: known?.fields ?? new Map<string, FieldEntry>(),
    };
    entries.set(node.name.value, entry);
    const joins = (node.directives ?? []).filter(({ name }) => name.value === "join__type");
    const graphs = joins.map((join) => argument(join, "graph"));
    const keys = new Set(joins.flatMap((join) => argument(join, "key").match(/[_A-Za-z]\w*/g) ?? []));
    for (const field of node.fields ?? []) {
      const givenBy = keys.has(field.name.value) ? undefined : new Set(resolvers(field) ?? graphs);
      const isMarked = (field.directives ?? []).some(isMark);
      entry.fields.set(field.name.value, { isMarked, type: namedType(field.type), givenBy });
      for (const graph of givenBy ?? []) entry.contributors.add(graph);
    }
  }
  return entries;
}

/** The subgraphs that give a field; undefined when all subgraphs of its type do. */
function resolvers(field: FieldDefinitionNode): readonly string[] | undefined {
  const joins = (field.directives ?? []).filter(({ name }) => name.value === "join__field");
  if (joins.length === 0) return undefined;
  return joins.filter((join) => argument(join, "external") !== "true").map((join) => argument(join, "graph"));
}

type Directive = NonNullable<FieldDefinitionNode["directives"]>[number];

/** An argument's value as text: names of graphs are enum values, keys are strings. */
function argument(directive: Directive, name: string): string {
  const value = directive.arguments?.find((node) => node.name.value === name)?.value;
  if (value?.kind === Kind.BOOLEAN) return String(value.value);
  return value?.kind === Kind.ENUM || value?.kind === Kind.STRING ? value.value : "";
}

const namedType = (type: TypeNode): string => (type.kind === Kind.NAMED_TYPE ? type.name.value : namedType(type.type));
