import { execute, getOperationAST, GraphQLError, type GraphQLSchema } from "graphql";
import type { ExecutableOperation, ExecutionRequest, OperationSource } from "../../execution/executor";
import type { OperationStore } from "../../execution/operation-store";
import { coerceVariableValues } from "../../operation/coerce-variables";
import type { Sample } from "./sample";
import { createSampleResolver, type SampleRun } from "./sample-resolver";
import { createSampleWorld } from "./sample-world";
import type { Scenario } from "./scenario";

/** Objects in one answer; more would hold up everyone else. */
const MAX_OBJECTS = 5_000;

/** @returns for each scenario a store whose operations run on generated data, and call nobody */
export function createSampleOperations(schema: GraphQLSchema): (scenario: Scenario | undefined) => OperationStore {
  const fieldResolver = createSampleResolver(schema, createSampleWorld(schema));

  const run = (
    { document, operationName }: OperationSource,
    { variables, context }: ExecutionRequest,
    scenario: Scenario | undefined,
  ) => {
    const contextValue: SampleRun = {
      scenario,
      requestId: context.requestId,
      budget: MAX_OBJECTS,
      hasFailed: false,
    };
    const result = execute({
      schema,
      document,
      operationName,
      variableValues: variables,
      contextValue,
      fieldResolver,
      typeResolver: (value) => (value as Sample).typeName,
    });
    if (result instanceof Promise) throw new Error("generated data is never waited for");
    return { result, contextValue };
  };

  const executed = (
    source: OperationSource,
    request: ExecutionRequest,
    scenario: Scenario | undefined,
  ): Awaited<ReturnType<ExecutableOperation["execute"]>> => {
    const definitions = getOperationAST(source.document, source.operationName)?.variableDefinitions ?? [];
    const { errors: unfit } = coerceVariableValues(schema, definitions, request.variables);
    if (unfit) return { data: undefined, errors: unfit };
    let { result, contextValue } = run(source, request, scenario);
    if (contextValue.budget < 0) return { data: undefined, errors: [TOO_LARGE] };
    if (scenario?.kind === "partial" && !contextValue.hasFailed) {
      // Nothing below the roots may be missing: a root is.
      ({ result, contextValue } = run(source, request, ROOT_FAILURE));
    }
    return {
      data: result.data === undefined ? undefined : JSON.stringify(result.data),
      errors: result.errors ?? [],
    };
  };

  return (scenario) => ({
    find: () => undefined,
    prepare: (source) => {
      const operation = getOperationAST(source.document, source.operationName);
      if (!operation) throw new Error("the document does not hold the operation");
      return Promise.resolve({
        kind: operation.operation,
        bytes: 0,
        hasDeferred: false,
        plan: undefined,
        execute: (request) => Promise.resolve(executed(source, request, scenario)),
      });
    },
    recent: () => [],
  });
}

const ROOT_FAILURE: Scenario = {
  kind: "field-error",
  code: "SUBGRAPH_UNAVAILABLE",
  message: "A service behind the gateway did not answer.",
};

const TOO_LARGE = new GraphQLError("The answer would have more objects than test data has; ask for shorter lists.", {
  extensions: { code: "OPERATION_LIMIT_EXCEEDED" },
});
