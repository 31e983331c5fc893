import { SupergraphError } from "./supergraph-error";

/** One subgraph as the supergraph names it. */
export interface SubgraphAddress {
  readonly name: string;
  readonly url: string;
}

/**
 * @param urls where subgraphs are, by name, in place of what the supergraph says; names that it does not have are passed over
 * @throws SupergraphError when a subgraph has no http or https URL
 */
export const subgraphAddresses = (
  named: readonly SubgraphAddress[],
  urls: ReadonlyMap<string, string>,
): readonly SubgraphAddress[] => named.map(({ name, url }) => ({ name, url: requireUrl(name, urls.get(name) ?? url) }));

/**
 * For the start, where a name that nobody has is a slip of the pen. On a reload it is a subgraph that has left the graph.
 * @throws SupergraphError naming each of `urls` that is no subgraph
 */
export function requireKnownSubgraphs(subgraphs: readonly SubgraphAddress[], urls: ReadonlyMap<string, string>): void {
  const known = subgraphs.map(({ name }) => name);
  const unknown = [...urls.keys()].filter((name) => !known.includes(name));
  if (unknown.length === 0) return;
  const quoted = (names: readonly string[]) => names.map((name) => `"${name}"`).join(", ");
  throw new SupergraphError(
    `A URL is given for ${quoted(unknown)}, but the supergraph's subgraphs are ${quoted(known)}.`,
  );
}

function requireUrl(name: string, url: string): string {
  if (url && URL.canParse(url) && /^https?:$/.test(new URL(url).protocol)) return url;
  throw new SupergraphError(`The subgraph "${name}" has no http or https URL in the supergraph.`);
}
