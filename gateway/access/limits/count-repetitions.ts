import { type FragmentDefinitionNode, Kind, type SelectionSetNode } from "graphql";

/** What validation has to compare in the selection sets of one operation. */
export interface Repetitions {
  /** How often the response key that is selected most often is selected in one object. */
  readonly most: number;
  /** How many comparisons validation makes to see that fields of one key can be merged, at most. */
  readonly comparisons: number;
}

/** Counting ends where one of them is exceeded. */
export type Enough = Repetitions;

/**
 * Counts what is selected several times in one object. Selection sets of equal keys are one set: ten fields of one key, each with ten of one key in
 * it, are a hundred. A fragment counts once in a set, as it does where validation compares fields:
 * https://spec.graphql.org/October2021/#sec-Field-Selection-Merging
 *
 * Validation compares each field of a key with each other one, and, looking up every key of the one in the other, each group of an object's fields
 * with each other group: the sets that are merged, and the fragments spread in them.
 *
 * Follows each fragment wherever it is spread: the number of fields must be known to be bounded, and no fragment may contain itself.
 */
export function countRepetitions(
  operation: SelectionSetNode,
  fragments: ReadonlyMap<string, FragmentDefinitionNode>,
  enough: Enough,
): Repetitions {
  let most = 0;
  let comparisons = 0;

  const count = (sets: readonly SelectionSetNode[]): void => {
    const times = new Map<string, number>();
    const below = new Map<string, SelectionSetNode[]>();
    const seen = new Set<string>();
    let groups = sets.length;
    let fields = 0;
    const collect = (set: SelectionSetNode): void => {
      for (const node of set.selections) {
        if (isEnough()) return;
        if (node.kind === Kind.INLINE_FRAGMENT) collect(node.selectionSet);
        else if (node.kind === Kind.FRAGMENT_SPREAD) {
          groups++;
          const fragment = seen.has(node.name.value) ? undefined : fragments.get(node.name.value);
          seen.add(node.name.value);
          if (fragment) collect(fragment.selectionSet);
        } else {
          fields++;
          const key = node.alias?.value ?? node.name.value;
          const others = times.get(key) ?? 0;
          times.set(key, others + 1);
          comparisons += others;
          most = Math.max(most, others + 1);
          if (!node.selectionSet) continue;
          const inner = below.get(key) ?? [];
          below.set(key, inner);
          inner.push(node.selectionSet);
        }
      }
    };
    for (const set of sets) collect(set);
    comparisons += Math.ceil(((groups - 1) * (groups + fields)) / 2);
    for (const inner of below.values()) {
      if (isEnough()) return;
      count(inner);
    }
  };
  const isEnough = () => most > enough.most || comparisons > enough.comparisons;

  count([operation]);
  return { most, comparisons };
}
