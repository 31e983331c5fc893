import { type GraphQLError, type GraphQLSchema, NoDeprecatedCustomRule, validate } from "graphql";
import type { DocumentNode } from "graphql";
import { checkPathTypes } from "../../../schema/check-path-types";
import { ClientError } from "../../../kit/errors";
import { costOf, type OperationCosts } from "../../access/cost/operation-cost";
import { guardOperation } from "../../access/enforcement/guarded-operation";
import type { AccessRules } from "../../access/rules/access-rules";
import { isGranted, type PolicyFunction, type Rule } from "../../access/rules/rule";
import type { OperationSource } from "../../execution/executor";
import { type DocumentChecker, isRefused } from "../../operation/check-document";
import { conditionsOf } from "../../operation/conditions";
import type { DraftOperation, RegistrationProblem } from "./draft-operation";

/** A graph as a gateway of certain settings would serve it, as far as operations are held against it. */
export interface CheckingGraph {
  readonly apiSchema: GraphQLSchema;
  readonly rules: AccessRules;
  readonly checker: DocumentChecker;
  readonly costs: OperationCosts;
  /** 0: whatever it costs. */
  readonly maxCost: number;
  readonly policy: PolicyFunction | undefined;
  readonly overrideLabels: readonly string[];
  /** Plans it. @throws ClientError when that takes too much */
  prepare(source: OperationSource): Promise<unknown>;
}

/** A live key, as far as access rules ask about it. */
export interface KeyScopes {
  readonly id: string;
  readonly scopes: readonly string[];
}

/**
 * Everything for which a gateway would refuse one of these operations, or answer it in part only.
 * @param keysOf live keys of a partner; of a partner without any nothing is demanded yet
 */
export async function checkAgainstGraph(
  graph: CheckingGraph,
  operations: readonly DraftOperation[],
  keysOf: (partner: string) => readonly KeyScopes[],
): Promise<RegistrationProblem[]> {
  const problems: RegistrationProblem[] = [];
  for (const operation of operations) {
    const { partner, name, definition, rest } = operation;
    const refuse = (message: string, place?: RegistrationProblem["place"]) =>
      problems.push({ partner, operation: name, message, ...(place && { place }) });
    const checked = graph.checker.check(graph, operation.body);
    if (isRefused(checked)) {
      for (const error of checked.errors) refuse(withoutStop(error.message), error.locations?.[0]);
      continue;
    }
    if (rest) for (const message of checkPathTypes(graph.apiSchema, definition, rest)) refuse(message);
    const { document } = checked;
    for (const message of missingScopes(graph, document, name, partner, keysOf(partner))) refuse(message);
    const conditions = conditionsOf(document, name, {});
    const tooCostly = exceedsCost(graph, document, name);
    if (tooCostly !== undefined) refuse(tooCostly);
    try {
      await graph.prepare({
        document,
        documentKey: checked.key,
        operationName: name,
        overrideLabels: graph.overrideLabels,
        conditions,
      });
    } catch (error) {
      // Whatever the planner finds wrong: it would find it at each call.
      refuse(`it cannot be planned: ${withoutStop((error as Error).message)}`);
    }
  }
  return problems;
}

/** Fields, arguments and values in an operation that the schema calls deprecated; the operation is valid. */
export const deprecatedUses = (schema: GraphQLSchema, document: DocumentNode): readonly string[] => [
  ...new Set(
    validate(schema, document, [NoDeprecatedCustomRule]).map(({ message }: GraphQLError) => withoutStop(message)),
  ),
];

/** With the values that variables have by default; what one call asks for beyond that is held against the limit when it comes. */
function exceedsCost({ costs, maxCost }: CheckingGraph, document: DocumentNode, name: string): string | undefined {
  if (maxCost === 0) return undefined;
  try {
    const cost = costOf(costs.formulaOf(document, name, conditionsOf(document, name, {})), {});
    return cost > maxCost ? `it costs ${cost}, and ${maxCost} is the limit` : undefined;
  } catch (error) {
    // A size that only a variable gives: known at the call.
    if (error instanceof ClientError) return undefined;
    throw error;
  }
}

/** One key is enough: which of a partner's keys calls what is the partner's business. */
function missingScopes(
  { apiSchema, rules, policy }: CheckingGraph,
  document: DocumentNode,
  name: string,
  partner: string,
  keys: readonly KeyScopes[],
): string[] {
  if (rules.isEmpty || keys.length === 0) return [];
  const demanded = guardOperation(apiSchema, rules, document, name)?.rules ?? [];
  const lacking = keys.map(({ scopes }) => {
    const viewer = { kind: "partner", subject: partner, roles: [], scopes } as const;
    return demanded.filter((rule) => !isGranted(rule, viewer, policy));
  });
  if (lacking.some((rules) => rules.length === 0)) return [];
  const nearest = lacking.reduce((fewest, rules) => (rules.length < fewest.length ? rules : fewest));
  return [`no live key of ${partner} may see all of it: it takes ${nearest.map(inWords).join(" and ")}`];
}

function inWords(rule: Rule): string {
  if (rule.kind === "authenticated") return "a signed-in caller";
  const noun = rule.kind === "scopes" ? "scope" : "policy";
  if (rule.anyOf.length === 0) return `what no ${noun} grants`;
  return `the ${noun} ${rule.anyOf.map((all) => all.join(" with ") || "none").join(" or ")}`;
}

const withoutStop = (sentence: string) => sentence.replace(/\.$/, "");
