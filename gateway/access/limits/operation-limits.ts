import {
  type DocumentNode,
  type FragmentDefinitionNode,
  GraphQLError,
  Kind,
  type OperationDefinitionNode,
  type SelectionSetNode,
} from "graphql";

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
  /** The same response key selected in one selection set: validation compares each with each. */
  readonly maxRepetitions: number;
}

export const DEFAULT_LIMITS: OperationLimits = Object.freeze({
  maxTokens: 10_000,
  maxDepth: 30,
  maxFields: 10_000,
  maxAliases: 200,
  maxRootFields: 50,
  maxDirectives: 100,
  maxRepetitions: 100,
});

interface Size {
  readonly depth: number;
  readonly fields: number;
  readonly aliases: number;
  readonly rootFields: number;
  readonly directives: number;
  readonly repetitions: number;
}

/** No configuration allows more; beyond it nothing is measured, so that a long chain of fragments cannot exhaust the stack. */
const MAX_LEVELS = 1_000;
const NOTHING: Size = { depth: 0, fields: 0, aliases: 0, rootFields: 0, directives: 0, repetitions: 0 };
const TOO_DEEP: Size = { ...NOTHING, depth: Infinity };

/**
 * Measures every operation of a document. Each fragment is measured once however often it is spread, so a chain of thirty fragments that
 * doubles at each step costs thirty steps and not 2^30 (CVE-2025-32030, CVE-2025-32034). Sums saturate at infinity rather than wrap
 * around (CVE-2025-32033).
 *
 * Runs before validation, which is itself slow on such documents: it takes fragments that contain themselves or do not exist in its stride
 * and leaves it to validation to name them.
 *
 * @returns what the document exceeds first, or undefined
 */
export function findExceededLimit(document: DocumentNode, limits: OperationLimits): GraphQLError | undefined {
  const fragments = new Map<string, FragmentDefinitionNode>();
  const operations: OperationDefinitionNode[] = [];
  for (const node of document.definitions) {
    if (node.kind === Kind.FRAGMENT_DEFINITION) fragments.set(node.name.value, node);
    if (node.kind === Kind.OPERATION_DEFINITION) operations.push(node);
  }
  const measured = new Map<string, Size>();
  const being = new Set<string>();

  const measureFragment = (name: string, level: number): Size => {
    const known = measured.get(name);
    if (known) return known;
    const fragment = fragments.get(name);
    if (!fragment || being.has(name)) return NOTHING;
    being.add(name);
    const size = withDirectives(measure(fragment.selectionSet, level), fragment);
    being.delete(name);
    measured.set(name, size);
    return size;
  };

  const measure = (set: SelectionSetNode, level: number): Size => {
    if (level > MAX_LEVELS) return TOO_DEEP;
    let depth = 0;
    let fields = 0;
    let aliases = 0;
    let rootFields = 0;
    let directives = 0;
    let repetitions = 0;
    const keys = new Map<string, number>();
    for (const node of set.selections) {
      let size: Size;
      if (node.kind === Kind.FIELD) {
        const inner = node.selectionSet ? measure(node.selectionSet, level + 1) : NOTHING;
        const key = node.alias?.value ?? node.name.value;
        const times = (keys.get(key) ?? 0) + 1;
        keys.set(key, times);
        size = {
          depth: inner.depth + 1,
          fields: inner.fields + 1,
          aliases: inner.aliases + (node.alias ? 1 : 0),
          rootFields: 1,
          directives: inner.directives,
          repetitions: Math.max(inner.repetitions, times),
        };
      } else {
        size =
          node.kind === Kind.FRAGMENT_SPREAD
            ? measureFragment(node.name.value, level + 1)
            : measure(node.selectionSet, level + 1);
      }
      depth = Math.max(depth, size.depth);
      fields += size.fields;
      aliases += size.aliases;
      rootFields += size.rootFields;
      directives += size.directives + (node.directives?.length ?? 0);
      repetitions = Math.max(repetitions, size.repetitions);
    }
    return { depth, fields, aliases, rootFields, directives, repetitions };
  };

  for (const operation of operations) {
    const size = withDirectives(measure(operation.selectionSet, 0), operation);
    const exceeded = [
      ["depth", size.depth, limits.maxDepth] as const,
      ["root fields", size.rootFields, limits.maxRootFields] as const,
      ["aliases", size.aliases, limits.maxAliases] as const,
      ["directives", size.directives, limits.maxDirectives] as const,
      ["fields", size.fields, limits.maxFields] as const,
      ["repetitions of one field", size.repetitions, limits.maxRepetitions] as const,
    ].find(([, actual, limit]) => actual > limit);
    if (exceeded) return limitExceeded(exceeded[0], exceeded[2]);
  }
  return undefined;
}

const withDirectives = (size: Size, node: { readonly directives?: readonly unknown[] | undefined }): Size => ({
  ...size,
  directives: size.directives + (node.directives?.length ?? 0),
});

/** Names the limit and its value: a client can do something about it. */
export const limitExceeded = (limit: string, max: number): GraphQLError =>
  new GraphQLError(`The operation exceeds the limit of ${max} ${limit}.`, {
    extensions: { code: "OPERATION_LIMIT_EXCEEDED", limit, max, http: { status: 400 } },
  });
