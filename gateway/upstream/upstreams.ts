import type { GraphQLDataSource } from "@apollo/gateway";
import type { GraphQLError } from "graphql";
import type { SubgraphAddress } from "../supergraph/subgraph-addresses";
import type { UpstreamContext } from "./upstream-context";

/** What a subgraph answered; shared between operations that asked the same: never mutate it. */
export interface SubgraphReply {
  readonly data: Readonly<Record<string, unknown>> | null;
  /** Masked already; with a path when the subgraph gave one. Paths are the subgraph's own (`["_entities", 0, "name"]`). */
  readonly errors: readonly GraphQLError[];
  /** True when no string of the answer needs escaping to be written as JSON: its text held no backslash. */
  readonly isPlain: boolean;
  /** True when it is known that its text held nothing but ASCII. */
  readonly isAscii?: boolean;
  /** True when other requests that asked the same at the same time get this very `data`. */
  readonly isShared?: boolean;
  /** Bytes of the answer's text, and 0 when there was none; for explaining an operation. */
  readonly bytes: number;
  /**
   * The subgraph gave no usable answer (unreachable, too late, wrong status, malformed, client gone): `errors` holds the one reason as a
   * client may see it, and `data` is null.
   */
  readonly isFault: boolean;
}

export interface SubgraphRequest {
  /** The JSON text of the request, complete. */
  readonly body: string;
  /** Mutations are sent once, and never shared. */
  readonly kind: "query" | "mutation";
  /**
   * Applied once to freshly parsed data before anybody sees it: what the plan wants renamed. Equal bodies have equal rewrites. It adds no
   * string that would need escaping in JSON.
   */
  readonly rewrite?: (data: Record<string, unknown>) => void;
}

/** One subgraph, as the engine's executor calls it. */
export interface SubgraphClient {
  /** Never rejects: what goes wrong is in the reply. */
  send(request: SubgraphRequest, context: UpstreamContext): Promise<SubgraphReply>;
}

/** One subgraph, as @apollo/gateway's executor calls it. */
export type Upstream = GraphQLDataSource<UpstreamContext & Record<string, unknown>>;

/** The subgraphs by name. Connections are pooled by origin and outlive a reload. */
export interface Upstreams {
  /** A client of the subgraph; the same one as long as name and URL stay the same. */
  client(address: SubgraphAddress): SubgraphClient;
  /** A data source for the subgraph; the same one as long as name and URL stay the same. */
  forSubgraph(address: SubgraphAddress): Upstream;
  close(): Promise<void>;
}
