import { createHash } from "node:crypto";
import { generateManifest, ManifestError } from "../generate-manifest";

const SDL = `
  enum Shelf { TOP }
  input Range { from: Int }
  type Query { book(id: ID!): String books(ids: [ID!], range: Range, shelf: Shelf): String }
  type Mutation { lend(id: ID!): String }
  type Subscription { lent: String }
`;
const file = (text: string, name = "one", partner = "acme") => ({ path: `partners/${partner}/${name}.graphql`, text });
const book = (name: string, path: string) => `query ${name}($id: ID!) @rest(path: "${path}") { book(id: $id) }`;
interface Made {
  operations: { id: string; body: string; rest?: { method: string; path: string } }[];
}
const make = (...files: ReturnType<typeof file>[]) => JSON.parse(generateManifest(SDL, files).text) as Made;
const reasonsOf = (...files: ReturnType<typeof file>[]): string => {
  try {
    make(...files);
  } catch (error) {
    if (error instanceof ManifestError) return error.reasons.join("\n");
    throw error;
  }
  throw new Error("it was registered");
};

test("the path goes into the manifest and out of the text, so that the id is the same with and without it", () => {
  const [bound] = make(file(book("Book", "/books/{id}"))).operations;
  const [free] = make(file("query Book($id: ID!) { book(id: $id) }")).operations;
  expect(bound?.rest).toEqual({ method: "GET", path: "/books/{id}" });
  expect(bound?.body).toBe(free?.body);
  expect(bound?.id).toBe(createHash("sha256").update(bound!.body).digest("hex"));
  expect(free).not.toHaveProperty("rest");
  const lend = 'mutation Lend($id: ID!) @rest(path: "/books/{id}/lend") { lend(id: $id) }';
  expect(make(file(lend)).operations[0]?.rest).toEqual({ method: "POST", path: "/books/{id}/lend" });
});

test("paths that can be told apart may live together, and partners know nothing of each other", () => {
  const lend = 'mutation Lend($id: ID!) @rest(path: "/books/{id}") { lend(id: $id) }';
  const latest = 'query Latest @rest(path: "/books/latest") { book(id: 1) }';
  expect(
    make(file(book("A", "/books/{id}")), file(latest), file(lend), file(book("A", "/books/{id}"), "one", "other"))
      .operations,
  ).toHaveLength(4);
});

test.each([
  ["a path twice", [book("A", "/books/{id}"), book("B", "/books/{id}")], "are the same"],
  [
    "two names for one variable",
    [book("A", "/b/{id}"), 'query B($k: ID!) @rest(path: "/b/{k}") { book(id: $k) }'],
    "are the same",
  ],
  [
    "two names in one path item",
    [book("A", "/b/{id}"), 'mutation B($k: ID!) @rest(path: "/b/{k}") { lend(id: $k) }'],
    "name their variables differently",
  ],
  [
    "two paths of which neither is more exact",
    [book("A", "/b/{id}/c"), 'query B($k: ID!) @rest(path: "/b/x/{k}") { book(id: $k) }'],
    "fit both paths",
  ],
  ["a variable that is not there", [book("A", "/books/{isbn}")], "there is no variable $isbn"],
  ["a prototype's name", [book("A", "/books/{constructor}")], "there is no variable $constructor"],
  ["a list in a path", ['query A($ids: [ID!]) @rest(path: "/b/{ids}") { books(ids: $ids) }'], "is a list"],
  [
    "an input object in a path",
    ['query A($r: Range) @rest(path: "/b/{r}") { books(range: $r) }'],
    "neither a scalar nor an enum",
  ],
  ["a variable twice", [book("A", "/b/{id}/{id}")], "has {id} twice"],
  ["a reserved path", [book("A", "/graphql/{id}")], "reserved"],
  ["a reserved path in capitals", [book("A", "/Docs/{id}")], "reserved"],
  ["no slash", [book("A", "books/{id}")], "does not begin"],
  ["a path that begins with a variable", [book("A", "/{id}")], "must begin with plain text"],
  ["an empty part", [book("A", "/books//{id}")], "neither plain text nor one {variable}"],
  ["a slash at the end", [book("A", "/books/{id}/")], "neither plain text nor one {variable}"],
  ["dots that go up", [book("A", "/books/../{id}")], "neither plain text nor one {variable}"],
  ["an encoded part", [book("A", "/b%2f/{id}")], "neither plain text nor one {variable}"],
  ["half a variable", [book("A", "/books/{id}.json")], "neither plain text nor one {variable}"],
  ["a long path", [book("A", `/${"b".repeat(300)}/{id}`)], "200 characters"],
  ["a subscription", ['subscription A @rest(path: "/lent") { lent }'], "a subscription has no path"],
  ["no path at all", ["query A @rest { book(id: 1) }"], "one argument"],
  ["a path that is no text", ["query A @rest(path: 1) { book(id: 1) }"], "one argument"],
  ["another argument", ['query A @rest(path: "/a", method: "PUT") { book(id: 1) }'], "one argument"],
  ["two directives", ['query A @rest(path: "/a") @rest(path: "/b") { book(id: 1) }'], "once"],
  ["a directive on a field", ['query A { book(id: 1) @rest(path: "/a") }'], "belongs on an operation"],
])("refuses %s", (_what, texts, reason) => {
  expect(reasonsOf(...texts.map((text, index) => file(text, `file-${index}`)))).toContain(reason);
});
