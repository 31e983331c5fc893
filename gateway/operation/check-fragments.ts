import { GraphQLError, Source } from "graphql";
import type { ScannedDocument, Spread } from "./scan-document";

/** Of one error: a ring of five hundred fragments has as many places. */
const MAX_LOCATIONS = 20;

/** Whatever they are, validation finds those that nobody spreads quickly, and with whatever else is wrong. */
const FEW_DEFINITIONS = 20;

/**
 * Finds what is wrong with a document's fragments as a whole, before it is parsed: rules of validation take many times as long over a ring of
 * fragments, and over a long chain that nobody spreads, only to find more wrong with them. In the words of graphql-js.
 *
 * @param text that was scanned
 * @returns errors of one kind
 */
export function checkFragments(scanned: ScannedDocument, text: string, maxErrors: number): readonly GraphQLError[] {
  const source = new Source(text);
  const cycles = findCycles(scanned.fragments, maxErrors);
  if (cycles.length > 0) return cycles.map((cycle) => cycleError(cycle, source));
  if (scanned.operations + scanned.fragments.size <= FEW_DEFINITIONS) return [];
  return findUnused(scanned)
    .slice(0, maxErrors)
    .map((name) => new GraphQLError(`Fragment "${name}" is never used.`));
}

/** https://spec.graphql.org/October2021/#sec-Fragment-spreads-must-not-form-cycles */
function findCycles(fragments: ScannedDocument["fragments"], enough: number): readonly (readonly Spread[])[] {
  const cycles: (readonly Spread[])[] = [];
  const visited = new Set<string>();
  const path: Spread[] = [];
  /** Of each fragment on the way the place of its spreads in `path`. */
  const places = new Map<string, number>();
  const visit = (name: string): void => {
    visited.add(name);
    places.set(name, path.length);
    for (const spread of fragments.get(name) ?? []) {
      if (cycles.length >= enough) break;
      const place = places.get(spread.name);
      path.push(spread);
      if (place !== undefined) cycles.push(path.slice(place));
      else if (!visited.has(spread.name)) visit(spread.name);
      path.pop();
    }
    places.delete(name);
  };
  for (const name of fragments.keys()) if (!visited.has(name)) visit(name);
  return cycles;
}

function cycleError(cycle: readonly Spread[], source: Source): GraphQLError {
  const via = cycle.slice(0, -1).map(({ name }) => `"${name}"`);
  const positions = cycle.slice(0, MAX_LOCATIONS).map(({ position }) => position);
  const message = `Cannot spread fragment "${cycle.at(-1)?.name}" within itself${via.length > 0 ? ` via ${via.join(", ")}` : ""}.`;
  return new GraphQLError(message, { source, positions });
}

/** https://spec.graphql.org/October2021/#sec-Fragments-Must-Be-Used */
function findUnused({ roots, fragments }: ScannedDocument): readonly string[] {
  const used = new Set<string>();
  const waiting = [...roots];
  for (let name = waiting.pop(); name !== undefined; name = waiting.pop()) {
    if (used.has(name)) continue;
    used.add(name);
    for (const spread of fragments.get(name) ?? []) waiting.push(spread.name);
  }
  return [...fragments.keys()].filter((name) => !used.has(name));
}
