import { type FieldNode, type FragmentDefinitionNode, Kind, type SelectionSetNode } from "graphql";

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
  const count = new Count(fragments, enough);
  count.countIn([operation]);
  const { most, comparisons } = count;
  return { most, comparisons };
}

/** What is selected in one object. */
interface Level {
  readonly times: Map<string, number>;
  readonly below: Map<string, SelectionSetNode[]>;
  readonly seen: Set<string>;
  groups: number;
  fields: number;
}

/** A class, and not functions within a function: those are others for each document, for which V8 compiles them again, 8 ms each time. */
class Count implements Repetitions {
  most = 0;
  comparisons = 0;

  constructor(
    private readonly fragments: ReadonlyMap<string, FragmentDefinitionNode>,
    private readonly enough: Enough,
  ) {}

  /** @param sets of one object */
  countIn(sets: readonly SelectionSetNode[]): void {
    const level: Level = { times: new Map(), below: new Map(), seen: new Set(), groups: sets.length, fields: 0 };
    for (const set of sets) this.collect(set, level);
    this.comparisons += Math.ceil(((level.groups - 1) * (level.groups + level.fields)) / 2);
    for (const inner of level.below.values()) {
      if (this.isEnough()) return;
      this.countIn(inner);
    }
  }

  private collect(set: SelectionSetNode, level: Level): void {
    for (const node of set.selections) {
      if (this.isEnough()) return;
      if (node.kind === Kind.INLINE_FRAGMENT) this.collect(node.selectionSet, level);
      else if (node.kind === Kind.FRAGMENT_SPREAD) this.collectFragment(node.name.value, level);
      else this.collectField(node, level);
    }
  }

  private collectFragment(name: string, level: Level): void {
    level.groups++;
    const fragment = level.seen.has(name) ? undefined : this.fragments.get(name);
    level.seen.add(name);
    if (fragment) this.collect(fragment.selectionSet, level);
  }

  private collectField(node: FieldNode, level: Level): void {
    level.fields++;
    const key = node.alias?.value ?? node.name.value;
    const others = level.times.get(key) ?? 0;
    level.times.set(key, others + 1);
    this.comparisons += others;
    this.most = Math.max(this.most, others + 1);
    if (!node.selectionSet) return;
    const inner = level.below.get(key) ?? [];
    level.below.set(key, inner);
    inner.push(node.selectionSet);
  }

  private isEnough(): boolean {
    return this.most > this.enough.most || this.comparisons > this.enough.comparisons;
  }
}
