import {
  type DocumentNode,
  getOperationAST,
  type GraphQLError,
  type GraphQLObjectType,
  type GraphQLSchema,
} from "graphql";
import type { QueryPlan } from "@apollo/query-planner";
import { type NormalisedOperation, normaliseOperation, withRootFieldsInOrder } from "../operation/normalise-operation";
import { readSelection } from "../operation/output-fields";
import { printOperation } from "../operation/print-operation";
import { readSupergraphNames } from "../operation/supergraph-names";
import type { Planner } from "../planning/planner";
import type { SubgraphClient } from "../upstream/upstreams";
import { compileRepresentations } from "./compile/compile-representations";
import { compileWalks } from "./compile/compile-walks";
import { compileWriter, NOT_AS_EXPECTED } from "./compile/compile-writer";
import { createCarefulWriter } from "./complete/careful-writer";
import { pathKeys } from "./complete/error-report";
import type { PendingPart } from "./complete/place";
import type { DeferredAnswer, Execution, ExecutionRequest, Executor } from "./executor";
import { createExplanation } from "./explain";
import { prepareIntrospection } from "./introspect";
import { createPositions } from "./layout/position";
import { createSites } from "./layout/site";
import { readSupergraphTypes } from "./layout/supergraph-types";
import { readFetchGraph } from "./plan/fetch-graph";
import { partByType } from "./plan/part-by-type";
import { createCalls } from "./plan/subgraph-call";
import { prepareVariables } from "./prepare-variables";
import { callRewrite, type Run, runPlan } from "./run/run-plan";
import { createSharedAnswers } from "./run/shared-answers";
import { createState, type ExecutionState } from "./run/state";

/** What the executor needs to know of a supergraph. */
export interface ExecutableGraph {
  /** As composed. */
  readonly fullDocument: DocumentNode;
  /** What clients see. */
  readonly apiSchema: GraphQLSchema;
}

/** Objects of generated code, syntax trees and positions take many times the memory of the text they come from; measured on heavy queries. */
const BYTES_PER_CHARACTER = 12;

/**
 * The gateway's own executor. An operation is prepared once: its plan becomes a graph of calls, with compiled functions that collect
 * representations out of the answers and write the response. Answers are parsed once and never changed or put together.
 */
export function createExecutor(options: {
  supergraph: ExecutableGraph;
  planner: Planner;
  /** @param subgraph its name in the supergraph */
  client: (subgraph: string) => SubgraphClient;
}): Executor {
  const { supergraph, planner, client } = options;
  const { apiSchema: schema } = supergraph;
  const types = readSupergraphTypes(supergraph.fullDocument);
  const names = readSupergraphNames(supergraph.fullDocument);

  const planOf = async (
    { plannable }: NormalisedOperation,
    rootType: GraphQLObjectType,
    overrideLabels: readonly string[],
  ): Promise<QueryPlan> => {
    if (plannable.selectionSet.selections.length === 0) return { kind: "QueryPlan" };
    const document = printOperation(withRootFieldsInOrder(plannable, rootType.name));
    return planner.plan({ document, operationName: plannable.name?.value, overrideLabels });
  };

  const prepare: Executor["prepare"] = async ({ document, operationName, overrideLabels, conditions }) => {
    const normalised = normaliseOperation(document, operationName, names, conditions);
    const rootType = normalised && schema.getRootType(normalised.operation.operation);
    if (!rootType) throw new Error("the document does not hold the operation");
    const { operation, responseKey, planVariable } = normalised;
    const selection = readSelection(schema, operation);
    const planned = await planOf(normalised, rootType, overrideLabels);
    const plan = partByType(planned, { schema, types, rootType, selection, required: names.requiredObjects });

    const { fetches, parts } = readFetchGraph(plan);
    const { root, find } = createPositions(fetches);
    const { sites, siteOf } = createSites(fetches, find, types);
    const calls = createCalls(fetches);
    const runnable = {
      fetches,
      siteOf,
      calls: calls.map((call) => ({
        ...call,
        client: client(call.service),
        before: calls.filter(({ after }) => after.includes(call.index)).map(({ index }) => index),
        rewrite: callRewrite(call, types),
      })),
      walks: compileWalks(root, sites, siteOf, types),
      represent: fetches.map((fetch) => {
        const site = siteOf.get(fetch);
        return fetch.requires && site ? compileRepresentations(fetch, site, siteOf, types) : undefined;
      }),
    };
    const shape = { schema, types, rootType, selection, root, sites, siteOf, responseKey };
    const hasDeferred = normalised.labels.size > 0;
    const writer = hasDeferred ? undefined : compileWriter(shape);
    const careful = createCarefulWriter({ ...shape, fetches });
    const introspect = prepareIntrospection(schema, operation, responseKey);
    const definitions = getOperationAST(document, operationName)?.variableDefinitions ?? [];
    const readVariables = prepareVariables(schema, definitions, planVariable);
    const shared = createSharedAnswers<Execution>();

    /** @returns the text of the data and, only when something is not as expected, errors */
    const complete = (state: ExecutionState): Execution => {
      let isSound = true;
      let isPlain = true;
      let isShared = true;
      // Names are ASCII by the grammar, descriptions need not be.
      let isAscii = Object.keys(state.introspection).length === 0;
      for (const reply of state.replies) {
        if (!reply) continue;
        isSound &&= reply.errors.length === 0;
        isPlain &&= reply.isPlain;
        isAscii &&= reply.isAscii === true;
        isShared &&= reply.isShared === true;
      }
      if (writer && isSound) {
        try {
          if (isPlain) {
            // What introspection says depends on variables as well; an answer that holds any is never told to be ASCII.
            const isOneForAll = isShared && isAscii;
            const write = () => {
              const data = writer.writePlain(state);
              return { data, isAscii, objects: state.objects, isShared: isOneForAll, errors: NONE };
            };
            return isOneForAll ? shared.of(state, write) : write();
          }
          const data = writer.write(state);
          return { data, objects: state.objects, errors: NONE };
        } catch (error) {
          if (error !== NOT_AS_EXPECTED) throw error;
        }
      }
      const { data, errors } = careful.write(state, NO_PARTS);
      return { data: JSON.stringify(data), errors };
    };

    const execute = async (request: ExecutionRequest): Promise<Execution> => {
      const variables = readVariables(request);
      if (!("coerced" in variables)) return { data: undefined, errors: variables };
      const { coerced, given } = variables;
      const state = createState(fetches.length, sites.length, introspect(coerced));
      const explanation = request.explain ? createExplanation(plan, calls) : undefined;
      const deferred = request.acceptsParts === true ? new Set(parts) : NO_PARTS;
      const run = runPlan(runnable, state, request.context, {
        given: (name) => given[name],
        isDeferred: (part) => part !== undefined && deferred.has(part),
        observer: explanation,
        event: request.event,
      });
      await run.finished(undefined);
      if (request.context.signal?.aborted) return GONE;
      if (deferred.size === 0) {
        const answer = complete(state);
        return explanation ? { ...answer, extensions: explanation.extensions() } : answer;
      }
      const first = careful.write(state, deferred);
      return {
        data: JSON.stringify(first.data),
        errors: first.errors,
        ...(explanation ? { extensions: explanation.extensions() } : {}),
        parts: writeParts(run, state, first.pending, deferred),
      };
    };

    /** Parts are answered as soon as their fetches have ended; a part inside of another comes after it. */
    async function* writeParts(
      run: Run,
      state: ExecutionState,
      pending: readonly PendingPart[],
      deferred: ReadonlySet<string>,
    ): AsyncGenerator<readonly DeferredAnswer[]> {
      const waiting = new Map<string, PendingPart[]>();
      const ready = new Map<string, Promise<string>>();
      const await_ = (some: readonly PendingPart[]) => {
        for (const part of some) {
          waiting.set(part.label, [...(waiting.get(part.label) ?? []), part]);
          if (!ready.has(part.label))
            ready.set(
              part.label,
              run.finished(part.label).then(() => part.label),
            );
        }
      };
      await_(pending);
      while (ready.size > 0) {
        const label = await Promise.race(ready.values());
        ready.delete(label);
        const now = waiting.get(label) ?? [];
        waiting.delete(label);
        const answers = now.flatMap((part): DeferredAnswer[] => {
          const written = careful.writePart(state, part, deferred);
          if (!written) return [];
          await_(written.pending);
          const { data, errors } = written;
          const path = pathKeys(part.path);
          return [{ label: normalised?.labels.get(label), path, data: JSON.stringify(data), errors }];
        });
        if (answers.length > 0) yield answers;
      }
    }

    return {
      kind: operation.operation,
      bytes: BYTES_PER_CHARACTER * (JSON.stringify(plan).length + (writer?.size ?? 0)),
      hasDeferred,
      plan,
      execute,
    };
  };

  return { prepare, close: () => planner.close() };
}

/** Nobody reads the answer any more, and its calls were given up. */
const GONE: Execution = Object.freeze({ data: "null", errors: [] });
const NONE: readonly GraphQLError[] = Object.freeze([]);
const NO_PARTS: ReadonlySet<string> = new Set();
