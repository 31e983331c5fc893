import { buildSchema, parse, validate } from "graphql";
import { createDraw } from "./draw";
import { rivalSome } from "./rival-some";

const schema = buildSchema(`
  type Query { media: Media }
  interface Media { id: ID }
  type Film implements Media { id: ID maker(of: Int): Person }
  type Song implements Media { id: ID singer: Person }
  type Person { name: String nick: String }
`);

test("two types are asked for different fields under one key, and so on below", () => {
  const operation = { document: "{ media { id } }", variables: {} };
  const documents = Array.from({ length: 40 }, (_, seed) => rivalSome(createDraw(seed), schema, operation).document);
  expect(documents.flatMap((document) => validate(schema, parse(document)))).toEqual([]);
  const compact = documents.join("\n").replace(/\s+/g, " ");
  expect(compact).toMatch(/on Film { (\w+): maker(\(of: -?\d\))? { .* } } \.\.\. on Song { \1: singer {/);
  expect(compact).toMatch(/{ (\w+): name } } \.\.\. on \w+ { \w+: \w+ { \1: nick }/);
});
