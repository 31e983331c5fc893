import { buildSubgraphSchema } from "@apollo/subgraph";
import {
  type DocumentNode,
  execute,
  type GraphQLFieldResolver,
  type GraphQLSchema,
  type GraphQLTypeResolver,
  isObjectType,
  Kind,
  parse,
  type SelectionSetNode,
  validate,
} from "graphql";
import type { Graph } from "./graph";
import {
  type Args,
  canonicalJson,
  createProjector,
  type GraphData,
  isOfType,
  type Projector,
  projectRepresentation,
  Ref,
} from "./graph-data";
import type { SubgraphFacts } from "./subgraph-facts";

export interface SubgraphRequest {
  readonly query: string;
  readonly variables?: Readonly<Record<string, unknown>> | undefined;
  readonly operationName?: string | undefined;
}

/** As it comes out of JSON. */
export interface SubgraphAnswer {
  readonly data?: Record<string, unknown> | null;
  readonly errors?: readonly { message: string; path?: (string | number)[] }[];
}

/** Subgraphs in this process, driven by their SDL alone. */
export interface InMemorySubgraphs {
  /** @param turns of the operation that this request belongs to */
  send(subgraph: string, request: SubgraphRequest, turns: Turns): Promise<SubgraphAnswer>;
}

/** Counts the root fields of one mutation, whichever subgraph runs them, so that a changed order changes what they give. */
export interface Turns {
  count: number;
}

/** An object as a resolver of a subgraph knows it. */
class Instance {
  constructor(
    readonly ref: Ref,
    /** What the fields on the way here provide of it. */
    readonly provided: readonly SelectionSetNode[] = [],
    /** What it was looked up with. */
    readonly representation?: Record<string, unknown>,
  ) {}
}

interface SubgraphContext {
  readonly turns: Turns;
}

const MAX_PARSED = 500;

/**
 * Each subgraph answers as a real one with perfect data would: it resolves its own fields and those it provides, computes `@requires` from
 * the representation it got and from nothing else, and refuses what a gateway must not ask it.
 */
export function createInMemorySubgraphs(graph: Graph, data: GraphData): InMemorySubgraphs {
  const projector = createProjector(graph.fullSchema, data, graph.subgraphs);
  const servers = new Map(
    graph.subgraphs.map((subgraph) => [subgraph.name, createServer(subgraph, graph, data, projector)]),
  );
  const parsed = new Map<string, DocumentNode>();
  return {
    send: async (name, { query, variables, operationName }, turns) => {
      const server = servers.get(name);
      if (!server) throw new Error(`there is no subgraph ${name}`);
      let document = parsed.get(query);
      if (!document) {
        document = parse(query, { noLocation: true });
        const faults = validate(server.schema, document);
        if (faults.length > 0)
          throw new Error(`${name} refuses ${query}: ${faults.map(({ message }) => message).join(" ")}`);
        if (parsed.size < MAX_PARSED) parsed.set(query, document);
      }
      const result = await execute({
        schema: server.schema,
        document,
        variableValues: JSON.parse(JSON.stringify(variables ?? {})),
        operationName: operationName ?? null,
        contextValue: { turns } satisfies SubgraphContext,
        fieldResolver: server.fieldResolver,
        typeResolver: server.typeResolver,
      });
      return JSON.parse(JSON.stringify(result)) as SubgraphAnswer;
    },
  };
}

function createServer(subgraph: SubgraphFacts, graph: Graph, data: GraphData, projector: Projector) {
  const { types } = subgraph;
  const { fullSchema } = graph;

  const lookUp = (typeName: string, representation: Record<string, unknown>): Instance | null => {
    const facts = types.get(typeName);
    if (!facts) throw new Error(`${subgraph.name} has no type ${typeName}`);
    for (const { fields, resolvable } of facts.keys) {
      if (!resolvable) continue;
      let wanted: string;
      try {
        wanted = canonicalJson(projectRepresentation(fullSchema, representation, fields));
      } catch {
        continue;
      }
      const found = Object.values(fullSchema.getTypeMap())
        .filter((type) => isObjectType(type) && isOfType(fullSchema, type.name, typeName))
        .flatMap(({ name }) => data.entities(name))
        .filter((ref) => data.isKnownTo?.(subgraph.name, ref) ?? true)
        .find((ref) => canonicalJson(projector.project(ref, fields)) === wanted);
      if (!found) return null;
      const instance = new Instance(found, [], representation);
      // The library asks what an interface's reference resolved to by this property.
      if (facts.kind === Kind.INTERFACE_TYPE_DEFINITION) Object.assign(instance, { __typename: found.type });
      return instance;
    }
    throw new Error(`${subgraph.name} cannot look up ${typeName} by ${Object.keys(representation).join(", ")}`);
  };

  const schema = buildSubgraphSchema({
    typeDefs: subgraph.document,
    resolvers: Object.fromEntries(
      [...types]
        .filter(([, { keys }]) => keys.length > 0)
        .map(([name]) => [
          name,
          { __resolveReference: (representation: Record<string, unknown>) => lookUp(name, representation) },
        ]),
    ) as never,
  });

  const localName = (type: string): string => {
    if (isObjectType(schema.getType(type))) return type;
    for (const [name, facts] of types) if (facts.isInterfaceObject && isOfType(fullSchema, type, name)) return name;
    return type;
  };

  const fieldResolver: GraphQLFieldResolver<unknown, SubgraphContext> = (source, args: Args, { turns }, info) => {
    const typeName = info.parentType.name;
    const name = info.fieldName;
    const isRoot = !(source instanceof Instance);
    const instance = isRoot ? new Instance(new Ref(typeName, "")) : source;
    const facts = types.get(typeName)?.fields.get(name);
    if (!facts) throw new Error(`${subgraph.name} has no field ${typeName}.${name}`);
    if (facts.isOverridden) throw new Error(`${typeName}.${name} of ${subgraph.name} is overridden`);
    const selected = instance.provided.flatMap((selections) => fieldsOf(selections, name, instance.ref.type, graph));
    const isKey = types.get(typeName)?.keys.some(({ fields }) => mentions(fields, name));
    if (facts.isExternal && selected.length === 0 && !isKey) {
      throw new Error(`${subgraph.name} was asked for the external field ${typeName}.${name}`);
    }
    let required: unknown;
    if (facts.requires) required = projectRepresentation(fullSchema, instance.representation ?? {}, facts.requires);
    const turn = isRoot && info.operation.operation === "mutation" ? turns.count++ : undefined;
    const value = data.value({ ref: instance.ref, field: name, args, required, turn });
    const provided = [
      ...selected.flatMap(({ selectionSet }) => selectionSet ?? []),
      ...(facts.provides ? [facts.provides] : []),
    ];
    const wrap = (item: unknown): unknown => {
      if (Array.isArray(item)) return item.map(wrap);
      return item instanceof Ref ? new Instance(item, provided) : item;
    };
    return wrap(value);
  };

  const typeResolver: GraphQLTypeResolver<unknown, SubgraphContext> = (value) =>
    value instanceof Instance ? localName(value.ref.type) : undefined;

  return { schema: schema as GraphQLSchema, fieldResolver, typeResolver };
}

function fieldsOf(
  selections: SelectionSetNode,
  name: string,
  type: string,
  graph: Graph,
): { selectionSet?: SelectionSetNode | undefined }[] {
  return selections.selections.flatMap((selection) => {
    if (selection.kind === Kind.FIELD) return selection.name.value === name ? [selection] : [];
    if (selection.kind === Kind.FRAGMENT_SPREAD) return [];
    const condition = selection.typeCondition?.name.value ?? type;
    return isOfType(graph.fullSchema, type, condition) ? fieldsOf(selection.selectionSet, name, type, graph) : [];
  });
}

const mentions = (selections: SelectionSetNode, name: string): boolean =>
  selections.selections.some((selection) => selection.kind === Kind.FIELD && selection.name.value === name);
