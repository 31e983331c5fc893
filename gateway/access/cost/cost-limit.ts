import type { DocumentNode } from "graphql";
import { ClientError } from "../../../kit/errors";
import type { Conditions } from "../../operation/conditions";
import { costOf, type OperationCosts } from "./operation-cost";

/** An operation with everything that its cost depends on. */
export interface CostedOperation {
  readonly document: DocumentNode;
  readonly operationName?: string | undefined;
  readonly conditions: Conditions;
  readonly variables: Readonly<Record<string, unknown>>;
}

/** Refuses operations that cost too much. */
export interface CostLimit {
  /** @returns why the operation must not run; undefined when it may */
  refuse(operation: CostedOperation): ClientError | undefined;
}

/** How long a list is taken to be of which the supergraph says nothing. */
export const DEFAULT_LIST_SIZE = 10;

/** @param maxCost the highest cost that is accepted */
export function createCostLimit(costs: OperationCosts, maxCost: number): CostLimit {
  const costOfOperation = ({ document, operationName, conditions, variables }: CostedOperation) =>
    costOf(costs.formulaOf(document, operationName, conditions), variables);
  return {
    refuse: (operation) => {
      try {
        const cost = costOfOperation(operation);
        if (cost <= maxCost) return undefined;
        const message = `The operation costs ${cost}, which exceeds the limit of ${maxCost}.`;
        return new ClientError("OPERATION_LIMIT_EXCEEDED", message, { limit: "cost", max: maxCost, cost });
      } catch (error) {
        if (error instanceof ClientError) return error;
        throw error;
      }
    },
  };
}
