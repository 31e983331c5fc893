import type { DocumentNode } from "graphql";
import { LRUCache } from "lru-cache";
import { ClientError } from "../../kit/errors";
import type { ExecutableOperation, Executor, OperationSource } from "./executor";

/** The operations of one supergraph that are ready to run. */
export interface OperationStore {
  /** @returns what was prepared before, without a wait */
  find(source: Omit<OperationSource, "document">): ExecutableOperation | undefined;
  /**
   * Prepares at most once, however many ask at once.
   * @throws what `Executor.prepare` throws; that an operation exceeds a limit is remembered for a while, any other failure is not
   */
  prepare(source: OperationSource): Promise<ExecutableOperation>;
  /** The operations used last, latest first: what is worth preparing for the next supergraph. */
  recent(count: number): readonly OperationSource[];
}

interface Entry {
  readonly source: OperationSource;
  readonly operation: ExecutableOperation;
}

/**
 * Variants of one document, by its conditions, its name and override labels, that are kept. A client that sends one document with all
 * values of its conditions displaces its own variants and nobody else's operations.
 */
const MAX_VARIANTS = 64;
/** Planning decides over a refusal, and may take all the time it has: whoever sends the same again must not have it again. */
const MAX_REFUSALS = 10_000;
/** The time that planning takes depends on what else the machine does. */
const REFUSAL_MS = 60_000;

/**
 * @param options.maxBytes of prepared operations, by their own estimate; the least recently used go first
 * @param options.onRefused called with the document of an operation that exceeds a limit
 */
export function createOperationStore(options: {
  executor: Executor;
  maxBytes: number;
  onLookUp: (isKnown: boolean) => void;
  onRefused?: (document: DocumentNode) => void;
}): OperationStore {
  const { executor, maxBytes, onLookUp, onRefused } = options;
  /** By document: the keys of its variants, oldest first. */
  const variants = new Map<string, Set<string>>();
  const known = new LRUCache<string, Entry>({
    maxSize: maxBytes,
    sizeCalculation: ({ operation }) => Math.max(1, Math.ceil(operation.bytes)),
    dispose: ({ source: { documentKey } }, key, reason) => {
      if (reason === "set") return;
      const keys = variants.get(documentKey);
      keys?.delete(key);
      if (keys?.size === 0) variants.delete(documentKey);
    },
  });
  const refusals = new LRUCache<string, ClientError>({ max: MAX_REFUSALS, ttl: REFUSAL_MS });
  const underWay = new Map<string, Promise<ExecutableOperation>>();
  /** By document: the end of what is being prepared of it. */
  const turns = new Map<string, Promise<void>>();

  const keep = (key: string, source: OperationSource, operation: ExecutableOperation) => {
    known.set(key, { source, operation });
    if (!known.has(key)) return;
    const keys = variants.get(source.documentKey) ?? new Set();
    variants.set(source.documentKey, keys.add(key));
    if (keys.size > MAX_VARIANTS)
      for (const oldest of [...keys].slice(0, keys.size - MAX_VARIANTS)) known.delete(oldest);
  };

  const prepareNow = async (key: string, source: OperationSource): Promise<ExecutableOperation> => {
    try {
      const operation = await executor.prepare(source);
      keep(key, source, operation);
      return operation;
    } catch (error) {
      if (error instanceof ClientError && error.code === "OPERATION_LIMIT_EXCEEDED") {
        refusals.set(key, error);
        onRefused?.(source.document);
      }
      throw error;
    } finally {
      underWay.delete(key);
    }
  };

  /** Variants of one document one after the other, so that others have their turn at the planner in between. */
  const prepareInTurn = (key: string, source: OperationSource): Promise<ExecutableOperation> => {
    const { documentKey } = source;
    const before = turns.get(documentKey);
    const operation = before ? before.then(() => prepareNow(key, source)) : prepareNow(key, source);
    const end = operation.then(ignore, ignore).then(() => {
      if (turns.get(documentKey) === end) turns.delete(documentKey);
    });
    turns.set(documentKey, end);
    return operation;
  };

  return {
    find: (source) => {
      const found = known.get(keyOf(source));
      if (found) onLookUp(true);
      return found?.operation;
    },
    prepare: (source) => {
      const key = keyOf(source);
      const found = known.get(key);
      onLookUp(found !== undefined);
      if (found) return Promise.resolve(found.operation);
      const refusal = refusals.get(key);
      if (refusal) return Promise.reject(refusal);
      const waiting = underWay.get(key) ?? prepareInTurn(key, source);
      underWay.set(key, waiting);
      return waiting;
    },
    recent: (count) => [...known.values()].slice(0, count).map(({ source }) => source),
  };
}

const ignore = () => undefined;

/** Neither a name nor a label of GraphQL holds a line break. */
function keyOf({ documentKey, operationName, overrideLabels, conditions }: Omit<OperationSource, "document">): string {
  if (operationName === undefined && overrideLabels.length === 0 && conditions.key === "") return documentKey;
  return [documentKey, operationName ?? "", conditions.key, ...overrideLabels].join("\n");
}
