import {
  type DocumentNode,
  type FragmentDefinitionNode,
  GraphQLError,
  Kind,
  type OperationDefinitionNode,
  type SelectionNode,
  type SelectionSetNode,
} from "graphql";
import { countRepetitions, type Enough, type Repetitions } from "./count-repetitions";

/** What one document may be at most. Counts are taken with fragments put in place, because that is what is executed. */
export interface OperationLimits {
  /** Lexical tokens of the document. Checked while parsing. */
  readonly maxTokens: number;
  /** Fields nested in each other. */
  readonly maxDepth: number;
  readonly maxFields: number;
  readonly maxAliases: number;
  readonly maxRootFields: number;
  readonly maxDirectives: number;
  /** Fields of the same response key in one object. See `countRepetitions`. */
  readonly maxRepetitions: number;
  /** What validation compares with each other, fields and fragments, in the whole operation. See `countRepetitions`. */
  readonly maxComparisons: number;
}

export const DEFAULT_LIMITS: OperationLimits = Object.freeze({
  maxTokens: 10_000,
  maxDepth: 30,
  maxFields: 10_000,
  maxAliases: 200,
  maxRootFields: 50,
  maxDirectives: 100,
  maxRepetitions: 100,
  maxComparisons: 250_000,
});

/** What one operation is, with fragments put in place. */
export interface OperationSize {
  readonly depth: number;
  readonly fields: number;
  readonly aliases: number;
  readonly rootFields: number;
  readonly directives: number;
}

export interface MeasuredOperation {
  readonly operation: OperationDefinitionNode;
  readonly size: OperationSize;
  /** Counted when it is asked for. */
  repetitions(enough: Enough): Repetitions;
}

/** Several rules of validation go through all fragments once for each operation. */
export const MAX_OPERATIONS = 100;
/** No configuration allows more; beyond it nothing is measured, so that a long chain of fragments cannot exhaust the stack. */
const MAX_LEVELS = 1_000;
const NOTHING: OperationSize = { depth: 0, fields: 0, aliases: 0, rootFields: 0, directives: 0 };
const NO_REPETITIONS: Repetitions = { most: 0, comparisons: 0 };
const TOO_DEEP: OperationSize = { ...NOTHING, depth: Infinity };

/**
 * Measures every operation of a document. Each fragment is measured once however often it is spread, so a chain of thirty fragments that
 * doubles at each step costs thirty steps and not 2^30 (CVE-2025-32030, CVE-2025-32034). Sums saturate at infinity rather than wrap
 * around (CVE-2025-32033).
 *
 * Takes fragments that contain themselves or do not exist in its stride and leaves it to validation to name them.
 *
 * @returns sizes in the order of the document; the depth of what is nested beyond measure is infinite
 */
export const measureOperations = (document: DocumentNode): readonly MeasuredOperation[] =>
  measureDocument(document).operations;

interface MeasuredDocument {
  readonly operations: readonly MeasuredOperation[];
  /** Of fragments that no operation spreads, which are validated all the same. */
  readonly unused: MeasuredOperation["repetitions"];
}

function measureDocument(document: DocumentNode): MeasuredDocument {
  const fragments = new Map<string, FragmentDefinitionNode>();
  const operations: OperationDefinitionNode[] = [];
  for (const node of document.definitions) {
    if (node.kind === Kind.FRAGMENT_DEFINITION) fragments.set(node.name.value, node);
    if (node.kind === Kind.OPERATION_DEFINITION) operations.push(node);
  }
  const sizes = new Sizes(fragments);
  const repetitionsIn = ({ selectionSet }: { readonly selectionSet: SelectionSetNode }, enough: Enough): Repetitions =>
    sizes.isCircular ? NO_REPETITIONS : countRepetitions(selectionSet, fragments, enough);
  const measuredOperations = operations.map((operation): MeasuredOperation => ({
    operation,
    size: withDirectives(sizes.ofSelections(operation.selectionSet, 0), operation),
    repetitions: (enough) => repetitionsIn(operation, enough),
  }));
  const spread = sizes.measuredFragments();
  return {
    operations: measuredOperations,
    unused: (enough) => {
      let [most, comparisons] = [0, 0];
      for (const [name, fragment] of fragments) {
        if (spread.has(name)) continue;
        sizes.ofFragment(name, 0);
        const found = repetitionsIn(fragment, { most: enough.most, comparisons: enough.comparisons - comparisons });
        most = Math.max(most, found.most);
        comparisons += found.comparisons;
      }
      return { most, comparisons };
    },
  };
}

/** A class, and not functions within a function: those are others for each document, for which V8 compiles them again, 8 ms each time. */
class Sizes {
  private readonly measured = new Map<string, OperationSize>();
  private readonly being = new Set<string>();
  /** Whether a fragment that was measured contains itself. */
  isCircular = false;

  constructor(private readonly fragments: ReadonlyMap<string, FragmentDefinitionNode>) {}

  measuredFragments(): ReadonlySet<string> {
    return new Set(this.measured.keys());
  }

  ofFragment(name: string, level: number): OperationSize {
    const known = this.measured.get(name);
    if (known) return known;
    const fragment = this.fragments.get(name);
    const isInItself = this.being.has(name);
    this.isCircular ||= isInItself;
    if (!fragment || isInItself) return NOTHING;
    this.being.add(name);
    const size = withDirectives(this.ofSelections(fragment.selectionSet, level), fragment);
    this.being.delete(name);
    this.measured.set(name, size);
    return size;
  }

  ofSelections(set: SelectionSetNode, level: number): OperationSize {
    if (level > MAX_LEVELS) return TOO_DEEP;
    const sum = { ...NOTHING };
    for (const node of set.selections) {
      const size = this.ofSelection(node, level + 1);
      sum.depth = Math.max(sum.depth, size.depth);
      sum.fields += size.fields;
      sum.aliases += size.aliases;
      sum.rootFields += size.rootFields;
      sum.directives += size.directives + (node.directives?.length ?? 0);
    }
    return sum;
  }

  private ofSelection(node: SelectionNode, level: number): OperationSize {
    if (node.kind === Kind.FRAGMENT_SPREAD) return this.ofFragment(node.name.value, level);
    if (node.kind === Kind.INLINE_FRAGMENT) return this.ofSelections(node.selectionSet, level);
    const inner = node.selectionSet ? this.ofSelections(node.selectionSet, level) : NOTHING;
    return {
      depth: inner.depth + 1,
      fields: inner.fields + 1,
      aliases: inner.aliases + (node.alias ? 1 : 0),
      rootFields: 1,
      directives: inner.directives,
    };
  }
}

/**
 * Runs before validation, which is itself slow on documents that exceed these limits.
 * @returns what the document exceeds first, or undefined
 */
export function findExceededLimit(document: DocumentNode, limits: OperationLimits): GraphQLError | undefined {
  const { operations, unused } = measureDocument(document);
  if (operations.length > MAX_OPERATIONS) return limitExceeded("operations", MAX_OPERATIONS);
  for (const { size } of operations) {
    const exceeded = [
      ["depth", size.depth, limits.maxDepth] as const,
      ["root fields", size.rootFields, limits.maxRootFields] as const,
      ["aliases", size.aliases, limits.maxAliases] as const,
      ["directives", size.directives, limits.maxDirectives] as const,
      ["fields", size.fields, limits.maxFields] as const,
    ].find(([, actual, limit]) => actual > limit);
    if (exceeded) return limitExceeded(exceeded[0], exceeded[2]);
  }
  // Last, as it needs to know that there are not too many fields.
  const { maxRepetitions, maxComparisons } = limits;
  let left = maxComparisons;
  for (const repetitions of [...operations.map((operation) => operation.repetitions), unused]) {
    const { most, comparisons } = repetitions({ most: maxRepetitions, comparisons: left });
    if (most > maxRepetitions) return limitExceeded("repetitions of one field", maxRepetitions);
    if (comparisons > left) return limitExceeded("comparisons of fields", maxComparisons);
    left -= comparisons;
  }
  return undefined;
}

const withDirectives = (
  size: OperationSize,
  node: { readonly directives?: readonly unknown[] | undefined },
): OperationSize => ({
  ...size,
  directives: size.directives + (node.directives?.length ?? 0),
});

const exceededErrors = new Map<string, GraphQLError>();

/**
 * Names the limit and its value: a client can do something about it.
 * @returns one error for each limit and value, of which there are few; making it anew would cost more than finding the limit exceeded
 */
export function limitExceeded(limit: string, max: number): GraphQLError {
  const key = `${max} ${limit}`;
  const known = exceededErrors.get(key);
  if (known) return known;
  const error = new GraphQLError(`The operation exceeds the limit of ${key}.`, {
    extensions: { code: "OPERATION_LIMIT_EXCEEDED", limit, max, http: { status: 400 } },
  });
  exceededErrors.set(key, error);
  return error;
}
