import { createIdentityKey, signIdentity } from "../../kit/identity";
import type { UpstreamContext } from "./upstream-context";

/** Half a minute under the header's lifetime, so that a signature is never sent in its last moments. */
const REUSE_MS = 30_000;

interface Signed {
  readonly header: Promise<string>;
  readonly signedAtMs: number;
}

/**
 * @param secret shared with the subgraphs
 * @returns the identity header's value for one subgraph; signed once per operation and subgraph, and again when a subscription's context
 *   grows old
 */
export function createSigner(secret: string, now: () => number = Date.now) {
  const key = createIdentityKey(secret);
  const signatures = new WeakMap<UpstreamContext, Map<string, Signed>>();
  return (context: UpstreamContext, subgraph: string): Promise<string> => {
    const own = signatures.get(context) ?? new Map<string, Signed>();
    signatures.set(context, own);
    const known = own.get(subgraph);
    if (known && now() - known.signedAtMs < REUSE_MS) return known.header;
    const header = signIdentity(key, context.viewer, subgraph);
    own.set(subgraph, { header, signedAtMs: now() });
    return header;
  };
}
