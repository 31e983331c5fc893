import { ANSWERERS } from "./answerers";
import { type DifferentialCase, judge } from "./differential-case";
import { FEDERATION } from "./draft-subgraph";
import { exceptionFor, KNOWN_EXCEPTIONS } from "./exceptions";

/** The smallest graph that needs an exception: where it is answered rightly, the exception can go. An exception of ours would stand here as well. */

const [ours, stock] = ANSWERERS;

/** @returns each disagreement with the name of the exception that lets it pass */
async function disagreementsOn(subject: DifferentialCase, answerer = ours!) {
  const verdict = await judge(subject, answerer);
  if (!verdict) throw new Error("the case does not compose, or its operation is not valid");
  return verdict.disagreements.map((found) => {
    const { kind, path } = found;
    return { kind, path: path.join("."), excuse: exceptionFor(answerer.name, found, subject.operation)?.name };
  });
}

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

it("there is no exception of ours", () => {
  expect(KNOWN_EXCEPTIONS.filter(({ answerer }) => answerer === "ours")).toEqual([]);
});
