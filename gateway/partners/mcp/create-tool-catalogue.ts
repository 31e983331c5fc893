import type { Tool } from "@modelcontextprotocol/sdk/types.js";
import type { GraphQLSchema } from "graphql";
import type { Partner } from "../keys/partner";
import type { OperationRegistry, RegisteredOperation } from "../registry/operation-registry";
import { describeTool } from "./describe-tool";

/** An operation that an agent may call. */
export interface OperationTool {
  readonly operation: RegisteredOperation;
  readonly tool: Tool;
}

/** @returns the tools that a key opens, made once for each registry, schema and partner */
export type ToolCatalogue = (
  registry: OperationRegistry,
  schema: GraphQLSchema,
  partner: Pick<Partner, "slug" | "operations">,
) => readonly OperationTool[];

export function createToolCatalogue(): ToolCatalogue {
  const made = new WeakMap<OperationRegistry, WeakMap<GraphQLSchema, Map<string, readonly OperationTool[]>>>();

  const make = (registry: OperationRegistry, schema: GraphQLSchema, slug: string): readonly OperationTool[] =>
    registry.ofPartner(slug).flatMap((operation) => {
      const tool = describeTool(schema, operation);
      return tool ? [{ operation, tool }] : [];
    });

  return (registry, schema, { slug, operations }) => {
    const bySchema = made.get(registry) ?? new WeakMap<GraphQLSchema, Map<string, readonly OperationTool[]>>();
    made.set(registry, bySchema);
    const byPartner = bySchema.get(schema) ?? new Map<string, readonly OperationTool[]>();
    bySchema.set(schema, byPartner);
    const all = byPartner.get(slug) ?? make(registry, schema, slug);
    // Slugs come from keys, not from callers: there are as many as there are partners.
    byPartner.set(slug, all);
    return operations ? all.filter(({ operation }) => operations.has(operation.name)) : all;
  };
}
