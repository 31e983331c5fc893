import { Kind, parse } from "graphql";
import type { AnsweredError, Operation } from "./answerer";
import type { Disagreement, Outcome, Path } from "./compare";

export interface ExceptionContext {
  readonly operation: Operation;
  /** What the answerer said. */
  readonly outcome: Outcome;
}

/** A disagreement that is known, with the reason why it is let pass. How often each one is used is counted and printed. */
export interface KnownException {
  readonly name: string;
  /** Whose disagreement it is. */
  readonly answerer: string;
  readonly reason: string;
  excuses(disagreement: Disagreement, context: ExceptionContext): boolean;
}

const hasSeveralOperations = ({ document }: Operation): boolean =>
  parse(document).definitions.filter(({ kind }) => kind === Kind.OPERATION_DEFINITION).length > 1;

const namesIn = ({ document }: Operation): ReadonlySet<string> => new Set(document.match(/\w+/g));

/** The field's name in an error of the data. */
const failedField = ({ message }: AnsweredError): string | undefined => /^\w+\.(\w+) fails$/.exec(message)?.[1];

/** An error of the data that stands at another field than the one that failed. */
const isMoved = (error: AnsweredError): boolean => {
  const failed = failedField(error);
  return failed !== undefined && error.path?.at(-1) !== failed;
};

const isNullInstead = ({ kind, detail }: Disagreement): boolean => kind === "data" && detail.startsWith("null instead");

const hasTypeConditions = ({ document }: Operation): boolean => /\bon\s+\w/.test(document);

const isBelow = (error: Path, place: Path): boolean => place.every((step, i) => error[i] === step);

export const KNOWN_EXCEPTIONS: readonly KnownException[] = [
  {
    name: "fetch-shares-a-selection",
    answerer: "ours",
    reason:
      "@apollo/query-planner puts together what fragments on different types above ask of one place, and asks all objects there for all of it: a failure of what only some were to be asked for makes the others null.",
    excuses: (disagreement, { outcome, operation }) =>
      isNullInstead(disagreement) &&
      hasTypeConditions(operation) &&
      "errors" in outcome &&
      Boolean(
        outcome.errors?.some(
          (error) =>
            isMoved(error) &&
            isBelow(error.path ?? [], disagreement.path) &&
            namesIn(operation).has(failedField(error) ?? ""),
        ),
      ),
  },
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
    excuses: ({ kind, detail }, { operation }) =>
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
  context: ExceptionContext,
): KnownException | undefined {
  return KNOWN_EXCEPTIONS.find((known) => known.answerer === answerer && known.excuses(disagreement, context));
}
