import { prettyFormatQueryPlan, type QueryPlan } from "@apollo/query-planner";
import { GraphQLError, parse } from "graphql";
import { pino } from "pino";
import { hashText } from "./draw";
import { createExecutor } from "../../execution/create-executor";
import { createStockExecutor } from "../../execution/create-stock-executor";
import type { DeferredAnswer, ExecutableOperation, Executor } from "../../execution/executor";
import { readSupergraphTypes } from "../../execution/layout/supergraph-types";
import { readFetchGraph } from "../../execution/plan/fetch-graph";
import { createCalls } from "../../execution/plan/subgraph-call";
import { callRewrite } from "../../execution/run/run-plan";
import { createApolloPlanner, loadPlannableGraph } from "../../planning/apollo-planner";
import { createPathBudget } from "../../planning/path-budget";
import { conditionsOf } from "../../operation/conditions";
import { normaliseOperation } from "../../operation/normalise-operation";
import { readSupergraphNames } from "../../operation/supergraph-names";
import type { UpstreamContext } from "../../upstream/upstream-context";
import type { SubgraphClient, SubgraphReply, Upstream, Upstreams } from "../../upstream/upstreams";
import type { Answer, Answerer } from "./answerer";
import type { AnswererFactory } from "./differential-case";
import type { Graph } from "./graph";
import type { InMemorySubgraphs, SubgraphRequest, Turns } from "./in-memory-subgraphs";
import { mergeParts } from "./merge-parts";
import { findUncovered } from "./plan-coverage";

/** Generated operations are small; no plan of ours may be refused. Stock comes to no end with some of them, and may be. */
const LIMITS = { maxPlanPaths: 10_000, maxEvaluatedPlans: 100 };
/** Ten thousand ways to one field; for all of them together what an operation of 150 selections has with our planner. */
const STOCK_STEPS = 5 * LIMITS.maxPlanPaths;

const ours: AnswererFactory = {
  name: "ours",
  create: async (graph, subgraphs) => {
    const { supergraph } = graph;
    const planner = createApolloPlanner(supergraph.runtimeSdl, LIMITS);
    const client = (name: string) => createClient(name, subgraphs);
    const executor = createExecutor({ supergraph, planner, client });
    return answerWith("ours", graph, executor, createEventSource(graph, client));
  },
};

/** @apollo/gateway, as the product can still be told to run it. */
const stock: AnswererFactory = {
  name: "stock",
  isReference: true,
  create: async (graph, subgraphs) => {
    const forSubgraph = ({ name }: { name: string }) => ({
      process: ({ request, context }: { request: SubgraphRequest; context: unknown }) =>
        subgraphs.send(name, request, turnsOf(context)),
    });
    const upstreams: Pick<Upstreams, "forSubgraph"> = { forSubgraph: forSubgraph as unknown as () => Upstream };
    const { maxPlanPaths, maxEvaluatedPlans } = LIMITS;
    const budget = createPathBudget(maxPlanPaths);
    const executor = await createStockExecutor({
      supergraph: graph.supergraph,
      upstreams: upstreams as Upstreams,
      log: pino({ level: "silent" }),
      planLimits: { pathsLimit: budget.pathsLimit, maxEvaluatedPlans },
    });
    const answerer = answerWith("stock", graph, executor);
    return {
      ...answerer,
      answer: (operation) => {
        budget.begin(STOCK_STEPS);
        return answerer.answer(operation);
      },
    };
  },
};

/** Who is compared with the monolith. */
export const ANSWERERS: readonly AnswererFactory[] = [ours, stock];

/** What the owner of a subscription's field says of an event. */
type EventOf = (
  operation: ExecutableOperation,
  variables: Readonly<Record<string, unknown>>,
  context: UpstreamContext,
) => Promise<SubgraphReply>;

/** The owner is asked as if it streamed: the first of the plan's fetches is a subscription for it, run once. */
function createEventSource({ supergraph }: Graph, client: (name: string) => SubgraphClient): EventOf {
  const types = readSupergraphTypes(supergraph.fullDocument);
  return async ({ plan }, variables, context) => {
    const [call] = plan ? createCalls(readFetchGraph(plan).fetches) : [];
    if (!call) throw new Error("a subscription without a call");
    const given = Object.fromEntries(
      call.variables.flatMap((name) => (Object.hasOwn(variables, name) ? [[name, variables[name]]] : [])),
    );
    const rewrite = callRewrite(call, types);
    const body = `{${call.query},"variables":${JSON.stringify(given)}}`;
    return client(call.service).send({ body, kind: "query", ...(rewrite ? { rewrite } : {}) }, context);
  };
}

function answerWith(name: string, graph: Graph, executor: Executor, eventOf?: EventOf): Answerer {
  let labels: readonly string[] | undefined;
  const prepare = (text: string, operationName: string | undefined, variables: Readonly<Record<string, unknown>>) => {
    const document = parse(text);
    labels ??= overrideLabels(graph);
    return executor.prepare({
      document,
      operationName,
      documentKey: text,
      conditions: conditionsOf(document, operationName, variables),
      // Which labels hold must not change an answer.
      overrideLabels: labels.filter((label) => hashText(`${label} ${text}`) % 2 === 0),
    });
  };
  return {
    name,
    answer: async ({ document, operationName, variables }) => {
      const operation = await prepare(document, operationName, variables);
      if (eventOf && operation.plan) expectCovered(graph, operation.plan, { document, operationName, variables });
      const context = createContext();
      const event = operation.kind === "subscription" ? await eventOf?.(operation, variables, context) : undefined;
      const { data, errors, parts } = await operation.execute({
        variables,
        context,
        acceptsParts: true,
        ...(event ? { event } : {}),
      });
      const answers: DeferredAnswer[] = [];
      for await (const some of parts ?? []) answers.push(...some);
      for (const part of answers) readData(part.data);
      const all = [...errors, ...answers.flatMap((part) => part.errors)];
      const merged = data === undefined ? {} : mergeParts(readData(data), answers);
      return {
        ...merged,
        ...(all.length > 0 ? { errors: JSON.parse(JSON.stringify(all)) as NonNullable<Answer["errors"]> } : {}),
      };
    },
    explain: async ({ document, operationName, variables }) => {
      const { plan } = await prepare(document, operationName, variables);
      if (plan) return prettyFormatQueryPlan(plan);
      const { plan: planAnew } = loadPlannableGraph(graph.supergraph.runtimeSdl, LIMITS);
      return prettyFormatQueryPlan(planAnew({ document, operationName, overrideLabels: [] }));
    },
    close: () => executor.close(),
  };
}

/** @throws Error when the plan asks nobody for a field that may be there, which shows in no answer where the data is null anyway */
function expectCovered(
  graph: Graph,
  plan: QueryPlan,
  { document: text, operationName, variables }: Parameters<Answerer["answer"]>[0],
): void {
  const document = parse(text);
  const names = readSupergraphNames(graph.supergraph.fullDocument);
  const normalised = normaliseOperation(
    document,
    operationName,
    names,
    conditionsOf(document, operationName, variables),
  );
  const uncovered = normalised ? findUncovered(graph, normalised, plan) : [];
  if (uncovered.length > 0) throw new Error(`the plan asks nobody for ${uncovered.join(", ")}`);
}

/** @throws Error when the text is not the one that its value has, as with a key that is there twice */
function readData(text: string): unknown {
  const data: unknown = JSON.parse(text);
  if (JSON.stringify(data) !== text) throw new Error(`the text of the data is not canonical: ${text.slice(0, 500)}`);
  return data;
}

/** The engine's client of a subgraph in this process. */
function createClient(name: string, subgraphs: InMemorySubgraphs): SubgraphClient {
  return {
    send: async ({ body, rewrite }, context) => {
      const answer = await subgraphs.send(name, JSON.parse(body) as SubgraphRequest, turnsOf(context));
      const text = JSON.stringify(answer);
      const data = answer.data ?? null;
      if (data && rewrite) rewrite(data);
      return {
        data,
        errors: (answer.errors ?? []).map(({ message, path }) => new GraphQLError(message, { path: path ?? null })),
        isPlain: !text.includes("\\"),
        bytes: text.length,
        isFault: false,
      };
    },
  };
}

const overrideLabels = ({ subgraphs }: Graph): readonly string[] => {
  const fields = subgraphs.flatMap(({ types }) => [...types.values()].flatMap((type) => [...type.fields.values()]));
  return [...new Set(fields.flatMap(({ overrideLabel }) => (overrideLabel === undefined ? [] : [overrideLabel])))];
};

/** One per operation; it carries the turns of a mutation to the subgraphs. */
function createContext(): UpstreamContext & { readonly turns: Turns } {
  return { requestId: "differential", traceparent: "", viewer: undefined, turns: { count: 0 } };
}

const turnsOf = (context: unknown): Turns => (context as { turns: Turns }).turns;
