import { ANSWERERS } from "./answerers";
import { allowancesOf, type DifferentialCase, judge } from "./differential-case";
import { FEDERATION } from "./draft-subgraph";
import { exceptionFor, KNOWN_EXCEPTIONS } from "./exceptions";

/** Every exception of ours with the smallest graph that needs it: where one is answered rightly, its exception can go. */

const [ours] = ANSWERERS;

/** @returns each disagreement with the name of the exception that lets it pass */
async function disagreementsOn(subject: DifferentialCase) {
  const verdict = await judge(subject, ours!);
  if (!verdict) throw new Error("the case does not compose, or its operation is not valid");
  const { graph, outcome } = verdict;
  const context = { graph, operation: subject.operation, outcome, misses: allowancesOf(subject).misses === true };
  return verdict.disagreements.map((found) => {
    const { kind, path } = found;
    return { kind, path: path.join("."), excuse: exceptionFor("ours", found, context)?.name };
  });
}

describe("fetch-shares-a-selection", () => {
  const media = (document: string): DifferentialCase => ({
    subgraphs: [
      {
        name: "alpha",
        sdl: `${FEDERATION}
          type Query { media: [Media] }
          union Media = A | B
          type A { ref: Book }
          type B { ref: Book }
          type Book @key(fields: "id") { id: ID! }`,
      },
      { name: "beta", sdl: `${FEDERATION} type Book @key(fields: "id") { id: ID! x: Int y: Int! }` },
    ],
    data: { seed: 6, nullPercent: 0, errorPercent: 20 },
    operation: { document, variables: {} },
  });

  it("lets pass the null of an object that was asked for what only objects of another type were to be asked for", async () => {
    const found = await disagreementsOn(media("{ media { ... on A { ref { x } } ... on B { ref { y } } } }"));
    expect(found).toEqual([{ kind: "data", path: "media.0.ref.x", excuse: "fetch-shares-a-selection" }]);
  });

  it("is not needed where the same fields are asked of all of them", async () => {
    expect(await disagreementsOn(media("{ media { ... on A { ref { x y } } ... on B { ref { x y } } } }"))).toEqual([]);
  });
});

describe("computed-from-a-miss", () => {
  const shop = (requires: string, missPercent: number): DifferentialCase => ({
    subgraphs: [
      {
        name: "alpha",
        sdl: `${FEDERATION}
          type Query { user: User }
          type User @key(fields: "id") { id: ID! book: Book name: String }
          type Book @key(fields: "id") { id: ID! }`,
      },
      { name: "beta", sdl: `${FEDERATION} type Book @key(fields: "id") { id: ID! title: String }` },
      {
        name: "gamma",
        sdl: `${FEDERATION}
          type User @key(fields: "id") { id: ID! book: Book @external name: String @external computed: Int ${requires} }
          type Book @key(fields: "id") { id: ID! title: String @external }`,
      },
    ],
    data: { seed: 15, nullPercent: 0, errorPercent: 0, missPercent },
    operation: { document: "{ user { computed } }", variables: {} },
  });

  it("lets pass what a subgraph computes from an object that another subgraph does not find", async () => {
    const found = await disagreementsOn(shop('@requires(fields: "book { title } name")', 30));
    expect(found).toEqual([{ kind: "data", path: "user.computed", excuse: "computed-from-a-miss" }]);
  });

  it("is not needed where it is found", async () => {
    expect(await disagreementsOn(shop('@requires(fields: "book { title } name")', 0))).toEqual([]);
  });
});

it("there is no other exception of ours", () => {
  expect(KNOWN_EXCEPTIONS.filter(({ answerer }) => answerer === "ours").map(({ name }) => name)).toEqual([
    "fetch-shares-a-selection",
    "computed-from-a-miss",
  ]);
});
