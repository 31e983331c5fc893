import type { ApolloServerOptionsWithGateway } from "@apollo/server";
import { GraphQLError, type GraphQLSchema } from "graphql";
import type { AccessControl } from "../access/enforcement/access-control";
import { asResult, runOperation } from "../execution/run-operation";
import type { Generation, Generations } from "../generation";
import type { GraphqlContext } from "./graphql-context";

type GatewayInterface = ApolloServerOptionsWithGateway<GraphqlContext>["gateway"];

/**
 * Shows the generations to Apollo Server as its gateway. Apollo Server gives each request the schema it began with, and that schema finds
 * the generation again: a request never sees two graphs, however long it takes.
 */
export function generationsAsGateway(generations: Generations, access: AccessControl) {
  const bySchema = new WeakMap<GraphQLSchema, Generation>();
  const generationOf = (schema: GraphQLSchema): Generation => bySchema.get(schema) ?? generations.current();
  const listeners = new Set<Parameters<GatewayInterface["onSchemaLoadOrUpdate"]>[0]>();
  let stopListening: (() => void) | undefined;

  const announce = (generation: Generation) => {
    const { apiSchema, runtimeSdl } = generation.supergraph;
    bySchema.set(apiSchema, generation);
    for (const listener of listeners) listener({ apiSchema, coreSupergraphSdl: runtimeSdl });
  };

  const gateway: GatewayInterface = {
    onSchemaLoadOrUpdate: (listener) => {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    load: () => {
      announce(generations.current());
      stopListening = generations.onChange(announce);
      return Promise.resolve({
        executor: async ({ document, request, schema, queryHash, context }) => {
          const { explain = false, outcome, ...upstreamContext } = context as GraphqlContext;
          const run = () =>
            runOperation(generationOf(schema), access, {
              document,
              documentKey: queryHash,
              operationName: request.operationName,
              variables: request.variables ?? {},
              context: upstreamContext,
              explain,
            });
          const answer = await (outcome ?? run());
          const result = asResult(answer);
          return answer.refused ? { ...result, errors: result.errors?.map(withStatus) } : result;
        },
      });
    },
    stop: () => {
      stopListening?.();
      return Promise.resolve();
    },
  };
  return { gateway, generationOf };
}

/** A whole operation refused is refused by HTTP as well; one with refused fields was answered. */
export function withStatus(error: GraphQLError): GraphQLError {
  const status = { UNAUTHENTICATED: 401, FORBIDDEN: 403 }[String(error.extensions["code"])];
  if (status === undefined) return error;
  return new GraphQLError(error.message, {
    path: error.path,
    extensions: { ...error.extensions, http: { status } },
  });
}
