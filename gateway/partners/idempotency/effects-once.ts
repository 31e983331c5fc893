import { type DocumentNode, type GraphQLSchema, Kind } from "graphql";
import type { RegisteredOperation } from "../registry/operation-registry";
import { fragmentsOf, selectFields } from "../rest/select-fields";

/** A supergraph, as far as owners of root fields go. */
export interface OwnedGraph {
  readonly apiSchema: GraphQLSchema;
  readonly fullDocument: DocumentNode;
}

/** Tells whether a mutation that is sent again has its first effects only. */
export type HasEffectsOnce = (operation: RegisteredOperation) => boolean;

/**
 * It has when every root field that it may run belongs to subgraphs that honour the gateway's idempotency header; where several give a field, all of them.
 * @param options.honouring names of subgraphs
 */
export function createEffectsOnce(options: { graph: () => OwnedGraph; honouring: readonly string[] }): HasEffectsOnce {
  const { graph, honouring } = options;
  const safeFields = new WeakMap<OwnedGraph, ReadonlySet<string>>();

  return ({ document, definition }) => {
    if (honouring.length === 0) return false;
    const current = graph();
    const safe = safeFields.get(current) ?? fieldsOf(current.fullDocument, new Set(honouring));
    safeFields.set(current, safe);
    const type = current.apiSchema.getMutationType();
    if (!type) return false;
    const fields = selectFields(current.apiSchema, fragmentsOf(document), type, [definition.selectionSet]);
    return [...fields.values()].every(({ field }) => field.name === "__typename" || safe.has(field.name));
  };
}

/** @returns the mutations that only these subgraphs give, as the supergraph's join directives say */
function fieldsOf(supergraph: DocumentNode, honouring: ReadonlySet<string>): ReadonlySet<string> {
  const nameOf = subgraphNames(supergraph);
  const schema = supergraph.definitions.find(({ kind }) => kind === Kind.SCHEMA_DEFINITION);
  const roots = schema?.kind === Kind.SCHEMA_DEFINITION ? schema.operationTypes : [];
  const root = roots.find(({ operation }) => operation === "mutation")?.type.name.value ?? "Mutation";
  const safe = new Set<string>();
  for (const node of supergraph.definitions) {
    if (node.kind !== Kind.OBJECT_TYPE_DEFINITION || node.name.value !== root) continue;
    const ofType = graphsIn(node.directives, "join__type");
    for (const { name, directives } of node.fields ?? []) {
      const ofField = graphsIn(directives, "join__field");
      const graphs = ofField.length > 0 ? ofField : ofType;
      if (graphs.length > 0 && graphs.every((graph) => honouring.has(nameOf.get(graph) ?? ""))) safe.add(name.value);
    }
  }
  return safe;
}

/** Of the supergraph, by their values of `join__Graph`: https://specs.apollo.dev/join/v0.3/#join__Graph */
export function subgraphNames(supergraph: DocumentNode): ReadonlyMap<string, string> {
  const names = new Map<string, string>();
  for (const node of supergraph.definitions) {
    if (node.kind !== Kind.ENUM_TYPE_DEFINITION || node.name.value !== "join__Graph") continue;
    for (const { name, directives } of node.values ?? []) {
      names.set(name.value, directives?.flatMap((one) => argument(one, "name") ?? [])[0] ?? "");
    }
  }
  return names;
}

type Directives = DocumentNode["definitions"][number]["directives"];

const graphsIn = (directives: Directives, name: string): readonly string[] =>
  (directives ?? []).filter((one) => one.name.value === name).flatMap((one) => argument(one, "graph") ?? []);

function argument({ arguments: given }: NonNullable<Directives>[number], name: string): string | undefined {
  const value = given?.find((one) => one.name.value === name)?.value;
  return value?.kind === Kind.STRING || value?.kind === Kind.ENUM ? value.value : undefined;
}
