import { join } from "node:path";
import { composeSupergraph } from "./compose-supergraph";
import { type GeneratedFile, REPOSITORY_ROOT } from "./repository";

const SUBGRAPHS = ["users", "products", "orders"] as const;

/**
 * Prints each subgraph's SDL from its resolvers and composes them.
 * The subgraphs are loaded from the build by path: the contracts import nobody, and a subgraph could be written in another language.
 */
export async function generateSchema(): Promise<{ files: GeneratedFile[]; hints: readonly string[] }> {
  const subgraphs = await Promise.all(
    SUBGRAPHS.map(async (name) => {
      const file = join(REPOSITORY_ROOT, "dist", "subgraphs", name, "print-sdl.js");
      const { printSdl } = (await import(file)) as { printSdl: () => Promise<string> };
      // The gateway is told the real addresses (SUBGRAPH_URLS); these are what a reader of the file sees.
      return { name, url: `http://${name}/graphql`, sdl: await printSdl() };
    }),
  );
  const { supergraphSdl, apiSdl, hints } = composeSupergraph(subgraphs);
  return {
    hints,
    files: [
      ...subgraphs.map(({ name, sdl }) => ({ path: `schema/${name}.graphql`, text: sdl })),
      { path: "schema/supergraph.graphql", text: supergraphSdl },
      { path: "schema/api.graphql", text: apiSdl },
    ],
  };
}
