import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { ExamplesError, readExamples } from "../read-examples";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), "examples-"));
});
afterEach(() => rmSync(folder, { recursive: true }));
const write = (file: string, text: string) => writeFileSync(path.join(folder, file), text);

test("offers every operation of the folder by its name in words, with its variables to fill in", () => {
  write("2-b.graphql", "subscription WatchAnOrder($orderId: ID!) { a(id: $orderId) }");
  write("1-a.graphql", "{ unnamed: a }".replace("{", "query LookAround {"));
  write("notes.md", "not an operation");
  expect(readExamples(folder)).toEqual([
    { name: "Look around", query: "query LookAround { unnamed: a }" },
    {
      name: "Watch an order",
      query: "subscription WatchAnOrder($orderId: ID!) { a(id: $orderId) }",
      variables: { orderId: "" },
    },
  ]);
});

test.each([
  ["no GraphQL", "query {"],
  ["no name", "{ a }"],
  ["two operations", "query A { a } query B { b }"],
])("a file with %s is named", (_what, text) => {
  write("broken.graphql", text);
  expect(() => readExamples(folder)).toThrow(
    new ExamplesError("broken.graphql must hold exactly one GraphQL operation, with a name."),
  );
});

test("a folder that is not there is named", () => {
  expect(() => readExamples(path.join(folder, "none"))).toThrow(/cannot be read from .*none/);
});

test("the shop's own examples can be offered", () => {
  expect(readExamples(path.join(__dirname, "../../../../schema/operations/explorer")).length).toBeGreaterThan(3);
});
