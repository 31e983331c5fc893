import { Kind, parse, print, visit } from "graphql";
import type { AnsweredError, Operation } from "./answerer";
import type { Disagreement, Outcome, Path } from "./compare";
import type { Graph } from "./graph";

export interface ExceptionContext {
  readonly graph: Graph;
  readonly operation: Operation;
  /** What the answerer said. */
  readonly outcome: Outcome;
  /** Subgraphs do not find all entities. */
  readonly misses: boolean;
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

/** By the name of a computed field: the names in its `@requires`. */
function requirements({ subgraphs }: Graph): ReadonlyMap<string, ReadonlySet<string>> {
  const found = new Map<string, ReadonlySet<string>>();
  for (const { types } of subgraphs) {
    for (const [name, { requires }] of [...types.values()].flatMap((type) => [...type.fields])) {
      if (requires) found.set(name, new Set([...(found.get(name) ?? []), ...(print(requires).match(/\w+/g) ?? [])]));
    }
  }
  return found;
}

const namesIn = ({ document }: Operation): ReadonlySet<string> => new Set(document.match(/\w+/g));

/** Fields whose `@requires` mentions a field that has a `@requires` itself. */
function chainedFields(graph: Graph): ReadonlySet<string> {
  const required = requirements(graph);
  return new Set(
    [...required].filter(([, names]) => [...names].some((inner) => required.has(inner))).map(([name]) => name),
  );
}

const asksForAny = (operation: Operation, fields: ReadonlySet<string>): boolean =>
  [...namesIn(operation)].some((name) => fields.has(name));

/** A subgraph of the suite refuses to give what it only declares. */
const isAskedForExternal = ({ message }: AnsweredError): boolean => / was asked for the external field /.test(message);

/** Whether the operation asks for a field whose `@requires` selects one field both with some arguments and with others, or with none. */
function asksForContradiction({ subgraphs }: Graph, operation: Operation): boolean {
  const asked = namesIn(operation);
  const fields = subgraphs.flatMap(({ types }) => [...types.values()].flatMap((type) => [...type.fields]));
  return fields.some(([name, { requires }]) => {
    if (!requires || !asked.has(name)) return false;
    const calls = new Map<string, Set<string>>();
    visit(requires, {
      Field: ({ name: { value }, arguments: given = [] }) => {
        calls.set(value, (calls.get(value) ?? new Set()).add(given.map(print).sort().join()));
      },
    });
    return [...calls.values()].some((ways) => ways.size > 1);
  });
}

/** Whether the operation asks for a computed field, and itself for something that the field requires. */
function asksForRequirement(graph: Graph, operation: Operation): boolean {
  const asked = namesIn(operation);
  return [...requirements(graph)].some(([name, names]) => asked.has(name) && [...names].some((one) => asked.has(one)));
}

/** Computed fields that are told something of an object further down, or of a field that is. */
function fieldsThatRequireObjects({ subgraphs }: Graph): ReadonlySet<string> {
  const fields = subgraphs.flatMap(({ types }) => [...types.values()].flatMap((type) => [...type.fields]));
  const found = new Set<string>();
  let size = -1;
  while (size < found.size) {
    ({ size } = found);
    for (const [name, { requires }] of fields) {
      const isDeep = requires?.selections.some((one) => "selectionSet" in one && one.selectionSet) ?? false;
      const names = requires ? (print(requires).match(/\w+/g) ?? []) : [];
      if (isDeep || names.some((inner) => found.has(inner))) found.add(name);
    }
  }
  return found;
}

/** Whether a path leads to or through one of the fields, whatever the operation calls it. */
function isWithinAny(path: Path, fields: ReadonlySet<string>, { document }: Operation): boolean {
  const keys = new Set(path);
  let isWithin = false;
  visit(parse(document), {
    Field: ({ name, alias }) => {
      if (fields.has(name.value) && keys.has((alias ?? name).value)) isWithin = true;
    },
  });
  return isWithin;
}

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
    name: "planner-chained-requires",
    answerer: "ours",
    reason:
      "Where a required field is computed from required fields itself, @apollo/query-planner may select these beside it in the subgraph that computes it, where they are external: the plan has no fetch that gives them.",
    excuses: ({ path }, { graph, operation, outcome }) => {
      const chained = chainedFields(graph);
      const isRefused = "errors" in outcome && Boolean(outcome.errors?.some(isAskedForExternal));
      return isRefused ? asksForAny(operation, chained) : isWithinAny(path, chained, operation);
    },
  },
  {
    name: "planning-limit",
    answerer: "ours",
    reason:
      "Some graphs have more ways to fetch one selection than even the suite's limit: the gateway refuses such an operation, and says why.",
    excuses: ({ kind, detail }) => kind === "thrown" && /exceeds the limit of \d+ ways to fetch a field/.test(detail),
  },
  {
    name: "requirement-contradicts-itself",
    answerer: "ours",
    reason:
      "A `@requires` that selects one field twice with different arguments composes, although its selections could not be merged in any operation.",
    excuses: (_, { graph, operation }) => asksForContradiction(graph, operation),
  },
  {
    name: "requirement-shares-a-selection",
    answerer: "ours",
    reason:
      "What a field requires is selected together with what the client asks of the same object: a failure there makes the object null for both.",
    excuses: (disagreement, { graph, operation, outcome }) =>
      isNullInstead(disagreement) &&
      "errors" in outcome &&
      Boolean(outcome.errors?.some(({ path = [] }) => isBelow(path, disagreement.path))) &&
      asksForRequirement(graph, operation),
  },
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
    name: "computed-from-a-miss",
    answerer: "ours",
    reason:
      "Where an entity inside of what a field requires is not found, its subgraph is told null for it, and computes the field from that.",
    excuses: ({ kind, path }, { graph, operation, misses }) =>
      kind === "data" && misses && isWithinAny(path, fieldsThatRequireObjects(graph), operation),
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
