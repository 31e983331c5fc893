import { prettyFormatQueryPlan } from "@apollo/query-planner";
import { parse, print } from "graphql";
import { runtimeView } from "../../supergraph/runtime-view";
import { compose, federationLink } from "../../test/harness/compose";
import { loadPlannableGraph } from "../apollo-planner";
import { DEFAULT_PLAN_LIMITS } from "../plan-limits";

const link = federationLink(
  '["@key", "@shareable", "@override", "@external", "@requires", "@interfaceObject", "@context", "@fromContext"]',
);
const url = (name: string) => `http://${name}.example/graphql`;

/** As the gateway hands a supergraph to the planner. */
export const composeRuntime = (subgraphs: readonly { name: string; sdl: string }[]): string =>
  print(runtimeView(parse(compose(subgraphs.map(({ name, sdl }) => ({ name, sdl: link + sdl, url: url(name) }))))));

/** @returns the plan on one line */
export function planOf(subgraphs: Readonly<Record<string, string>>, document: string): string {
  const sdl = composeRuntime(Object.entries(subgraphs).map(([name, text]) => ({ name, sdl: text })));
  const plan = loadPlannableGraph(sdl, DEFAULT_PLAN_LIMITS).plan({ document, overrideLabels: [] });
  return prettyFormatQueryPlan(plan).replace(/\s+/g, " ");
}

/** @returns the subgraphs that are asked by a plan of `planOf`, in the order in which they stand there */
export const askedBy = (plan: string): readonly (string | undefined)[] =>
  [...plan.matchAll(/service: "(\w+)"/g)].map(([, name]) => name);

/** Two subgraphs, one entity, a field that moves by the label "move", events. */
export const SHOP_GRAPH = composeRuntime([
  {
    name: "catalog",
    sdl: `type Query { product(id: ID!): Product }
      type Subscription { productChanged: Product }
      type Product @key(fields: "id") { id: ID! name: String! price: Int }`,
  },
  {
    name: "reviews",
    sdl: `type Product @key(fields: "id") {
        id: ID!
        reviews: [Review!]!
        price: Int @override(from: "catalog", label: "percent(0)")
        name: String! @override(from: "catalog", label: "move")
      }
      type Review { stars: Int! }`,
  },
]);

/**
 * A graph in which the ways to a selection multiply with every level: `next` leads to an entity that the subgraph it was found in knows
 * by its key alone, and that `sources` other subgraphs know equally well.
 */
export function explosiveGraph(sources: number): string {
  const fields = Array.from({ length: 10 }, (_, i) => `f${i}: Int @shareable`).join(" ");
  const side = (own: string, other: string) =>
    Array.from({ length: sources }, (_, i) => ({
      name: `${own.toLowerCase()}${i}`,
      sdl: `type ${own} @key(fields: "id") { id: ID! next: ${other} @shareable alt: ${other} @shareable ${fields} }
        type ${other} @key(fields: "id") { id: ID! }`,
    }));
  return composeRuntime([
    { name: "root", sdl: `type Query { a: A } type A @key(fields: "id") { id: ID! }` },
    ...side("A", "B"),
    ...side("B", "A"),
  ]);
}

/** `{ a { next { next { f0 } } } }` */
export const chain = (depth: number): string => `{ a { ${"next { ".repeat(depth)} f0 ${"} ".repeat(depth)}} }`;

/** Two branches at each level: few ways to each of many selections. */
export function tree(depth: number): string {
  const level = (left: number): string =>
    left === 0 ? "f0" : `next { ${level(left - 1)} } alt { ${level(left - 1)} }`;
  return `{ a { ${level(depth)} } }`;
}

/** Every subgraph owns fields of every entity, relations have one owner, some fields have three. */
export function ordinaryGraph(subgraphs: number, entities: number): string {
  return composeRuntime(
    Array.from({ length: subgraphs }, (_, s) => ({
      name: `s${s}`,
      sdl: `type Query { root${s}: E0 } ${Array.from(
        { length: entities },
        (_, e) =>
          `type E${e} @key(fields: "id") @key(fields: "sku") { id: ID! sku: ID! a${s}: Int b${s}: Int
            ${s < 3 ? "name: String @shareable title: String @shareable" : ""}
            ${e % subgraphs === s ? `rel: E${(e + 1) % entities} rels: [E${(e + 2) % entities}!]!` : ""} }`,
      ).join("\n")}`,
    })),
  );
}

/** All fields of all entities on the way, `2 ** (depth + 1) - 1` of them. */
export function ordinaryOperation(subgraphs: number, depth: number): string {
  const fields = Array.from({ length: subgraphs }, (_, s) => `a${s} b${s}`).join(" ");
  const level = (left: number): string =>
    `{ id name title ${fields} ${left > 0 ? `rel ${level(left - 1)} rels ${level(left - 1)}` : ""} }`;
  return `{ root0 ${level(depth)} }`;
}

/** An interface whose object types have their field in two subgraphs, neither of which is the one that finds them. */
export function interfaceGraph(objectTypes: number): string {
  const types = (field: string) =>
    Array.from(
      { length: objectTypes },
      (_, i) => `type T${i} implements Thing @key(fields: "id") { id: ID! ${field} }`,
    ).join(" ");
  return composeRuntime([
    { name: "root", sdl: `type Query { thing: Thing } interface Thing { id: ID! } ${types("")}` },
    ...["size0", "size1"].map((name) => ({
      name,
      sdl: `interface Thing { id: ID! size: Int } ${types("size: Int @shareable")}`,
    })),
  ]);
}

/** An interface of two object types, which two more subgraphs know as an object. */
export const INTERFACE_OBJECT_GRAPH = composeRuntime([
  {
    name: "catalog",
    sdl: `interface Media @key(fields: "id") { id: ID! title: String }
      type Song implements Media @key(fields: "id") { id: ID! title: String }
      type Film implements Media @key(fields: "id") { id: ID! title: String }`,
  },
  {
    name: "charts",
    sdl: `type Query { top: [Media] } type Media @key(fields: "id") @interfaceObject { id: ID! plays: Int }`,
  },
  { name: "links", sdl: `type Media @key(fields: "id") @interfaceObject { id: ID! next: Media }` },
]);
