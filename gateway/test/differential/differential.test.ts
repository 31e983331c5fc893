import { ANSWERERS } from "./answerers";
import { generateFarKeys } from "./generate-far-keys";
import { generateSubgraphs } from "./generate-subgraphs";
import { printSummary, runDifferential } from "./run-differential";

/** One seed, so that a change is judged by its own doing; `npm run test:differential` goes where nobody has been. */
const SEED = 7;
const MIN_GRAPHS = 5;
const MAX_GRAPHS = 80;

test.each([
  ["generated graphs", generateSubgraphs, 22],
  ["generated graphs whose entities have few keys in common", generateFarKeys, 8],
])(
  "generated operations on %s are answered as one schema with the same data answers them",
  async (_, generate, seconds) => {
    const seed = Number(process.env["DIFFERENTIAL_SEED"] ?? SEED);
    const before = process.cpuUsage();
    const summary = await runDifferential({
      seed,
      generate,
      answerers: ANSWERERS,
      operationsPerGraph: 60,
      referenceEvery: 3,
      goOn: (graphs) => {
        const { user, system } = process.cpuUsage(before);
        return graphs < MIN_GRAPHS || (graphs < MAX_GRAPHS && user + system < seconds * 1e6);
      },
      maxFailures: 1,
      shrinkMs: 30_000,
    });
    process.stdout.write(`${printSummary(summary)}\n`);
    expect(summary.failures.map(({ text }) => text).join("\n\n")).toBe("");
    expect(summary.operations).toBeGreaterThan(100);
    expect(summary.discards).toBeLessThan(Math.max(5, summary.graphs));
  },
  180_000,
);

test("the same seed makes the same cases", async () => {
  const texts: string[] = [];
  const recording = {
    name: "recording",
    create: () =>
      Promise.resolve({
        name: "recording",
        answer: (operation: unknown) => {
          texts.push(JSON.stringify(operation));
          return Promise.resolve({ data: null });
        },
        close: () => Promise.resolve(),
      }),
    isReference: true,
  };
  const run = () =>
    runDifferential({
      seed: 5,
      generate: generateSubgraphs,
      answerers: [recording],
      operationsPerGraph: 5,
      referenceEvery: 3,
      goOn: (graphs) => graphs < 3,
      maxFailures: 0,
      shrinkMs: 0,
    });
  await run();
  const first = texts.splice(0);
  await run();
  expect(first.length).toBeGreaterThan(0);
  expect(texts).toEqual(first);
});
