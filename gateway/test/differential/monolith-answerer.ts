import {
  execute,
  type GraphQLFieldResolver,
  type GraphQLTypeResolver,
  Kind,
  parse,
  type SelectionSetNode,
} from "graphql";
import type { Answer, Answerer } from "./answerer";
import type { Graph } from "./graph";
import { type Args, createProjector, definitionsOf, type GraphData, isOfType, Ref } from "./graph-data";
import type { Turns } from "./in-memory-subgraphs";
import { parseContextReference } from "./subgraph-facts";

/** An object with the one that led to it, for `@fromContext`. */
class Instance {
  constructor(
    readonly ref: Ref,
    readonly parent: Instance | undefined,
  ) {}
}

/** The truth: one schema as clients see it, with the data behind it, run by graphql-js. */
export function createMonolithAnswerer(graph: Graph, data: GraphData): Answerer {
  const { subgraphs, fullSchema } = graph;
  const { project, requirements } = createProjector(fullSchema, data, subgraphs);
  const contextual = createContextReader(graph);

  const fieldResolver: GraphQLFieldResolver<unknown, { turns: Turns }> = (source, args: Args, { turns }, info) => {
    const isRoot = !(source instanceof Instance);
    const instance = isRoot ? new Instance(new Ref(info.parentType.name, ""), undefined) : source;
    const { ref } = instance;
    const field = info.fieldName;
    const requires = requirements(ref.type, field);
    const value = data.value({
      ref,
      field,
      args: { ...args, ...contextual(instance, field, project) },
      required: requires && project(ref, requires),
      turn: isRoot && info.operation.operation === "mutation" ? turns.count++ : undefined,
    });
    const wrap = (item: unknown): unknown => {
      if (Array.isArray(item)) return item.map(wrap);
      return item instanceof Ref ? new Instance(item, instance) : item;
    };
    return wrap(value);
  };
  const typeResolver: GraphQLTypeResolver<unknown, unknown> = (value) =>
    value instanceof Instance ? value.ref.type : undefined;

  return {
    name: "monolith",
    answer: async ({ document, operationName, variables }) => {
      const result = await execute({
        schema: graph.supergraph.apiSchema,
        document: parse(document),
        variableValues: variables,
        operationName: operationName ?? null,
        contextValue: { turns: { count: 0 } },
        fieldResolver,
        typeResolver,
      });
      return JSON.parse(JSON.stringify(result)) as Answer;
    },
    close: () => Promise.resolve(),
  };
}

/** Reads the arguments that clients do not see from the nearest object above that sets the context. */
function createContextReader({ subgraphs, fullSchema }: Graph) {
  const hasContexts = subgraphs.some(({ types }) => [...types.values()].some(({ contexts }) => contexts.length > 0));
  return (instance: Instance, field: string, project: ReturnType<typeof createProjector>["project"]): Args => {
    if (!hasContexts) return {};
    const result: Record<string, unknown> = {};
    for (const { subgraph, facts } of definitionsOf(subgraphs, fullSchema, instance.ref.type, field)) {
      for (const [argument, reference] of facts.contextArguments) {
        const { context, selections } = parseContextReference(reference);
        const sets = (type: string) =>
          [...subgraph.types].some(
            ([name, { contexts }]) => contexts.includes(context) && isOfType(fullSchema, type, name),
          );
        let above = instance.parent;
        while (above && !sets(above.ref.type)) above = above.parent;
        if (above) result[argument] = onlyLeaf(project(above.ref, selections), selections) ?? null;
      }
    }
    return result;
  };
}

/** Goes as deep as the selection and no deeper: a custom scalar may be an object itself. */
function onlyLeaf(value: unknown, { selections }: SelectionSetNode): unknown {
  for (const selection of selections) {
    if (selection.kind === Kind.INLINE_FRAGMENT) {
      const found = onlyLeaf(value, selection.selectionSet);
      if (found !== undefined) return found;
    } else if (selection.kind === Kind.FIELD && isRecord(value) && Object.hasOwn(value, selection.name.value)) {
      const inner = value[selection.name.value];
      return selection.selectionSet && inner !== null ? onlyLeaf(inner, selection.selectionSet) : inner;
    }
  }
  return undefined;
}

const isRecord = (value: unknown): value is Record<string, unknown> => typeof value === "object" && value !== null;
