import type { SelectionSet } from "@apollo/federation-internals";
import { changeGroups, type FetchGroup } from "./fetch-group";

/**
 * Lets @apollo/query-planner 2.14 give all the aliases that it decides upon, for the whole process. Where a subgraph has one field as `Int!` in one type
 * and as `Int` in another, both cannot have one response key (https://spec.graphql.org/October2021/#SameResponseShape()), and the planner gives the
 * second an alias. It forgets those below a field that has got one: it looks for the field by its name of before. The subgraph then
 * refuses the whole fetch.
 */
export const installAliasesBelowAliases = (): void => changeGroups(giveAllAliases);

function giveAllAliases(prototype: FetchGroup): void {
  const { finalizeSelection } = prototype;
  prototype.finalizeSelection = function (this: FetchGroup, ...given) {
    const { selection, outputRewrites } = finalizeSelection.apply(this, given);
    let aliased = selection;
    for (const one of outputRewrites) {
      if (one.kind === "KeyRenamer") aliased = withAlias(aliased, one.path, one.renameKeyTo);
    }
    // The planner tells an alias before those below it; but where they are is told by it, until it is gone.
    return { selection: aliased, outputRewrites: [...outputRewrites].reverse() };
  };
}

/** @param path to the field, which ends in its alias; nothing changes where it has it already */
function withAlias(set: SelectionSet, [segment, ...rest]: readonly string[], responseKey: string): SelectionSet {
  return set.lazyMap((selection) => {
    if (rest.length > 0) {
      if (!selection.selectionSet || selection.element.asPathElement() !== segment) return selection;
      return selection.withUpdatedSelectionSet(withAlias(selection.selectionSet, rest, responseKey));
    }
    if (selection.kind !== "FieldSelection" || selection.element.responseName() !== responseKey) return selection;
    return selection.withUpdatedElement(selection.element.withUpdatedAlias(segment));
  });
}
