import { ANSWERERS } from "./answerers";
import { type DifferentialCase, judge } from "./differential-case";
import { FEDERATION } from "./draft-subgraph";
import { exceptionFor, KNOWN_EXCEPTIONS } from "./exceptions";

/** Every exception of ours with the smallest graph that needs it: where one is answered rightly, its exception can go. */

const [ours, stock] = ANSWERERS;

/** @returns each disagreement with the name of the exception that lets it pass */
async function disagreementsOn(subject: DifferentialCase, answerer = ours!) {
  const verdict = await judge(subject, answerer);
  if (!verdict) throw new Error("the case does not compose, or its operation is not valid");
  const context = { operation: subject.operation, outcome: verdict.outcome };
  return verdict.disagreements.map((found) => {
    const { kind, path } = found;
    return { kind, path: path.join("."), excuse: exceptionFor(answerer.name, found, context)?.name };
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

describe("stock-cannot-plan", () => {
  const media = (depth: number): DifferentialCase => ({
    subgraphs: [
      {
        name: "alpha",
        sdl: `${FEDERATION}
          interface Media @key(fields: "id") { id: ID! title: String }
          type Song implements Media @key(fields: "id") { id: ID! title: String }
          type Film implements Media @key(fields: "id") { id: ID! title: String }`,
      },
      {
        name: "beta",
        sdl: `${FEDERATION} type Query { top: Media } type Media @key(fields: "id") @interfaceObject { id: ID! plays: Int }`,
      },
      {
        name: "gamma",
        sdl: `${FEDERATION} type Media @key(fields: "id") @interfaceObject { id: ID! next: Media }`,
      },
    ],
    data: { seed: 1, nullPercent: 0, errorPercent: 0 },
    operation: { document: `{ top { ${"next { ".repeat(depth)}plays${" }".repeat(depth)} } }`, variables: {} },
  });

  it("lets pass that stock gives up where its ways are squared with every level, and ours does not", async () => {
    const found = await disagreementsOn(media(6), stock);
    expect(found).toEqual([{ kind: "thrown", path: "", excuse: "stock-cannot-plan" }]);
    expect(await disagreementsOn(media(6))).toEqual([]);
  });

  it("is not needed where there are few", async () => {
    expect(await disagreementsOn(media(1), stock)).toEqual([]);
  });
});

it("there is no other exception of ours", () => {
  expect(KNOWN_EXCEPTIONS.filter(({ answerer }) => answerer === "ours").map(({ name }) => name)).toEqual([
    "fetch-shares-a-selection",
  ]);
});
