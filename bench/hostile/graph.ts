import { composeServices } from "@apollo/composition";
import { parse } from "graphql";
import { subgraphNames, subgraphSdl } from "../gateway/scenario/subgraphs";

const LINK = `extend schema @link(url: "https://specs.apollo.dev/federation/v2.3", import: ["@key", "@shareable"])`;
const FIELDS = Array.from({ length: 10 }, (_, i) => `f${i}: Int @shareable`).join(" ");

/** Three subgraphs that all know the way from one type to the other: the ways of a plan multiply with each level. */
const side = (own: string, other: string, origin: string) =>
  Array.from({ length: 3 }, (_, i) => ({
    name: `${own.toLowerCase()}${i}`,
    url: `${origin}/${own.toLowerCase()}${i}`,
    typeDefs: parse(`${LINK}
      type ${own} @key(fields: "id") { id: ID! next: ${other} @shareable alt: ${other} @shareable ${FIELDS} }
      type ${other} @key(fields: "id") { id: ID! }`),
  }));

/** The graph of the benchmark, and beside it two types whose fields can be planned in ever so many ways. @param origin of all subgraphs */
export function composeHostileGraph(origin: string): string {
  const { supergraphSdl, errors } = composeServices([
    ...subgraphNames.map((name) => ({ name, url: `${origin}/${name}`, typeDefs: parse(subgraphSdl[name]) })),
    {
      name: "ways",
      url: `${origin}/ways`,
      typeDefs: parse(`${LINK} type Query { a: A } type A @key(fields: "id") { id: ID! }`),
    },
    ...side("A", "B", origin),
    ...side("B", "A", origin),
  ]);
  if (supergraphSdl === undefined) throw new Error(`the graph does not compose: ${errors?.join("\n")}`);
  return supergraphSdl;
}
