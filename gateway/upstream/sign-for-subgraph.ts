import { LRUCache } from "lru-cache";
import { createIdentityKey, signIdentity } from "../../kit/identity";
import type { Viewer } from "../../kit/viewer";
import { viewerKey } from "./viewer-key";

/** Half a minute under the header's lifetime, so that a signature is never sent in its last moments. */
const REUSE_MS = 30_000;
/** For each subgraph; a signature takes about 600 bytes. */
const MAX_SIGNATURES = 5_000;

interface Signed {
  header: string | Promise<string>;
  readonly signedAtMs: number;
}

/**
 * The identity header's value for one subgraph. It says no more than who asks whom, so that requests of the same viewer share it; viewers
 * are compared by value.
 */
export type SignFor = (viewer: Viewer, subgraph: string) => string | Promise<string>;

/** @param secret shared with the subgraphs */
export function createSigner(secret: string, now: () => number = Date.now): SignFor {
  const key = createIdentityKey(secret);
  const bySubgraph = new Map<string, LRUCache<string, Signed>>();

  const signaturesFor = (subgraph: string) => {
    const known = bySubgraph.get(subgraph) ?? new LRUCache<string, Signed>({ max: MAX_SIGNATURES });
    bySubgraph.set(subgraph, known);
    return known;
  };

  return (viewer, subgraph) => {
    const signatures = bySubgraph.get(subgraph) ?? signaturesFor(subgraph);
    const who = viewerKey(viewer);
    const known = signatures.get(who);
    if (known && now() - known.signedAtMs < REUSE_MS) return known.header;
    const signed: Signed = { header: "", signedAtMs: now() };
    signed.header = signIdentity(key, viewer, subgraph).then((header) => (signed.header = header));
    signatures.set(who, signed);
    return signed.header;
  };
}
