import { federationLink } from "../../test/harness/compose";
import { createInMemoryGraph } from "./in-memory-graph";

const LINK = federationLink('["@key", "@external", "@requires"]');

/** How often the list was asked for. */
let asked = 0;
const takeList = () => {
  asked++;
  return [{ id: "1" }, { id: "2" }];
};

const graph = createInMemoryGraph({
  shop: {
    sdl: `${LINK} type Query { parcels: [Parcel] } type Mutation { send: [Parcel] } type Van @key(fields: "id") { id: ID! load: [Parcel] }
      type Parcel @key(fields: "id") { id: ID! weight(unit: String!): Int! }`,
    resolvers: {
      Query: { parcels: takeList },
      Mutation: { send: takeList },
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
      size: String @requires(fields: "weight(unit: \\"g\\")")
      postage: String @requires(fields: "weight(unit: \\"g\\")")
      insurance: String @requires(fields: "weight(unit: \\"lb\\")") }`,
    resolvers: {
      Parcel: {
        size: ({ weight }: { weight: number }) => (weight > 1000 ? "L" : "S"),
        postage: ({ weight }: { weight: number }) => `for ${weight}`,
        insurance: ({ weight }: { weight: number }) => `of ${weight}`,
      },
    },
  },
});

describe("two fields that require one field with different arguments", () => {
  const expected = [
    { id: "1", size: "S", postage: "for 1000", insurance: "of 2" },
    { id: "2", size: "L", postage: "for 2000", insurance: "of 4" },
  ];

  it.each([
    ["query", "parcels"],
    ["mutation", "send"],
  ])("are both computed from what they require, and a %s asks for its objects once", async (kind, field) => {
    asked = 0;
    const { data, errors } = await graph.run(`${kind} { ${field} { id size postage insurance } }`);
    expect(errors).toEqual([]);
    expect(JSON.parse(data ?? "")).toEqual({ [field]: expected });
    expect(asked).toBe(1);
  });

  it("are computed for objects inside of an entity", async () => {
    const { data, errors } = await graph.run("{ van { load { id size postage insurance } } }");
    expect(errors).toEqual([]);
    expect(JSON.parse(data ?? "")).toEqual({ van: { load: expected } });
  });

  it("leave the client the same field with arguments of its own, and the names that plans use", async () => {
    const document =
      '{ parcels { weight(unit: "kg") required_weight_0: id own_required_weight_0: id postage insurance } }';
    const { data, errors } = await graph.run(document);
    expect(errors).toEqual([]);
    expect(JSON.parse(data ?? "")).toEqual({
      parcels: [
        { weight: 2, required_weight_0: "1", own_required_weight_0: "1", postage: "for 1000", insurance: "of 2" },
        { weight: 4, required_weight_0: "2", own_required_weight_0: "2", postage: "for 2000", insurance: "of 4" },
      ],
    });
  });

  it("may wait for a deferred part", async () => {
    const { data, errors } = await graph.run("{ parcels { id ... @defer { size postage insurance } } }");
    expect(errors).toEqual([]);
    expect(JSON.parse(data ?? "")).toEqual({ parcels: expected });
  });
});
