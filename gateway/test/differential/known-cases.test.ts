import { parse, validate } from "graphql";
import type { Answerer, Operation } from "./answerer";
import { ANSWERERS } from "./answerers";
import { type AnswererFactory, createBench, outcomeOf } from "./differential-case";
import { FEDERATION } from "./draft-subgraph";
import { KNOWN_CASES, type KnownCase } from "./known-cases";
import { createTableData } from "./table-data";

const [ours, stock] = ANSWERERS as readonly [AnswererFactory, AnswererFactory];

async function answers(subject: KnownCase, factory: AnswererFactory | undefined) {
  const subgraphs = Object.entries(subject.subgraphs).map(([name, sdl]) => ({ name, sdl: FEDERATION + sdl }));
  const data = createTableData(subject.table, subject.unknownTo);
  const bench = await createBench(subgraphs, () => data, factory ? [factory] : []);
  try {
    const operation: Operation = { document: subject.document, variables: subject.variables ?? {} };
    expect(validate(bench.graph.supergraph.apiSchema, parse(subject.document))).toEqual([]);
    const answerer: Answerer = bench.answerers[0] ?? bench.truth;
    const outcome = await outcomeOf(answerer, operation);
    if ("thrown" in outcome) return outcome;
    const errors = (outcome.errors ?? []).map(({ path }) => path?.join(".") ?? "nowhere").sort();
    // As text, so that the order of keys counts.
    return { data: JSON.stringify(outcome.data), errors };
  } finally {
    await bench.close();
  }
}

const expected = (subject: KnownCase) => ({ data: JSON.stringify(subject.expected), errors: subject.errors ?? [] });

describe("the engine", () => {
  test.each(KNOWN_CASES)("$name", async (subject) => {
    expect(await answers(subject, ours)).toEqual(expected(subject));
  });
});

describe("one schema over the same data", () => {
  test.each(KNOWN_CASES.filter(({ monolithDiffers }) => monolithDiffers === undefined))("$name", async (subject) => {
    expect(await answers(subject, undefined)).toEqual(expected(subject));
  });
});

describe("the stock executor", () => {
  test.each(KNOWN_CASES.filter(({ stockDiffers }) => stockDiffers === undefined))("$name", async (subject) => {
    expect(await answers(subject, stock)).toEqual(expected(subject));
  });

  test.each(KNOWN_CASES.filter(({ stockDiffers }) => stockDiffers !== undefined))(
    "still differs ($stockDiffers): $name",
    async (subject) => {
      const given = await answers(subject, stock).catch((error: Error) => ({ thrown: error.message }));
      expect(given).not.toEqual(expected(subject));
    },
  );
});
