import type { OperationCosts } from "../../access/cost/operation-cost";
import { costOf } from "../../access/cost/operation-cost";
import { ClientError } from "../../../kit/errors";
import { conditionsOf } from "../../operation/conditions";
import { type Answer, type Call, type CallStage, onAnswer } from "./call";

/** What calls cost, on the graph that is served now. */
export interface CallCosts {
  /** Before it runs. @throws ClientError when the caller's variables do not tell */
  estimate(call: Call): number;
  /** Tells of every answer of the graph what it cost; it stands right before the graph. */
  readonly meter: CallStage;
}

export function createCallCosts(costs: () => OperationCosts): CallCosts {
  const conditionsFor = ({ operation, variables }: Call) => conditionsOf(operation.document, undefined, variables);
  return {
    estimate: (call) => {
      try {
        const formula = costs().formulaOf(call.operation.document, undefined, conditionsFor(call));
        return costOf(formula, call.variables);
      } catch (error) {
        if (error instanceof ClientError) throw error;
        // It does not fit the graph, so it is refused without being run.
        return 0;
      }
    },
    meter: (call, next) => {
      const current = costs();
      return onAnswer(call, next, (answer) => {
        const data = answer.cost === undefined ? dataOf(answer) : undefined;
        if (data === undefined) return answer;
        const meter = current.meterOf(call.operation.document, undefined, conditionsFor(call));
        const { status, headers, body } = answer;
        return { status, headers, body, cost: meter.ofText(data, call.variables) };
      });
    },
  };
}

/** In JSON. @returns undefined when nothing ran, and for an answer in parts */
function dataOf({ body }: Answer): string | undefined {
  if (body.kind !== "complete") return undefined;
  if (body.result) return body.result.data;
  const { data } = JSON.parse(body.string) as { data?: unknown };
  return data === undefined ? undefined : JSON.stringify(data);
}
