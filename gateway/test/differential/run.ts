import { randomInt } from "node:crypto";
import { parseArgs } from "node:util";
import { ANSWERERS } from "./answerers";
import { generateFarKeys } from "./generate-far-keys";
import { generateSubgraphs } from "./generate-subgraphs";
import { printSummary, runDifferential } from "./run-differential";

const GENERATORS = new Map([
  ["any", generateSubgraphs],
  ["far-keys", generateFarKeys],
]);

/**
 * The long run: `npm run test:differential -- --minutes 30 [--seed N] [--path GRAPH:OPERATION] [--graphs any|far-keys] [--answerer NAME] [--failures N]`.
 * It ends with 1 when there is a disagreement that is no known exception.
 */
async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      minutes: { type: "string", default: "5" },
      seed: { type: "string" },
      path: { type: "string" },
      graphs: { type: "string", default: "any" },
      answerer: { type: "string" },
      failures: { type: "string", default: "5" },
    },
  });
  const seed = values.seed === undefined ? randomInt(2 ** 31) : Number(values.seed);
  const answerers = ANSWERERS.filter(({ name }) => values.answerer === undefined || name === values.answerer);
  const generate = GENERATORS.get(values.graphs);
  if (!generate) throw new Error(`Graphs are ${[...GENERATORS.keys()].join(" or ")}.`);
  if (!Number.isInteger(seed) || answerers.length === 0 || !(Number(values.minutes) > 0)) {
    throw new Error(`Seed and minutes are numbers; answerers are ${ANSWERERS.map(({ name }) => name).join(", ")}.`);
  }
  console.log(`differential: seed ${seed}, graphs ${values.graphs}`);
  const start = Date.now();
  const until = start + Number(values.minutes) * 60_000;
  const summary = await runDifferential({
    seed,
    ...(values.path === undefined ? {} : { path: values.path }),
    generate,
    answerers,
    operationsPerGraph: 60,
    referenceEvery: 2,
    goOn: () => Date.now() < until,
    maxFailures: Number(values.failures),
    shrinkMs: 60_000,
    onFailure: ({ text }) => console.log(`\n${text}\n`),
  });
  const minutes = (Date.now() - start) / 60_000;
  console.log(printSummary(summary));
  console.log(`  ${Math.round(summary.operations / minutes)} operations a minute`);
  process.exitCode = summary.failures.length > 0 ? 1 : 0;
}

void main().catch((error: Error) => {
  console.error(error.message);
  process.exitCode = 1;
});
