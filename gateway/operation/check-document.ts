import { createHash } from "node:crypto";
import {
  type DocumentNode,
  getOperationAST,
  GraphQLError,
  type GraphQLSchema,
  type OperationDefinitionNode,
  parse,
} from "graphql";
import { LRUCache } from "lru-cache";
import { ClientError } from "../../kit/errors";
import {
  createExaminer,
  type ExamineOptions,
  receiveRefusal,
  type RefusedDocument,
  type SentRefusal,
} from "./examine-document";
import { refusalError } from "./refusal-error";

export type { RefusedDocument } from "./examine-document";

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
  /** Whose thread examines large documents, where it has one. */
  readonly planner?: { readonly examine?: ExamineAside | undefined };
}

/**
 * Examines a document in another thread.
 * @returns why it is refused, undefined when it passes
 * @throws ClientError when that takes too long, or too many wait
 */
export type ExamineAside = (text: string, options: ExamineOptions) => Promise<SentRefusal | undefined>;

type Outcome = CheckedDocument | RefusedDocument;

export interface DocumentChecker {
  /** Parses, limits and validates, once for each graph: the outcome is remembered, also that of a document that is refused. */
  check(supergraph: CheckableGraph, text: string): Outcome;
  /**
   * The same, and a large document that is not known is examined in the planner's thread, so that nobody else waits for it. For what strangers send.
   * @returns a promise for such a document only
   */
  checkAside(supergraph: CheckableGraph, text: string): Outcome | Promise<Outcome>;
  /** @returns the outcome when it is remembered */
  find(supergraph: CheckableGraph, text: string): Outcome | undefined;
  /**
   * Lets go of a document that passed, when it turned out not to be worth its memory: trees that live and are of no use are copied again and
   * again by the collector, while everybody waits.
   */
  forget(supergraph: CheckableGraph, document: DocumentNode): void;
}

export type CheckOptions = ExamineOptions;

/** Characters of text whose syntax trees are kept per graph; a tree is some fifty times its text. */
const MAX_CACHED_CHARACTERS = 2_000_000;
/** Characters of refused texts that are kept per graph, with their errors: who sends one sends it again. */
const MAX_REFUSED_CHARACTERS = 1_000_000;
/** Characters of a document from which on it is worth the way to another thread: validating fewer takes about a millisecond. */
const LARGE = 4_000;

export const isRefused = (result: Outcome): result is RefusedDocument => "stage" in result;

/** What is remembered of one graph, by the text itself: no digest of it costs as little as looking it up. */
interface Remembered {
  readonly checked: LRUCache<string, CheckedDocument>;
  readonly refused: LRUCache<string, RefusedDocument>;
  /** On their way through the other thread. */
  readonly aside: Map<string, Promise<Outcome>>;
}

export function createDocumentChecker(options: CheckOptions): DocumentChecker {
  const byGraph = new WeakMap<CheckableGraph, Remembered>();
  const examine = createExaminer(options);

  const rememberedOf = (supergraph: CheckableGraph): Remembered => {
    const found = byGraph.get(supergraph);
    if (found) return found;
    const sizeCalculation = (_: unknown, text: string) => Math.max(text.length, 100);
    const remembered = {
      checked: new LRUCache<string, CheckedDocument>({ maxSize: MAX_CACHED_CHARACTERS, sizeCalculation }),
      refused: new LRUCache<string, RefusedDocument>({ maxSize: MAX_REFUSED_CHARACTERS, sizeCalculation }),
      aside: new Map<string, Promise<Outcome>>(),
    };
    byGraph.set(supergraph, remembered);
    return remembered;
  };

  const find: DocumentChecker["find"] = (supergraph, text) => {
    const { checked, refused } = rememberedOf(supergraph);
    return checked.get(text) ?? refused.get(text);
  };

  const remember = (supergraph: CheckableGraph, text: string, result: DocumentNode | RefusedDocument): Outcome => {
    const { checked, refused } = rememberedOf(supergraph);
    if ("stage" in result) {
      if (!result.isTransient && !result.isAtSight) refused.set(text, result);
      return result;
    }
    const passed = { document: result, key: createHash("sha256").update(text).digest("hex") };
    checked.set(text, passed);
    return passed;
  };

  const examineAside = async (supergraph: CheckableGraph, text: string, aside: ExamineAside): Promise<Outcome> => {
    try {
      const refusal = await aside(text, options);
      return remember(supergraph, text, refusal ? receiveRefusal(refusal) : parse(text));
    } catch (error) {
      if (error instanceof ClientError) return remember(supergraph, text, asTransient(error));
      throw error;
    }
  };

  const examineHere = (supergraph: CheckableGraph, text: string): Outcome =>
    remember(supergraph, text, examine(supergraph.apiSchema, text));

  return {
    find,
    check: (supergraph, text) => find(supergraph, text) ?? examineHere(supergraph, text),
    checkAside: (supergraph, text) => {
      const known = find(supergraph, text);
      if (known) return known;
      const aside = text.length < LARGE ? undefined : supergraph.planner?.examine;
      if (!aside) return examineHere(supergraph, text);
      const waiting = rememberedOf(supergraph).aside;
      const examined = waiting.get(text) ?? examineAside(supergraph, text, aside).finally(() => waiting.delete(text));
      waiting.set(text, examined);
      return examined;
    },
    forget: (supergraph, { loc }) => {
      if (loc) rememberedOf(supergraph).checked.delete(loc.source.body);
    },
  };
}

const asTransient = (error: ClientError): RefusedDocument => ({
  stage: "limits",
  errors: [refusalError(error)],
  isTransient: true,
});

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
