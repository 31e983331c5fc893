import type { AccessRules } from "./access/rules/access-rules";
import type { Executor } from "./execution/executor";
import type { SupergraphSnapshot } from "./supergraph/supergraph-snapshot";

/**
 * Everything that changes together when the supergraph changes. A request takes one generation at its beginning and keeps it to its
 * end, so a reload never shows it two graphs.
 */
export interface Generation {
  readonly supergraph: SupergraphSnapshot;
  /** Access rules read from the full view; see `authorize`. */
  readonly rules: AccessRules;
  readonly executor: Executor;
}

/** Where the current generation comes from. */
export interface Generations {
  current(): Generation;
  /** Called after the swap, once per reload. @returns stops listening */
  onChange(listener: (next: Generation, previous: Generation) => void): () => void;
}
