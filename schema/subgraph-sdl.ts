/** One subgraph as composition takes it. */
export interface SubgraphSdl {
  readonly name: string;
  /** Where the gateway finds it unless it is told otherwise. */
  readonly url: string;
  readonly sdl: string;
}
