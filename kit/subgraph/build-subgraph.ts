import { buildSubgraphSchema } from "@apollo/subgraph";
import { printSchemaWithDirectives } from "@graphql-tools/utils";
import { type GraphQLSchema, lexicographicSortSchema, parse, print } from "graphql";
import { buildSchema, type BuildSchemaOptions, createResolversMap, type PubSub } from "type-graphql";

/** What `_entities` calls for one type: given a representation, answers the entity or null. */
type ReferenceResolver = (reference: never, context: never) => unknown;

export interface SubgraphOptions extends Pick<BuildSchemaOptions, "resolvers" | "orphanedTypes" | "scalarsMap"> {
  /** Directives of the federation specification that the schema uses, such as "@key". */
  readonly imports: readonly string[];
  /** SDL that TypeGraphQL cannot say: definitions of composed directives and their `@link`. */
  readonly extraSdl?: string;
  /** By type name. Go through a DataLoader: one request brings many references. */
  readonly references: Readonly<Record<string, ReferenceResolver>>;
}

/** TypeGraphQL prints no subscription field without a bus; ours are fed by the gateway (event-directive.ts), never here. */
const pubSub: PubSub = {
  publish: () => {
    throw new Error("Subgraphs publish to their outbox.");
  },
  subscribe: () => {
    throw new Error("Subscriptions are served by the gateway.");
  },
};

const FEDERATION = "https://specs.apollo.dev/federation/v2.12";

/**
 * Makes a Federation 2 subgraph of TypeGraphQL classes.
 * @returns the executable schema and its SDL, types and fields in alphabetical order so that the committed file changes only when the API does
 */
export async function buildSubgraph(options: SubgraphOptions): Promise<{ schema: GraphQLSchema; sdl: string }> {
  const { imports, extraSdl = "", references, ...rest } = options;
  // graphql-js does not know the federation directives; buildSubgraphSchema and the composition do.
  const classes = await buildSchema({ ...rest, validate: false, skipCheck: true, emitSchemaFile: false, pubSub });
  const link = `extend schema @link(url: "${FEDERATION}", import: ${JSON.stringify(imports)})`;
  const sdl = [link, extraSdl, printSchemaWithDirectives(lexicographicSortSchema(classes))]
    .map((part) => part.trim())
    .filter((part) => part !== "")
    .join("\n\n");

  const resolvers = createResolversMap(classes) as Record<string, Record<string, unknown>>;
  for (const [type, resolve] of Object.entries(references)) {
    resolvers[type] = { ...resolvers[type], __resolveReference: resolve };
  }
  const typeDefs = parse(sdl);
  return {
    schema: buildSubgraphSchema({ typeDefs, resolvers: resolvers as never }),
    sdl: `${print(typeDefs)}\n`,
  };
}
