import type { GraphQLSchema } from "graphql";
import { parseRestPath, type RestBinding, type RestSegment } from "../../../schema/rest-path";
import type { OperationRegistry, RegisteredOperation } from "../registry/operation-registry";
import { createRestOperation, type RestOperation } from "./rest-operation";

/** A path of a partner. `rest` is undefined while the operation does not fit the schema that is served. */
export interface RestEntry {
  readonly operation: RegisteredOperation;
  readonly binding: RestBinding;
  readonly segments: readonly RestSegment[];
  readonly rest: RestOperation | undefined;
}

/** @returns a partner's operations as resources, made once for each registry and schema */
export type RestCatalogue = (
  registry: OperationRegistry,
  schema: GraphQLSchema,
  partner: string,
) => readonly RestEntry[];

/** @param onUnfit is told of each operation that the schema does not fit, once for each schema */
export function createRestCatalogue(onUnfit: (partner: string, error: unknown) => void): RestCatalogue {
  const made = new WeakMap<OperationRegistry, WeakMap<GraphQLSchema, Map<string, readonly RestEntry[]>>>();

  const make = (registry: OperationRegistry, schema: GraphQLSchema, partner: string): readonly RestEntry[] => {
    const entries: RestEntry[] = [];
    for (const operation of registry.withPaths(partner)) {
      const { rest: binding } = operation;
      if (!binding) continue;
      const segments = segmentsOf(binding);
      let rest: RestOperation | undefined;
      try {
        rest = createRestOperation(schema, operation, binding, segments);
      } catch (error) {
        onUnfit(partner, error);
      }
      entries.push({ operation, binding, segments, rest });
    }
    return entries;
  };

  return (registry, schema, partner) => {
    const bySchema = made.get(registry) ?? new WeakMap<GraphQLSchema, Map<string, readonly RestEntry[]>>();
    made.set(registry, bySchema);
    const byPartner = bySchema.get(schema) ?? new Map<string, readonly RestEntry[]>();
    bySchema.set(schema, byPartner);
    const entries = byPartner.get(partner) ?? make(registry, schema, partner);
    // Names of partners come from keys, not from callers: there are as many as there are partners.
    byPartner.set(partner, entries);
    return entries;
  };
}

/** A path that the manifest allowed; `/ops/<name>` is reserved and of plain text only. */
function segmentsOf({ path }: RestBinding): readonly RestSegment[] {
  const parsed = parseRestPath(path);
  if (typeof parsed !== "string") return parsed;
  return path
    .slice(1)
    .split("/")
    .map((literal) => ({ literal }));
}
