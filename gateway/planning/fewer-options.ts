import { giveTurn } from "./give-turns";
import * as graphPaths from "@apollo/query-graphs/dist/graphPath";

type Advance = typeof graphPaths.advanceSimultaneousPathsWithOperation;

let isPlain = false;
let isInstalled = false;

/**
 * Lets the planner leave ways out, for the whole process. Where it can ask for a field of an interface as one, for all of its objects, it also considers to ask for it
 * by each object type, in every combination of their ways. Around an interface object that squares the number of ways with every level
 * of nesting, 6, 42, 1806, for plans that are never the better ones.
 */
export function installFewerOptions(): void {
  if (isInstalled) return;
  isInstalled = true;
  const advance = graphPaths.advanceSimultaneousPathsWithOperation;
  const advancePlainly: Advance = (schema, paths, operation, overrides) => {
    giveTurn();
    const options = advance(schema, paths, operation, overrides);
    if (!isPlain || !options) return options;
    const plain = options.filter((option) => option.paths.length <= paths.paths.length);
    return plain.length > 0 ? plain : options;
  };
  Reflect.set(graphPaths, advance.name, advancePlainly);
}

/** Plans without them: a way left out may be the only one that leads on, so that it is for operations which have too many. */
export function withFewerOptions<T>(plan: () => T): T {
  isPlain = true;
  try {
    return plan();
  } finally {
    isPlain = false;
  }
}
