import { createHash } from "node:crypto";
import {
  type DocumentNode,
  getOperationAST,
  GraphQLError,
  NoSchemaIntrospectionCustomRule,
  type OperationDefinitionNode,
  parse,
  specifiedRules,
  validate,
} from "graphql";
import { LRUCache } from "lru-cache";
import { findExceededLimit, limitExceeded, type OperationLimits } from "../access/limits/operation-limits";
import type { SupergraphSnapshot } from "../supergraph/supergraph-snapshot";

/** A document that may be run as far as its text goes; who may run it is decided by gateway/access. */
export interface CheckedDocument {
  readonly document: DocumentNode;
  /** SHA-256 of the text, hex. */
  readonly key: string;
}

/** Why a document is refused; the stage decides who words the answer. */
export interface RefusedDocument {
  readonly stage: "parse" | "limits" | "validation";
  readonly errors: readonly GraphQLError[];
}

export interface DocumentChecker {
  /** Parses, limits and validates; a document that passed once for a graph is remembered with its syntax tree. */
  check(supergraph: SupergraphSnapshot, text: string): CheckedDocument | RefusedDocument;
}

export interface CheckOptions {
  readonly limits: OperationLimits;
  readonly introspection: boolean;
  /** "Did you mean …" helps developers and maps the schema for strangers. */
  readonly suggestions: boolean;
}

/** Characters of text whose syntax trees are kept per graph; a tree is some fifty times its text. */
const MAX_CACHED_CHARACTERS = 2_000_000;
const MAX_VALIDATION_ERRORS = 20;

export const isRefused = (result: CheckedDocument | RefusedDocument): result is RefusedDocument => "stage" in result;

export function createDocumentChecker({ limits, introspection, suggestions }: CheckOptions): DocumentChecker {
  const byGraph = new WeakMap<SupergraphSnapshot, LRUCache<string, CheckedDocument>>();
  const rules = introspection ? specifiedRules : [...specifiedRules, NoSchemaIntrospectionCustomRule];

  const examine = ({ apiSchema }: SupergraphSnapshot, text: string, key: string): CheckedDocument | RefusedDocument => {
    let document: DocumentNode;
    try {
      document = parse(text, { maxTokens: limits.maxTokens });
    } catch (error) {
      if (!(error instanceof GraphQLError)) throw error;
      // The parser's own sentence names the limit but gives no code.
      if (error.message.includes("tokens. Parsing aborted")) {
        return { stage: "limits", errors: [limitExceeded("tokens", limits.maxTokens)] };
      }
      return { stage: "parse", errors: [withCode(error, "GRAPHQL_PARSE_FAILED")] };
    }
    const exceeded = findExceededLimit(document, limits);
    if (exceeded) return { stage: "limits", errors: [exceeded] };
    const errors = validate(apiSchema, document, rules, {
      maxErrors: MAX_VALIDATION_ERRORS,
      hideSuggestions: !suggestions,
    });
    if (errors.length > 0) {
      return { stage: "validation", errors: errors.map((error) => withCode(error, "GRAPHQL_VALIDATION_FAILED")) };
    }
    return { document, key };
  };

  /** Thousands of nested brackets exhaust the stack of the parser or of a rule, which is harmless and means the same as the limit. */
  const examineSafely: typeof examine = (supergraph, text, key) => {
    try {
      return examine(supergraph, text, key);
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
      return { stage: "limits", errors: [limitExceeded("depth", limits.maxDepth)] };
    }
  };

  return {
    check: (supergraph, text) => {
      const key = createHash("sha256").update(text).digest("hex");
      const documents =
        byGraph.get(supergraph) ??
        new LRUCache<string, CheckedDocument>({
          maxSize: MAX_CACHED_CHARACTERS,
          sizeCalculation: ({ document }) => Math.max(document.loc?.end ?? 0, 100),
        });
      byGraph.set(supergraph, documents);
      const known = documents.get(key);
      if (known) return known;
      const result = examineSafely(supergraph, text, key);
      if (!isRefused(result)) documents.set(key, result);
      return result;
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

const withCode = (error: GraphQLError, code: string) =>
  new GraphQLError(error.message, {
    nodes: error.nodes,
    source: error.source,
    positions: error.positions,
    path: error.path,
    extensions: { ...error.extensions, code, http: { status: 400 } },
  });
