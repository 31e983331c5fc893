import { Kind, parse } from "graphql";
import type { Operation } from "./answerer";
import type { Disagreement } from "./compare";

/** A disagreement that is known, with the reason why it is let pass. How often each one is used is counted and printed. */
export interface KnownException {
  readonly name: string;
  /** Whose disagreement it is. */
  readonly answerer: string;
  readonly reason: string;
  excuses(disagreement: Disagreement, operation: Operation): boolean;
}

const hasSeveralOperations = ({ document }: Operation): boolean =>
  parse(document).definitions.filter(({ kind }) => kind === Kind.OPERATION_DEFINITION).length > 1;

export const KNOWN_EXCEPTIONS: readonly KnownException[] = [
  {
    name: "stock-cannot-plan",
    answerer: "stock",
    reason: "Its planner would take all time or memory for the ways in which interface objects can be asked.",
    excuses: ({ kind, detail }) => kind === "thrown" && /^(BudgetSpentError|Error: Too many options)/.test(detail),
  },
  {
    name: "stock-key-order",
    answerer: "stock",
    reason: "The stock executor writes keys in the order of its own normalised selections, not of the document.",
    excuses: ({ kind }) => kind === "order",
  },
  {
    name: "stock-fragments-of-other-operations",
    answerer: "stock",
    reason:
      "The stock gateway checks every fragment against the variables of the chosen operation, also those it does not spread.",
    excuses: ({ kind, detail }, operation) =>
      kind === "thrown" && /Invalid value .*\$/.test(detail) && hasSeveralOperations(operation),
  },
  {
    name: "stock-silent-null",
    answerer: "stock",
    reason:
      "What the stock executor finds wrong itself goes to extensions.valueCompletion, and nowhere if there are other errors.",
    excuses: ({ kind }) => kind === "silent",
  },
  {
    name: "stock-misplaced-error",
    answerer: "stock",
    reason:
      "The stock executor numbers the paths of entity errors by all objects of a list, although only some were asked for.",
    excuses: ({ kind }) => kind === "stray" || kind === "excused",
  },
];

/** The exception for each disagreement, or undefined where there is none. */
export function exceptionFor(
  answerer: string,
  disagreement: Disagreement,
  operation: Operation,
): KnownException | undefined {
  return KNOWN_EXCEPTIONS.find((known) => known.answerer === answerer && known.excuses(disagreement, operation));
}
