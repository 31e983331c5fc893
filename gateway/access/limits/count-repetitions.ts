import { type FragmentDefinitionNode, Kind, type SelectionSetNode } from "graphql";

/**
 * How often the response key that is selected most often is selected in one object. Selection sets of equal keys are one set: ten fields of
 * one key, each with ten of one key in it, are a hundred. A fragment counts once in a set, as it does where validation compares fields:
 * https://spec.graphql.org/October2021/#sec-Field-Selection-Merging
 *
 * Follows each fragment wherever it is spread: the number of fields must be known to be bounded, and no fragment may contain itself.
 *
 * @param enough counting ends there
 */
export function countRepetitions(
  sets: readonly SelectionSetNode[],
  fragments: ReadonlyMap<string, FragmentDefinitionNode>,
  enough: number,
): number {
  const times = new Map<string, number>();
  const below = new Map<string, SelectionSetNode[]>();
  const seen = new Set<string>();
  let most = 0;
  const collect = (set: SelectionSetNode): void => {
    for (const node of set.selections) {
      if (most >= enough) return;
      if (node.kind === Kind.INLINE_FRAGMENT) collect(node.selectionSet);
      else if (node.kind === Kind.FRAGMENT_SPREAD) {
        const fragment = seen.has(node.name.value) ? undefined : fragments.get(node.name.value);
        seen.add(node.name.value);
        if (fragment) collect(fragment.selectionSet);
      } else {
        const key = node.alias?.value ?? node.name.value;
        const count = (times.get(key) ?? 0) + 1;
        times.set(key, count);
        most = Math.max(most, count);
        if (!node.selectionSet) continue;
        const inner = below.get(key) ?? [];
        below.set(key, inner);
        inner.push(node.selectionSet);
      }
    }
  };
  for (const set of sets) collect(set);
  for (const inner of below.values()) {
    if (most >= enough) return most;
    most = Math.max(most, countRepetitions(inner, fragments, enough));
  }
  return most;
}
