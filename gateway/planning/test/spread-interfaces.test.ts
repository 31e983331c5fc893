import { Supergraph } from "@apollo/federation-internals";
import { prettyFormatQueryPlan, QueryPlanner } from "@apollo/query-planner";
import { parse, print } from "graphql";
import { loadPlannableGraph } from "../apollo-planner";
import { DEFAULT_PLAN_LIMITS } from "../plan-limits";
import { PlannerGraph } from "../planner-graph";
import { createInterfaceSpreader } from "../spread-interfaces";
import { composeRuntime } from "./plan-graphs";

/** `things` object types of two interfaces; what `parts` of them are made of, and their sizes, two other subgraphs know. */
function thingGraph(things: number, parts: number): string {
  const types = (name: string, count: number, field: string) =>
    Array.from(
      { length: count },
      (_, i) =>
        `type ${name}${i} implements ${name === "Thing" ? "Thing & Labelled" : "Part & Labelled"} @key(fields: "id") {
          id: ID! label: String @shareable ${field} }`,
    ).join(" ");
  const interfaces = (field: string) =>
    `interface Labelled { label: String } interface Thing implements Labelled { id: ID! label: String ${field} }`;
  return composeRuntime([
    {
      name: "root",
      sdl: `type Query { thing: Thing } ${interfaces("own: Int")} ${types("Thing", things, "own: Int")}`,
    },
    ...["left", "right"].map((name) => ({
      name,
      sdl: `${interfaces("size(unit: Int): Int part: Part")}
        ${types("Thing", things, "size(unit: Int): Int @shareable part: Part @shareable")}
        interface Part implements Labelled { id: ID! label: String } ${types("Part", parts, "")}`,
    })),
    ...["weighed", "measured"].map((name) => ({
      name,
      sdl: `interface Labelled { label: String } interface Part implements Labelled { id: ID! label: String weight: Int }
        ${types("Part", parts, "weight: Int @shareable")}`,
    })),
  ]);
}

function load(things: number, parts = 1) {
  const sdl = thingGraph(things, parts);
  const supergraph = Supergraph.build(sdl, { validateSupergraph: false });
  const planner = new QueryPlanner(supergraph);
  const spread = createInterfaceSpreader(new PlannerGraph(planner), supergraph.apiSchema());
  const graph = loadPlannableGraph(sdl, DEFAULT_PLAN_LIMITS);
  return {
    spread: (text: string, isNeeded = false) => {
      const document = parse(text);
      const changed = spread(document, isNeeded);
      return changed === document ? "as it was" : changed && print(changed).replace(/\s+/g, " ");
    },
    plan: (text: string) => prettyFormatQueryPlan(graph.plan({ document: text, overrideLabels: [] })),
  };
}

const MANY = 20;

describe("a field of an interface that its subgraph does not have", () => {
  it("stays as it is for few types", () => {
    const { spread } = load(3);
    expect(spread("{ thing { size } }")).toBe("as it was");
    expect(spread("{ thing { part { weight } } }")).toBe("as it was");
  });

  it("is asked of each type by itself, with alias, arguments and all that is selected in it", () => {
    const { spread } = load(3);
    expect(spread("query ($u: Int) { t: thing { a: size(unit: $u) id ... @defer { size } } }", true)).toBe(
      "query ($u: Int) { t: thing { ... on Thing0 { a: size(unit: $u) } ... on Thing1 { a: size(unit: $u) } ... on Thing2 { a: size(unit: $u) } id " +
        "... @defer { ... on Thing0 { size } ... on Thing1 { size } ... on Thing2 { size } } } }",
    );
    expect(spread("{ thing { part { label } } }", true)).toBe(
      "{ thing { ... on Thing0 { part { label } } ... on Thing1 { part { label } } ... on Thing2 { part { label } } } }",
    );
  });

  it("is given whole where parts of it were to be put off: they would be there once for each type", () => {
    expect(load(1).spread("{ thing { part { ... @defer { label } } ... on Labelled @defer { label } } }", true)).toBe(
      "as it was",
    );
    expect(load(2).spread("{ thing { part { ... @defer { label } } ... on Labelled @defer { label } } }", true)).toBe(
      "{ thing { ... on Thing0 { part { ... { label } } } ... on Thing1 { part { ... { label } } } ... on Labelled { label } } }",
    );
  });

  it("stays as it is for many types where the subgraph has it", () => {
    const { spread } = load(MANY);
    expect(spread("{ thing { id own label __typename } }")).toBe("as it was");
    expect(spread("{ thing { own ... on Labelled { label } ... on Thing3 { size } } }")).toBe("as it was");
  });

  it("is planned, however many types there are", () => {
    const { plan } = load(MANY);
    const made = plan("{ thing { size } }");
    for (let i = 0; i < MANY; i++) expect(made).toContain(`... on Thing${i} {`);
    expect(made.match(/service: "(left|right)"/g)).toHaveLength(1);
  });

  it("is planned where what many types lead to has more ways than one", () => {
    const { spread, plan } = load(MANY, MANY);
    expect(spread("{ thing { part { weight } } }")).not.toBe("as it was");
    const made = plan("{ thing { part { weight } } }");
    expect(made).toContain("... on Thing19 {");
    expect(made).toContain("... on Part19 {");
    expect(made.match(/service: "(weighed|measured)"/g)).toHaveLength(1);
  });

  it("is planned where another subgraph holds the interface as an object", () => {
    const types = (field: string) =>
      Array.from(
        { length: MANY },
        (_, i) => `type T${i} implements Thing @key(fields: "id") { id: ID! ${field} }`,
      ).join(" ");
    const sdl = composeRuntime([
      { name: "root", sdl: `type Query { thing: Thing } interface Thing @key(fields: "id") { id: ID! } ${types("")}` },
      {
        name: "charts",
        sdl: `type Query { top: Thing } type Thing @key(fields: "id") @interfaceObject { id: ID! plays: Int }`,
      },
      ...["left", "right"].map((name) => ({
        name,
        sdl: `interface Thing { id: ID! size: Int } ${types("size: Int @shareable")}`,
      })),
    ]);
    const graph = loadPlannableGraph(sdl, DEFAULT_PLAN_LIMITS);
    for (const root of ["thing", "top"]) {
      const made = prettyFormatQueryPlan(graph.plan({ document: `{ ${root} { plays size } }`, overrideLabels: [] }));
      for (let i = 0; i < MANY; i++) expect(made).toContain(`... on T${i} {`);
    }
  });

  it("is planned in fragments on other interfaces", () => {
    const { plan } = load(MANY);
    const made = plan("{ thing { ... on Labelled { ... on Thing { size } } } }");
    for (let i = 0; i < MANY; i++) expect(made).toContain(`... on Thing${i} {`);
  });

  it("is refused at once where there would be too many of them", () => {
    const { spread, plan } = load(MANY, MANY);
    const aliases = Array.from({ length: 200 }, (_, i) => `a${i}: part { weight }`).join(" ");
    expect(spread(`{ thing { ${aliases} } }`)).toBeUndefined();
    expect(() => plan(`{ thing { ${aliases} } }`)).toThrow("ways to fetch a field");
  });
});
