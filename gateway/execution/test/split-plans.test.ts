import { federationLink } from "../../test/harness/compose";
import { createInMemoryGraph } from "./in-memory-graph";

const LINK = federationLink('["@key", "@external", "@requires"]');

/** What the list holds at each time it is asked for. */
let lists: string[][] = [];
const takeList = () => (lists.length > 1 ? lists.shift() : lists[0])?.map((id) => ({ id }));

const graph = createInMemoryGraph({
  shop: {
    sdl: `${LINK} type Query { parcels: [Parcel] } type Van @key(fields: "id") { id: ID! load: [Parcel] }
      type Parcel @key(fields: "id") { id: ID! weight(unit: String!): Int! }`,
    resolvers: {
      Query: { parcels: takeList },
      Van: { load: takeList },
      Parcel: {
        weight: ({ id }: { id: string }, { unit }: { unit: string }) => Number(id) * (unit === "g" ? 1000 : 2),
      },
    },
  },
  fleet: {
    sdl: `${LINK} type Query { van: Van } type Van @key(fields: "id", resolvable: false) { id: ID! }`,
    resolvers: { Query: { van: () => ({ id: "1" }) } },
  },
  post: {
    sdl: `${LINK} type Parcel @key(fields: "id") { id: ID! weight(unit: String!): Int! @external
      postage: String @requires(fields: "weight(unit: \\"g\\")")
      insurance: String @requires(fields: "weight(unit: \\"lb\\")") }`,
    resolvers: {
      Parcel: {
        postage: ({ weight }: { weight: number }) => `for ${weight}`,
        insurance: ({ weight }: { weight: number }) => `of ${weight}`,
      },
    },
  },
});

const QUERY = "{ parcels { id postage insurance } }";

describe("an operation that is planned in parts", () => {
  it("is put together where both see the same objects", async () => {
    lists = [["1", "2"]];
    const { data, errors } = await graph.run(QUERY);
    expect(errors).toEqual([]);
    expect(JSON.parse(data ?? "")).toEqual({
      parcels: [
        { id: "1", postage: "for 1000", insurance: "of 2" },
        { id: "2", postage: "for 2000", insurance: "of 4" },
      ],
    });
  });

  it.each([
    ["another order", ["2", "1"]],
    ["fewer objects", ["1"]],
    ["more objects", ["1", "2", "3"]],
  ])("where the second sees %s its fields have errors, and nothing is given to the wrong object", async (_, second) => {
    lists = [["1", "2"], second];
    const { data, errors } = await graph.run(QUERY);
    expect(JSON.parse(data ?? "")).toEqual({
      parcels: [
        { id: "1", postage: "for 1000", insurance: null },
        { id: "2", postage: "for 2000", insurance: null },
      ],
    });
    expect(errors.map(({ path, extensions }) => [path?.join("."), extensions["code"]])).toEqual([
      ["parcels.0.insurance", "SUBGRAPH_RESPONSE_INVALID"],
      ["parcels.1.insurance", "SUBGRAPH_RESPONSE_INVALID"],
    ]);
  });

  it.each([
    ["another order", ["2", "1"]],
    ["fewer objects", ["1"]],
    ["more objects", ["1", "2", "3"]],
  ])("where the second sees %s in an entity, nothing is given to the wrong object either", async (_, second) => {
    lists = [["1", "2"], second];
    const { data, errors } = await graph.run("{ van { load { id postage insurance } } }");
    expect(JSON.parse(data ?? "")).toEqual({
      van: {
        load: [
          { id: "1", postage: "for 1000", insurance: null },
          { id: "2", postage: "for 2000", insurance: null },
        ],
      },
    });
    expect(errors.map(({ path, extensions }) => [path?.join("."), extensions["code"]])).toEqual([
      ["van.load.0.insurance", "SUBGRAPH_RESPONSE_INVALID"],
      ["van.load.1.insurance", "SUBGRAPH_RESPONSE_INVALID"],
    ]);
  });
});
