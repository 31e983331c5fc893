import { type FieldNode, Kind, print, type SelectionSetNode, type ValueNode } from "graphql";

/** By response key: the meanings that it has at one place, a field's own name for itself before aliases, otherwise in the document's order. */
type Contested = ReadonlyMap<string, readonly string[]>;

/**
 * Gives a response key another name where it stands for different fields, or for one with different arguments:
 * `... on Film { note } ... on Song { note(color: GREEN) }` is valid, because no object is both. But @apollo/query-planner puts together what is asked of one place, whatever the
 * types on the way to it, and keeps one of two fields with the same key. That is so for an interface that the subgraph knows as an object, and for each
 * entity that is fetched below such fragments.
 *
 * @param set with all fragments in place
 * @param rename a name for the key in this meaning, the same whenever it is asked
 * @returns the very set when each key has one meaning wherever it stands
 */
export function withUncontestedKeys(
  set: SelectionSetNode,
  rename: (key: string, meaning: string) => string,
): SelectionSetNode {
  const contested = hasAmbiguousKey(set) ? findContested(set) : NONE;
  if (contested.size === 0) return set;
  const known = new Map<SelectionSetNode, SelectionSetNode>();

  const renameField = (field: FieldNode): FieldNode => {
    const below = field.selectionSet ? { ...field, selectionSet: renameSet(field.selectionSet) } : field;
    const key = keyOf(field);
    const meanings = contested.get(key);
    if (!meanings) return below;
    const meaning = meaningOf(field);
    if (meanings.indexOf(meaning) <= 0) return below;
    return { ...below, alias: { kind: Kind.NAME, value: rename(key, meaning) } };
  };

  const renameSet = (given: SelectionSetNode): SelectionSetNode => {
    const found = known.get(given);
    if (found) return found;
    const selections = given.selections.map((node) => {
      if (node.kind === Kind.FIELD) return renameField(node);
      return node.kind === Kind.INLINE_FRAGMENT ? { ...node, selectionSet: renameSet(node.selectionSet) } : node;
    });
    const renamed = { ...given, selections };
    known.set(given, renamed);
    return renamed;
  };

  return renameSet(set);
}

const NONE: Contested = new Map();

/** Whether a key has several meanings somewhere, be it at different places: few documents have such a key, and only they are looked at closely. */
function hasAmbiguousKey(set: SelectionSetNode): boolean {
  const fields = new Map<string, FieldNode>();
  const seen = new Set<SelectionSetNode>();
  const isAmbiguous = (given: SelectionSetNode): boolean => {
    if (seen.has(given)) return false;
    seen.add(given);
    return given.selections.some((node) => {
      if (node.kind === Kind.FIELD) {
        const known = fields.get(keyOf(node));
        if (!known) fields.set(keyOf(node), node);
        else if (!meansTheSame(known, node)) return true;
      }
      return node.kind !== Kind.FRAGMENT_SPREAD && node.selectionSet !== undefined && isAmbiguous(node.selectionSet);
    });
  };
  return isAmbiguous(set);
}

const meansTheSame = (one: FieldNode, other: FieldNode): boolean =>
  one.name.value === other.name.value &&
  ((!one.arguments?.length && !other.arguments?.length) || meaningOf(one) === meaningOf(other));

function findContested(set: SelectionSetNode): Contested {
  const found = new Map<string, Map<string, FieldNode>>();

  /** @param sets all that is selected at one place, for whatever type */
  const look = (sets: readonly SelectionSetNode[]): void => {
    const fields = new Map<string, Map<string, FieldNode[]>>();
    const collect = ({ selections }: SelectionSetNode): void => {
      for (const node of selections) {
        if (node.kind === Kind.INLINE_FRAGMENT) collect(node.selectionSet);
        if (node.kind !== Kind.FIELD) continue;
        const byMeaning = fields.get(keyOf(node)) ?? new Map<string, FieldNode[]>();
        fields.set(keyOf(node), byMeaning);
        const meaning = meaningOf(node);
        const same = byMeaning.get(meaning);
        if (same) same.push(node);
        else byMeaning.set(meaning, [node]);
      }
    };
    sets.forEach(collect);
    for (const [key, byMeaning] of fields) {
      if (byMeaning.size > 1) {
        const known = found.get(key) ?? new Map<string, FieldNode>();
        found.set(key, known);
        for (const [meaning, [field]] of byMeaning) if (field) known.set(meaning, field);
      }
      // Those of another meaning will stand at a place of their own.
      for (const same of byMeaning.values()) {
        const below = same.flatMap(({ selectionSet }) => selectionSet ?? []);
        if (below.length > 0) look(below);
      }
    }
  };

  look([set]);
  return new Map(
    [...found].map(([key, byMeaning]) => {
      const isOwn = (meaning: string) => byMeaning.get(meaning)?.name.value === key;
      const meanings = [...byMeaning.keys()];
      return [key, [...meanings.filter(isOwn), ...meanings.filter((meaning) => !isOwn(meaning))]];
    }),
  );
}

const keyOf = ({ alias, name }: FieldNode): string => (alias ?? name).value;

/** Equal for fields that validation lets merge: the order of arguments is of no importance. https://spec.graphql.org/October2021/#FieldsInSetCanMerge() */
const meaningOf = ({ name, arguments: given }: FieldNode): string =>
  given?.length ? `${name.value}(${sorted(given)})` : name.value;

function textOf(value: ValueNode): string {
  if (value.kind === Kind.OBJECT) return `{${sorted(value.fields)}}`;
  return value.kind === Kind.LIST ? `[${value.values.map(textOf).join()}]` : print(value);
}

const sorted = (nodes: readonly { readonly name: { readonly value: string }; readonly value: ValueNode }[]): string =>
  nodes
    .map(({ name, value }) => `${name.value}:${textOf(value)}`)
    .sort()
    .join();
