import type { GraphQLDataSource } from "@apollo/gateway";
import type { UpstreamContext } from "./upstream-context";
import type { SubgraphAddress } from "../supergraph/supergraph-snapshot";

export type Upstream = GraphQLDataSource<UpstreamContext & Record<string, unknown>>;

/** The subgraphs as @apollo/gateway's executor calls them, by name. Connections are pooled by origin and outlive a reload. */
export interface Upstreams {
  /** A data source for the subgraph; the same one as long as name and URL stay the same. */
  forSubgraph(address: SubgraphAddress): Upstream;
  close(): Promise<void>;
}
