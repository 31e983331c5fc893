import { buildSchema, Kind, parse } from "graphql";
import { coerceVariableValues } from "../coerce-variables";

const schema = buildSchema(`
  input Filter { name: String and: [Filter!] ids: [Int!] size: Int = 3 }
  type Query { find(filter: Filter!, ids: [Int!]): Int }
`);

function coerce(values: Readonly<Record<string, unknown>>) {
  const [operation] = parse(
    "query ($filter: Filter!, $ids: [Int!] = [7]) { find(filter: $filter, ids: $ids) }",
  ).definitions;
  if (operation?.kind !== Kind.OPERATION_DEFINITION) throw new Error("no operation");
  return coerceVariableValues(schema, operation.variableDefinitions ?? [], values);
}
const messages = (values: Readonly<Record<string, unknown>>) => coerce(values).errors?.map(({ message }) => message);
const many = Array.from({ length: 2_000 }, (_, i) => i);

describe("values of variables", () => {
  it("get their defaults, few or many", () => {
    expect(coerce({ filter: {} }).coerced).toEqual({ filter: { size: 3 }, ids: [7] });
    expect(coerce({ filter: { ids: many } }).coerced).toEqual({ filter: { ids: many, size: 3 }, ids: [7] });
    expect(coerce({ filter: {}, ids: many }).coerced).toEqual({ filter: { size: 3 }, ids: many });
  });

  it("that do not fit are quoted, the first five of them", () => {
    expect(messages({ filter: { ids: ["a"], size: "b" } })).toEqual([
      'Variable "$filter" got invalid value "a" at "filter.ids[0]"; Int cannot represent non-integer value: "a"',
      'Variable "$filter" got invalid value "b" at "filter.size"; Int cannot represent non-integer value: "b"',
    ]);
    expect(messages({ filter: { ids: Array<string>(20).fill("a") } })).toHaveLength(6);
  });

  it("that are large are not quoted: the place of the first that does not fit is told", () => {
    expect(messages({ filter: { and: [{ ids: [...many, "a"] }] } })).toEqual([
      'Variable "$filter" got invalid value at "filter.and[0].ids[2000]"; Int cannot represent non-integer value: "a"',
    ]);
    const wrong = Object.fromEntries(many.map((i) => [`x${i}`, "secret"]));
    expect(messages({ filter: wrong })).toEqual([
      'Variable "$filter" got invalid value at "filter"; Field "x0" is not defined by type "Filter".',
    ]);
  });

  it("that are missing or null are told beside large ones", () => {
    expect(messages({ ids: many })).toEqual(['Variable "$filter" of required type "Filter!" was not provided.']);
    expect(messages({ filter: null, ids: many })).toEqual([
      'Variable "$filter" of non-null type "Filter!" must not be null.',
    ]);
  });

  it("may have any name", () => {
    const values = JSON.parse(`{"filter":{"__proto__":${JSON.stringify(many)}}}`) as Record<string, unknown>;
    expect(messages(values)).toEqual([
      'Variable "$filter" got invalid value at "filter"; Field "__proto__" is not defined by type "Filter".',
    ]);
  });
});
