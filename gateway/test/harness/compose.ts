import { composeServices } from "@apollo/composition";
import { parse } from "graphql";

export interface ComposedSubgraph {
  readonly name: string;
  readonly sdl: string;
  readonly url: string;
}

/** What a subgraph of these suites starts with; imports are spelled as in `["@key", { name: "@policy", as: "@p" }]`. */
export const federationLink = (imports: string): string =>
  `extend schema @link(url: "https://specs.apollo.dev/federation/v2.12", import: ${imports})\n`;

/** @throws Error listing what does not compose */
export function compose(subgraphs: readonly ComposedSubgraph[]): string {
  const result = composeServices(subgraphs.map(({ name, sdl, url }) => ({ name, url, typeDefs: parse(sdl) })));
  if (result.supergraphSdl === undefined) {
    throw new Error(result.errors?.map((error) => error.message).join("\n") ?? "nothing was composed");
  }
  return result.supergraphSdl;
}
