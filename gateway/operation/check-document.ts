import { createHash } from "node:crypto";
import {
  type DocumentNode,
  getOperationAST,
  GraphQLError,
  type GraphQLSchema,
  NoSchemaIntrospectionCustomRule,
  type OperationDefinitionNode,
  parse,
  specifiedRules,
  validate,
} from "graphql";
import { LRUCache } from "lru-cache";
import {
  findExceededLimit,
  limitExceeded,
  MAX_OPERATIONS,
  type OperationLimits,
} from "../access/limits/operation-limits";
import { checkFragments } from "./check-fragments";
import { deferRule, noDeferRule } from "./defer-rules";
import { scanDocument } from "./scan-document";

/** A document that may be run as far as its text goes; who may run it is decided by gateway/access. */
export interface CheckedDocument {
  readonly document: DocumentNode;
  /** SHA-256 of the text, hex. */
  readonly key: string;
}

/** A supergraph, as far as documents go; what is remembered of them lives as long as it. */
export interface CheckableGraph {
  /** What clients see. */
  readonly apiSchema: GraphQLSchema;
}

/** Why a document is refused; the stage decides who words the answer. */
export interface RefusedDocument {
  readonly stage: "parse" | "limits" | "validation";
  readonly errors: readonly GraphQLError[];
}

export interface DocumentChecker {
  /** Parses, limits and validates, once for each graph: the outcome is remembered, also that of a document that is refused. */
  check(supergraph: CheckableGraph, text: string): CheckedDocument | RefusedDocument;
  /** @returns the outcome when it is remembered */
  find(supergraph: CheckableGraph, text: string): CheckedDocument | RefusedDocument | undefined;
  /**
   * Lets go of a document that passed, when it turned out not to be worth its memory: trees that live and are of no use are copied again and
   * again by the collector, while everybody waits.
   */
  forget(supergraph: CheckableGraph, document: DocumentNode): void;
}

export interface CheckOptions {
  readonly limits: OperationLimits;
  readonly introspection: boolean;
  /** "Did you mean …" helps developers and maps the schema for strangers. */
  readonly suggestions: boolean;
  /** False where the executor knows no `@defer`: documents with it are refused then. */
  readonly defer?: boolean;
}

/** Characters of text whose syntax trees are kept per graph; a tree is some fifty times its text. */
const MAX_CACHED_CHARACTERS = 2_000_000;
/** Characters of refused texts that are kept per graph, with their errors: who sends one sends it again. */
const MAX_REFUSED_CHARACTERS = 1_000_000;
const MAX_VALIDATION_ERRORS = 20;

export const isRefused = (result: CheckedDocument | RefusedDocument): result is RefusedDocument => "stage" in result;

/** What is remembered of one graph, by the text itself: no digest of it costs as little as looking it up. */
interface Remembered {
  readonly checked: LRUCache<string, CheckedDocument>;
  readonly refused: LRUCache<string, RefusedDocument>;
}

export function createDocumentChecker(options: CheckOptions): DocumentChecker {
  const { limits, introspection, suggestions, defer = true } = options;
  const byGraph = new WeakMap<CheckableGraph, Remembered>();
  const rules = [
    ...specifiedRules,
    defer ? deferRule : noDeferRule,
    ...(introspection ? [] : [NoSchemaIntrospectionCustomRule]),
  ];

  const rememberedOf = (supergraph: CheckableGraph): Remembered => {
    const found = byGraph.get(supergraph);
    if (found) return found;
    const sizeCalculation = (_: unknown, text: string) => Math.max(text.length, 100);
    const remembered = {
      checked: new LRUCache<string, CheckedDocument>({ maxSize: MAX_CACHED_CHARACTERS, sizeCalculation }),
      refused: new LRUCache<string, RefusedDocument>({ maxSize: MAX_REFUSED_CHARACTERS, sizeCalculation }),
    };
    byGraph.set(supergraph, remembered);
    return remembered;
  };

  const examine = ({ apiSchema }: CheckableGraph, text: string): CheckedDocument | RefusedDocument => {
    // Before the parser makes objects of what nobody will look at.
    const scanned = scanDocument(text, limits.maxTokens);
    if (scanned.tokens > limits.maxTokens) return beyondLimit(limitExceeded("tokens", limits.maxTokens));
    if (scanned.operations > MAX_OPERATIONS) return beyondLimit(limitExceeded("operations", MAX_OPERATIONS));
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
    const exceeded = findExceededLimit(document, limits);
    if (exceeded) return beyondLimit(exceeded);
    const errors = validate(apiSchema, document, rules, {
      maxErrors: MAX_VALIDATION_ERRORS,
      hideSuggestions: !suggestions,
    });
    if (errors.length > 0) return invalid(errors);
    return { document, key: createHash("sha256").update(text).digest("hex") };
  };

  /** Thousands of nested brackets exhaust the stack of the parser or of a rule, which is harmless and means the same as the limit. */
  const examineSafely: typeof examine = (supergraph, text) => {
    try {
      return examine(supergraph, text);
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
      return beyondLimit(limitExceeded("depth", limits.maxDepth));
    }
  };

  const find: DocumentChecker["find"] = (supergraph, text) => {
    const { checked, refused } = rememberedOf(supergraph);
    return checked.get(text) ?? refused.get(text);
  };

  return {
    find,
    check: (supergraph, text) => {
      const known = find(supergraph, text);
      if (known) return known;
      const result = examineSafely(supergraph, text);
      const { checked, refused } = rememberedOf(supergraph);
      if (isRefused(result)) refused.set(text, result);
      else checked.set(text, result);
      return result;
    },
    forget: (supergraph, { loc }) => {
      if (loc) rememberedOf(supergraph).checked.delete(loc.source.body);
    },
  };
}

/**
 * Finds the operation to run.
 * https://spec.graphql.org/October2021/#GetOperation()
 */
export function chooseOperation(
  document: DocumentNode,
  operationName: string | undefined,
): OperationDefinitionNode | GraphQLError {
  const operation = getOperationAST(document, operationName);
  if (operation) return operation;
  const message =
    operationName === undefined
      ? "Must provide operation name if query contains multiple operations."
      : `Unknown operation named "${operationName}".`;
  return new GraphQLError(message, { extensions: { code: "OPERATION_RESOLUTION_FAILURE", http: { status: 400 } } });
}

/** One refusal for each limit, so that its answer is written once. */
const beyond = new WeakMap<GraphQLError, RefusedDocument>();

function beyondLimit(error: GraphQLError): RefusedDocument {
  const known = beyond.get(error) ?? { stage: "limits", errors: [error] };
  beyond.set(error, known);
  return known;
}

function invalid(errors: readonly GraphQLError[]): RefusedDocument {
  return { stage: "validation", errors: withCodes(errors, "GRAPHQL_VALIDATION_FAILED") };
}

/**
 * Without their nodes, which would keep the syntax tree of a refused document; places are known without them. And without a stack, whose
 * frames keep what they were called on.
 */
function withCodes(errors: readonly GraphQLError[], code: string): readonly GraphQLError[] {
  const { stackTraceLimit } = Error;
  Error.stackTraceLimit = 0;
  try {
    return errors.map(
      ({ message, source, positions, path, extensions }) =>
        new GraphQLError(message, {
          source,
          positions,
          path,
          extensions: { ...extensions, code, http: { status: 400 } },
        }),
    );
  } finally {
    Error.stackTraceLimit = stackTraceLimit;
  }
}
