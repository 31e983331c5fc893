import { type DocumentNode, getOperationAST, getVariableValues, Kind, type OperationDefinitionNode } from "graphql";
import type { QueryPlan } from "@apollo/query-planner";
import { ClientError } from "../../kit/errors";
import { costOf, createOperationCosts } from "../access/cost/operation-cost";
import { guardOperation } from "../access/enforcement/guarded-operation";
import { measureOperations } from "../access/limits/operation-limits";
import { readAccessRules } from "../access/rules/access-rules";
import type { GatewayConfig } from "../config";
import { createExecutor } from "../execution/create-executor";
import { createDocumentChecker, isRefused } from "../operation/check-document";
import { conditionsOf } from "../operation/conditions";
import type { LoadedSupergraph } from "../supergraph/load-supergraph";
import type { SubgraphClient } from "../upstream/upstreams";
import { type DescribedCall, describeCalls } from "./describe-calls";
import { ExplainError } from "./explain-error";
import { type GuardedField, guardedFields } from "./guarded-fields";

/** All there is to know of an operation before it is run. */
export interface ExplainedOperation {
  readonly kind: "query" | "mutation" | "subscription";
  readonly name: string | undefined;
  /** Version of the supergraph. */
  readonly version: string;
  readonly plan: QueryPlan;
  readonly calls: readonly DescribedCall[];
  readonly cost: {
    /** Undefined: `reason` says why it is not known. */
    readonly value: number | undefined;
    readonly reason?: string;
    /** Undefined: no limit. */
    readonly max: number | undefined;
    /** How long lists are taken to be of which nothing is known. */
    readonly listSize: number;
  };
  readonly accessMode: "filter" | "reject";
  readonly guarded: readonly GuardedField[];
  readonly limits: readonly { readonly name: string; readonly value: number; readonly max: number }[];
  /** Of the supergraph; those that hold are in the plan. */
  readonly overrideLabels: readonly { readonly label: string; readonly holds: boolean }[];
  /** Variables that decide `@skip`, `@include` and `@defer`: another value gives another plan. */
  readonly conditions: Readonly<Record<string, boolean>>;
}

/** The settings of a gateway that say something about an operation. */
export type ExplainSettings = Pick<
  GatewayConfig,
  "limits" | "cost" | "accessMode" | "introspection" | "overrideLabels"
>;

/**
 * Plans an operation and looks it over, as a gateway of these settings would, and sends nothing.
 * @param options.name of the document, for errors
 * @throws ExplainError when the gateway would refuse the document; ClientError when planning takes too much
 */
export async function explainOperation(options: {
  supergraph: LoadedSupergraph;
  settings: ExplainSettings;
  name: string;
  text: string;
  operationName: string | undefined;
  /** Undefined: none are given, and none are checked. */
  variables: Readonly<Record<string, unknown>> | undefined;
}): Promise<ExplainedOperation> {
  const { supergraph, settings, name, text, operationName, variables: given } = options;
  const { apiSchema: schema, fullDocument, planner } = supergraph;
  const { limits, cost, accessMode, introspection } = settings;

  const checked = createDocumentChecker({ limits, introspection, suggestions: true }).check(supergraph, text);
  if (isRefused(checked)) {
    const what = { parse: "is not GraphQL", limits: "is refused", validation: "does not fit the graph" }[checked.stage];
    throw new ExplainError(
      checked.errors.map(({ message, locations }) => {
        const place = locations?.[0] ? ` (line ${locations[0].line}, column ${locations[0].column})` : "";
        return `${name} ${what}: ${message}${place}`;
      }),
    );
  }
  const { document, key } = checked;
  const operation = requireOperation(document, operationName, name);
  const variables = given ?? {};
  if (given) {
    const { errors } = getVariableValues(schema, operation.variableDefinitions ?? [], { ...given });
    if (errors) throw new ExplainError(errors.map(({ message }) => `The variables do not fit: ${message}`));
  }

  const conditions = conditionsOf(document, operationName, variables);
  const held = supergraph.overrideLabels.filter((label) => holds(label, settings.overrideLabels));
  const executor = createExecutor({ supergraph, planner, client: () => NOBODY });
  const { plan, kind } = await executor.prepare({
    document,
    documentKey: key,
    operationName,
    overrideLabels: held,
    conditions,
  });
  if (!plan) throw new Error("the executor keeps its plans to itself");

  const guarded = guardOperation(schema, readAccessRules(fullDocument), document, operationName);
  const measured = measureOperations(document).find((one) => one.operation === operation);
  const size = measured?.size;
  const repetitions = measured?.repetitions({ most: Infinity, comparisons: Infinity });
  const costs = createOperationCosts({ schema, supergraph: fullDocument, listSize: cost.listSize });
  return {
    kind,
    name: operation.name?.value,
    version: supergraph.version,
    plan,
    calls: describeCalls(plan),
    cost: {
      ...estimate(() => costOf(costs.formulaOf(document, operationName, conditions), variables)),
      max: cost.max > 0 ? cost.max : undefined,
      listSize: cost.listSize,
    },
    accessMode,
    guarded: guarded ? guardedFields(guarded) : [],
    limits: [
      { name: "tokens", value: tokensOf(document), max: limits.maxTokens },
      { name: "depth", value: size?.depth ?? 0, max: limits.maxDepth },
      { name: "fields", value: size?.fields ?? 0, max: limits.maxFields },
      { name: "aliases", value: size?.aliases ?? 0, max: limits.maxAliases },
      { name: "root fields", value: size?.rootFields ?? 0, max: limits.maxRootFields },
      { name: "directives", value: size?.directives ?? 0, max: limits.maxDirectives },
      { name: "repetitions of one field", value: repetitions?.most ?? 0, max: limits.maxRepetitions },
      { name: "comparisons of fields", value: repetitions?.comparisons ?? 0, max: limits.maxComparisons },
    ],
    overrideLabels: supergraph.overrideLabels.map((label) => ({ label, holds: held.includes(label) })),
    conditions: Object.fromEntries(conditions.values),
  };
}

/** Of percentages only all of the requests; a smaller share holds here when the settings name it. */
const holds = (label: string, enabled: ReadonlySet<string>) => enabled.has(label) || label === "percent(100)";

const NOBODY: SubgraphClient = {
  send: () => Promise.reject(new Error("nothing is sent while an operation is explained")),
};

function requireOperation(document: DocumentNode, wanted: string | undefined, file: string): OperationDefinitionNode {
  const operation = getOperationAST(document, wanted);
  if (operation) return operation;
  const names = document.definitions.flatMap((node) =>
    node.kind === Kind.OPERATION_DEFINITION ? (node.name?.value ?? "one without a name") : [],
  );
  const has = names.length === 0 ? `${file} has no operation` : `${file} has the operations ${names.join(", ")}`;
  if (names.length === 0) throw new ExplainError([`${has}.`]);
  throw new ExplainError([
    wanted === undefined ? `${has}: choose one with --operation NAME.` : `${has}, and none called "${wanted}".`,
  ]);
}

function estimate(cost: () => number): { value: number | undefined; reason?: string } {
  try {
    return { value: cost() };
  } catch (error) {
    if (error instanceof ClientError) return { value: undefined, reason: error.message };
    throw error;
  }
}

/** The parser counts them, and its type does not say so. */
const tokensOf = (document: DocumentNode): number =>
  (document as { readonly tokenCount?: number }).tokenCount ?? Number.NaN;
