import { operationFromDocument, Supergraph } from "@apollo/federation-internals";
import { type QueryPlan, QueryPlanner } from "@apollo/query-planner";
import { BREAK, type DocumentNode, parse, printSchema, visit } from "graphql";
import { ClientError } from "../../kit/errors";
import { installAliasesBelowAliases } from "./alias-below-aliases";
import { createWayCounter } from "./count-ways";
import { installFewerOptions, withFewerOptions } from "./fewer-options";
import { measureOperation } from "./measure-operation";
import { mendPlanner, readChainedFields, withChain } from "./mend-planner";
import { installMergeFetches } from "./merge-fetches";
import { BudgetSpentError, createPathBudget } from "./path-budget";
import type { CountedPlanLimits } from "./plan-limits";
import { byObjectTypes, readInterfaceObjects } from "./object-fragments";
import { PlannerGraph } from "./planner-graph";
import { type Planner, PlanLimitError, type PlanRequest } from "./planner";
import { installPathsToObjects } from "./paths-to-objects";
import { withoutImpossible } from "./possible-fragments";
import { createRestorer } from "./restore-requirements";
import { spellRequirements } from "./spell-requirements";
import { createInterfaceSpreader } from "./spread-interfaces";
import { withoutDefer } from "./rewrite-document";
import { createContextSplitter } from "./split-for-contexts";

/** What loading a supergraph tells besides a planner. */
export interface GraphFacts {
  /** What clients see, `@defer` included. */
  readonly apiSdl: string;
  /** As the supergraph names them; a URL may be empty. */
  readonly subgraphs: readonly { readonly name: string; readonly url: string }[];
  /** Of `@override(label:)`, each once. */
  readonly overrideLabels: readonly string[];
}

export interface PlannableGraph extends GraphFacts {
  /** @throws PlanLimitError, GraphQLError for a document that is not valid on this graph */
  plan(request: PlanRequest): QueryPlan;
}

/** Each of them doubles the number of plans within the plan. */
const MAX_DEFER_CONDITIONS = 4;

/** Limits of the planner's own that its configuration does not reach, by what their messages begin with. */
const LIMIT_MESSAGE =
  /^(Too many options generated|Number of non-local selections|Exceeded maximum recursive selections)/;

/**
 * Plans in the calling thread, which it keeps busy for milliseconds: see `startPlannerThread`.
 * @param runtimeSdl without the purposes of features that the gateway takes care of: see `runtimeView`
 * @throws Error when the text is no supergraph
 */
export function createApolloPlanner(runtimeSdl: string, limits: CountedPlanLimits): Planner {
  const graph = loadPlannableGraph(runtimeSdl, limits);
  return {
    plan: async (request) => graph.plan(request),
    close: async () => undefined,
  };
}

/** @throws Error when the text is no supergraph */
export function loadPlannableGraph(runtimeSdl: string, limits: CountedPlanLimits): PlannableGraph {
  mendPlanner();
  installFewerOptions();
  installMergeFetches();
  installAliasesBelowAliases();
  installPathsToObjects();
  const supergraph = Supergraph.build(runtimeSdl, { validateSupergraph: true });
  const apiSchema = supergraph.apiSchema();
  const overrideLabels = readOverrideLabels(supergraph);
  const budget = createPathBudget(limits.maxPlanPaths);
  const runtimeDocument = parse(runtimeSdl, { noLocation: true });
  const chained = readChainedFields(runtimeDocument);
  const interfaceObjects = readInterfaceObjects(runtimeDocument);
  const splitForContexts = createContextSplitter(runtimeDocument, apiSchema);
  const spelled = spellRequirements(runtimeDocument);
  const restore = spelled && createRestorer(spelled);
  const planned = spelled ? Supergraph.build(spelled.document, { validateSupergraph: false }) : supergraph;
  const planner = new QueryPlanner(planned, {
    incrementalDelivery: { enableDefer: true },
    // Finding places for the client's fragments again costs more than it saves: bodies of fetches are serialised once per plan.
    reuseQueryFragments: false,
    debug: { pathsLimit: budget.pathsLimit, maxEvaluatedPlans: limits.maxEvaluatedPlans },
  });

  const plannerGraph = new PlannerGraph(planner);
  const hasTooManyWays = createWayCounter(plannerGraph, planned.schema);
  const spreadInterfaces = createInterfaceSpreader(plannerGraph, apiSchema);
  const tooManyWays = () => new PlanLimitError("ways to fetch a field", limits.maxPlanPaths);

  const plan = (document: DocumentNode, { operationName, overrideLabels: given }: PlanRequest): QueryPlan => {
    const { selections, hasDefer, deferConditions } = measureOperation(document, operationName);
    if (deferConditions > MAX_DEFER_CONDITIONS) {
      throw new PlanLimitError("variables in @defer(if:)", MAX_DEFER_CONDITIONS);
    }
    const held = new Set(given);
    const overrideConditions = new Map(overrideLabels.map((label) => [label, held.has(label)]));
    const steps = Math.ceil(limits.maxPlanPaths * (2 + selections / 50));
    // Parts that are put off around interface objects have fewer ways than the counter knows.
    const isCountable = !hasDefer || interfaceObjects.size === 0;
    const countedLimits = { ways: limits.maxPlanPaths, steps };
    if (isCountable && hasTooManyWays(document, operationName, countedLimits, overrideConditions)) throw tooManyWays();
    const operation = operationFromDocument(apiSchema, document, operationName === undefined ? {} : { operationName });
    if (operation.rootKind === "subscription" && hasDefer) {
      throw new ClientError("GRAPHQL_VALIDATION_FAILED", "A subscription cannot use @defer.");
    }
    budget.begin(steps);
    const made = withChain(asksForAny(document, chained), () =>
      planner.buildQueryPlan(operation, { overrideConditions }),
    );
    return restore ? restore(made) : made;
  };

  /** Ways to plan with fewer ways. */
  const reductions: readonly ((document: DocumentNode, request: PlanRequest) => QueryPlan | undefined)[] = [
    (document, request) => {
      const spread = spreadInterfaces(document, true);
      return spread && spread !== document ? plan(spread, request) : undefined;
    },
    (document, request) => (interfaceObjects.size > 0 ? withFewerOptions(() => plan(document, request)) : undefined),
  ];

  const planWithin: typeof plan = (document, request) => {
    try {
      return plan(document, request);
    } catch (error) {
      if (!isLimit(error)) throw error;
    }
    for (const reduce of reductions) {
      try {
        const made = reduce(document, request);
        if (made) return made;
      } catch {
        // The next one may find a plan.
      }
    }
    throw tooManyWays();
  };

  /** What is planned in turn until the planner does not refuse it, each made of the one before it, where there is something to make. */
  const simplifications: readonly ((document: DocumentNode, request: PlanRequest) => DocumentNode | undefined)[] = [
    (document) => {
      const spread = spreadInterfaces(document, false);
      if (!spread) throw tooManyWays();
      return spread;
    },
    (document) => withoutImpossible(document, apiSchema),
    (document) => {
      const changed = byObjectTypes(document, apiSchema, interfaceObjects);
      return changed && withoutImpossible(changed, apiSchema);
    },
    // The planner cannot put everything off that may be put off. Whoever asks for parts may be given the whole.
    (document, { operationName }) =>
      measureOperation(document, operationName).hasDefer ? withoutDefer(document) : undefined,
  ];

  return {
    apiSdl: printSchema(apiSchema.toGraphQLJSSchema({ includeDefer: true })),
    subgraphs: supergraph.subgraphsMetadata().map(({ name, url }) => ({ name, url })),
    overrideLabels,
    plan: (request) => {
      const given = parse(request.document, { noLocation: true });
      const split = splitForContexts?.(given) ?? given;
      let document = split === given ? given : withoutImpossible(split, apiSchema);
      let fault: unknown;
      for (const simplify of simplifications) {
        const simpler = simplify(document, request);
        if (!simpler) continue;
        document = simpler;
        try {
          return planWithin(document, request);
        } catch (error) {
          if (error instanceof ClientError) throw error;
          fault ??= error;
        }
      }
      throw fault;
    },
  };
}

const isLimit = (error: unknown): boolean =>
  error instanceof BudgetSpentError || LIMIT_MESSAGE.test((error as Error).message);

function asksForAny(document: DocumentNode, fields: ReadonlySet<string>): boolean {
  let isFound = false;
  if (fields.size === 0) return isFound;
  visit(document, { Field: ({ name }) => (fields.has(name.value) ? ((isFound = true), BREAK) : undefined) });
  return isFound;
}

function readOverrideLabels({ schema }: Supergraph): readonly string[] {
  const labels = new Set<string>();
  for (const application of schema.directive("join__field")?.applications() ?? []) {
    const label: unknown = application.arguments()["overrideLabel"];
    if (typeof label === "string") labels.add(label);
  }
  return [...labels].sort();
}
