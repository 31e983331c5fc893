import type { GraphQLError, GraphQLSchema, VariableDefinitionNode } from "graphql";
import { coerceVariableValues } from "../operation/coerce-variables";
import type { ExecutionRequest } from "./executor";

type Values = Readonly<Record<string, unknown>>;

/** Variables under the plan's names. */
export interface PlanVariables {
  /** With defaults, as conditions see them. */
  readonly coerced: Values;
  /** As the client gave them, for the subgraphs: their own defaults are those of the supergraph. */
  readonly given: Values;
}

/** @returns the client's errors when the values do not fit */
export type ReadVariables = (
  request: Pick<ExecutionRequest, "variables" | "areCoerced">,
) => PlanVariables | readonly GraphQLError[];

const NONE: PlanVariables = Object.freeze({ coerced: Object.freeze({}), given: Object.freeze({}) });

/** https://spec.graphql.org/October2021/#CoerceVariableValues() */
export function prepareVariables(
  schema: GraphQLSchema,
  definitions: readonly VariableDefinitionNode[],
  planName: (name: string) => string,
): ReadVariables {
  if (definitions.length === 0) return () => NONE;
  const names = definitions.map(({ variable: { name } }) => ({ name: name.value, inPlan: planName(name.value) }));
  const underPlanNames = (values: Values): Values => {
    const renamed = Object.create(null) as Record<string, unknown>;
    for (const { name, inPlan } of names) if (Object.hasOwn(values, name)) renamed[inPlan] = values[name];
    return renamed;
  };
  return ({ variables, areCoerced }) => {
    if (areCoerced) {
      const values = underPlanNames(variables);
      return { coerced: values, given: values };
    }
    const { coerced, errors } = coerceVariableValues(schema, definitions, variables);
    return errors ?? { coerced: underPlanNames(coerced), given: underPlanNames(variables) };
  };
}
