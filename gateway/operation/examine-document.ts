import {
  type DocumentNode,
  GraphQLError,
  type GraphQLSchema,
  NoSchemaIntrospectionCustomRule,
  OverlappingFieldsCanBeMergedRule,
  parse,
  specifiedRules,
  validate,
  type ValidationRule,
} from "graphql";
import {
  findExceededLimit,
  limitExceeded,
  MAX_OPERATIONS,
  type OperationLimits,
} from "../access/limits/operation-limits";
import { checkFragments } from "./check-fragments";
import { deferRule, noDeferRule } from "./defer-rules";
import { placedError } from "./placed-error";
import { scanDocument } from "./scan-document";

export interface ExamineOptions {
  readonly limits: OperationLimits;
  readonly introspection: boolean;
  /** "Did you mean …" helps developers and maps the schema for strangers. */
  readonly suggestions: boolean;
  /** False where the executor knows no `@defer`: documents with it are refused then. */
  readonly defer?: boolean | undefined;
}

/** Why a document is refused; the stage decides who words the answer. */
export interface RefusedDocument {
  readonly stage: "parse" | "limits" | "validation";
  readonly errors: readonly GraphQLError[];
  /** The document itself is not to blame: another time it may pass. */
  readonly isTransient?: boolean;
  /** Told by the text alone: to find it again costs as little as to remember it. */
  readonly isAtSight?: boolean;
}

/** Parses, limits and validates. */
export type ExamineDocument = (schema: GraphQLSchema, text: string) => DocumentNode | RefusedDocument;

const MAX_VALIDATION_ERRORS = 20;
/** As many as in a variable. */
const MAX_VALUE_LEVELS = 100;
/** Compares all fields of a level before any of them is known to exist, which costs more than all other rules together. */
const LATER_RULES: readonly ValidationRule[] = [OverlappingFieldsCanBeMergedRule];

/** @param giveTurn is called often while a document is examined, for a thread that lets others go first */
export function createExaminer(
  { limits, introspection, suggestions, defer = true }: ExamineOptions,
  giveTurn?: () => void,
): ExamineDocument {
  const rules: readonly ValidationRule[] = [
    ...specifiedRules.filter((rule) => rule !== OverlappingFieldsCanBeMergedRule),
    defer ? deferRule : noDeferRule,
    ...(introspection ? [] : [NoSchemaIntrospectionCustomRule]),
    ...(giveTurn ? [() => ({ enter: () => giveTurn() })] : []),
  ];

  const examine: ExamineDocument = (schema, text) => {
    // Before the parser makes objects of what nobody will look at.
    const scanned = scanDocument(text, limits);
    if (scanned.tokens > limits.maxTokens) return atSight(limitExceeded("tokens", limits.maxTokens));
    // In fragments there may be more of it.
    if (scanned.depth > limits.maxDepth) return atSight(limitExceeded("depth", limits.maxDepth));
    if (scanned.operations > MAX_OPERATIONS) return atSight(limitExceeded("operations", MAX_OPERATIONS));
    if (scanned.valueLevels > MAX_VALUE_LEVELS) return atSight(limitExceeded("levels in a value", MAX_VALUE_LEVELS));
    if (scanned.fragments.size > 0) {
      const errors = checkFragments(scanned, text, MAX_VALIDATION_ERRORS);
      if (errors.length > 0) return invalid(errors);
    }
    let document: DocumentNode;
    try {
      document = parse(text, { maxTokens: limits.maxTokens });
    } catch (error) {
      if (!(error instanceof GraphQLError)) throw error;
      // The parser's own sentence names the limit but gives no code.
      if (error.message.includes("tokens. Parsing aborted")) {
        return beyondLimit(limitExceeded("tokens", limits.maxTokens));
      }
      return { stage: "parse", errors: withCodes([error], "GRAPHQL_PARSE_FAILED") };
    }
    giveTurn?.();
    const exceeded = findExceededLimit(document, limits);
    if (exceeded) return beyondLimit(exceeded);
    giveTurn?.();
    const options = { maxErrors: MAX_VALIDATION_ERRORS, hideSuggestions: !suggestions };
    const found = validate(schema, document, rules, options);
    const errors = found.length > 0 ? found : validate(schema, document, LATER_RULES, options);
    return errors.length > 0 ? invalid(errors) : document;
  };

  /** Thousands of nested braces exhaust the stack of the parser or of a rule, which is harmless and means the same as the limit. */
  return (schema, text) => {
    try {
      return examine(schema, text);
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
      return beyondLimit(limitExceeded("depth", limits.maxDepth));
    }
  };
}

/** A refusal as it travels between threads. */
export interface SentRefusal {
  readonly stage: RefusedDocument["stage"];
  readonly errors: readonly PlainError[];
}

/** What a client is told of an error. */
type PlainError = Pick<GraphQLError, "message" | "locations" | "extensions">;

export const sendRefusal = ({ stage, errors }: RefusedDocument): SentRefusal => ({
  stage,
  errors: errors.map(({ message, locations, extensions }) => ({ message, locations, extensions })),
});

export const receiveRefusal = ({ stage, errors }: SentRefusal): RefusedDocument => ({
  stage,
  errors: withoutStacks(errors),
});

/** One refusal for each limit, so that its answer is written once. */
const refusalsWith = (found: Pick<RefusedDocument, "isAtSight">) => {
  const known = new WeakMap<GraphQLError, RefusedDocument>();
  return (error: GraphQLError): RefusedDocument => {
    const refusal = known.get(error) ?? { stage: "limits", errors: [error], ...found };
    known.set(error, refusal);
    return refusal;
  };
};
const atSight = refusalsWith({ isAtSight: true });
const beyondLimit = refusalsWith({});

function invalid(errors: readonly GraphQLError[]): RefusedDocument {
  return { stage: "validation", errors: withCodes(errors, "GRAPHQL_VALIDATION_FAILED") };
}

/** Without their nodes, which would keep the syntax tree of a refused document. */
const withCodes = (errors: readonly GraphQLError[], code: string): readonly GraphQLError[] =>
  withoutStacks(
    errors.map(({ message, locations, extensions }) => ({
      message,
      locations,
      extensions: { ...extensions, code, http: { status: 400 } },
    })),
  );

/** Frames of a stack keep what they were called on. */
function withoutStacks(errors: readonly PlainError[]): readonly GraphQLError[] {
  const { stackTraceLimit } = Error;
  Error.stackTraceLimit = 0;
  try {
    return errors.map(placedError);
  } finally {
    Error.stackTraceLimit = stackTraceLimit;
  }
}
