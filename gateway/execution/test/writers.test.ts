import fc from "fast-check";
import { GraphQLError } from "graphql";
import { federationLink } from "../../test/harness/compose";
import { objectsIn } from "../../test/harness/objects-in";
import { createInMemoryGraph } from "./in-memory-graph";

const LINK = federationLink('["@key"]');

/** What the subgraphs answer; set by each case. */
let nodes: readonly {
  id: string;
  kind: string;
  text: string | null;
  numbers: (number | null)[];
  details: object | null;
}[] = [];
let addsError = false;

const graph = createInMemoryGraph(
  {
    nodes: {
      sdl: `${LINK} scalar Any
        type Query { nodes: [Node!]! }
        interface Node { id: ID! text: String }
        type A implements Node @key(fields: "id") { id: ID! text: String numbers: [Float] any: Any }
        type B implements Node @key(fields: "id") { id: ID! text: String other: Node }`,
      resolvers: {
        Query: { nodes: () => nodes.map((node) => ({ ...node, __typename: node.kind })) },
        A: { any: ({ details }: { details: object | null }) => details },
        B: { other: () => (nodes[0] ? { ...nodes[0], __typename: nodes[0].kind } : null) },
      },
    },
    details: {
      sdl: `${LINK} enum Size { S L } type A @key(fields: "id") { id: ID! size: Size note: String parts: [Part!] } type B @key(fields: "id") { id: ID! flag: Boolean note: String }
        type Part { name: String count: Int! }`,
      resolvers: {
        A: {
          __resolveReference: ({ id }: { id: string }) => ({
            id,
            size: id.length % 2 ? "S" : "L",
            note: `A ${id}`,
            parts: [{ name: id, count: id.length }],
          }),
        },
        B: { __resolveReference: ({ id }: { id: string }) => ({ id, flag: id.length % 2 === 0, note: `B ${id}` }) },
      },
    },
  },
  // An error makes the careful writer write.
  (reply) => (addsError ? { ...reply, errors: [new GraphQLError("e", { extensions: { code: "CONFLICT" } })] } : reply),
);

const QUERY = `{ nodes { __typename id t: text
  ... on A { numbers any size note parts { name count __proto__: name } again: id noted: note }
  ... on B { flag note other { id ... on A { note size } constructor: text } } } }`;

describe("the compiled and the careful writer", () => {
  it("write the same text for any data, whose objects the compiled one counts, without those of scalars", async () => {
    const text = fc.oneof(fc.string({ unit: "binary" }), fc.constantFrom('"', "\\", "\u2028", "\ud800", "a\nb", ""));
    const node = fc.record({
      // The same entity several times, with other values of what is no key of it.
      id: fc.oneof(text, fc.constantFrom("one", "other")),
      kind: fc.constantFrom("A", "B"),
      text: fc.option(text),
      numbers: fc.array(fc.option(fc.double({ noNaN: true, noDefaultInfinity: true })), { maxLength: 3 }),
      details: fc.option(fc.dictionary(fc.string(), fc.jsonValue() as fc.Arbitrary<unknown>, { maxKeys: 3 })),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(node, { maxLength: 6 }), async (given) => {
        nodes = given;
        addsError = false;
        const compiled = await graph.run(QUERY);
        addsError = true;
        const careful = await graph.run(QUERY);
        expect(compiled.errors).toEqual([]);
        expect(careful.errors.length).toBeGreaterThan(0);
        expect(careful.data).toBe(compiled.data);
        expect(compiled.objects).toBe(objectsIn(JSON.parse(compiled.data ?? ""), ["any"]));
        expect(careful.objects).toBeUndefined();
      }),
      { numRuns: 60, seed: 7 },
    );
  });

  it("write an entity that is met several times each time as it is there", async () => {
    const node = (id: string, text: string) => ({ id, kind: "A", text, numbers: [], details: null });
    nodes = [node("x", "first"), node("yy", "second"), node("x", "third")];
    addsError = false;
    const { data } = await graph.run("{ nodes { id ... on A { size note } text } }");
    const x = { id: "x", size: "S", note: "A x" };
    const yy = { id: "yy", size: "L", note: "A yy" };
    expect(JSON.parse(data ?? "")).toEqual({
      nodes: [
        { ...x, text: "first" },
        { ...yy, text: "second" },
        { ...x, text: "third" },
      ],
    });
  });
});
