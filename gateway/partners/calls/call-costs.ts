import type { OperationCosts } from "../../access/cost/operation-cost";
import { costOf } from "../../access/cost/operation-cost";
import { ClientError } from "../../../kit/errors";
import { conditionsOf } from "../../operation/conditions";
import type { Call } from "./call";

/** What a call costs before it runs, on the graph that is served now. @throws ClientError when the caller's variables do not tell */
export const estimateCalls =
  (costs: () => OperationCosts): ((call: Call) => number) =>
  ({ operation: { document }, variables }) => {
    try {
      return costOf(costs().formulaOf(document, undefined, conditionsOf(document, undefined, variables)), variables);
    } catch (error) {
      if (error instanceof ClientError) throw error;
      // It does not fit the graph, so it is refused without being run.
      return 0;
    }
  };
