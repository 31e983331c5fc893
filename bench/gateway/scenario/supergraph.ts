import { composeServices } from "@apollo/composition";
import { parse } from "graphql";
import { subgraphNames, subgraphSdl } from "./subgraphs";

/** @param origin of the process that answers for all subgraphs, such as `http://127.0.0.1:4200` */
export function composeSupergraph(origin: string): string {
  const composition = composeServices(
    subgraphNames.map((name) => ({ name, url: `${origin}/${name}`, typeDefs: parse(subgraphSdl[name]) })),
  );
  if (composition.errors) throw new Error(`the scenario does not compose: ${composition.errors.join("\n")}`);
  return composition.supergraphSdl;
}
