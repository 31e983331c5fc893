#!/usr/bin/env node
/**
 * `node .ci/run-tests.cjs <npm script>`: runs that test script once; suites that fail are run once more, alone.
 *
 * A suite that passes alone failed because of what ran beside it or because of the machine. That is a bug of the suite
 * and is printed as one, but it does not hold back a change. More than three such suites do: then it is the change.
 */
const { spawnSync } = require("node:child_process");
const { mkdtempSync, readFileSync, rmSync } = require("node:fs");
const os = require("node:os");
const path = require("node:path");

const mostFlaky = 3;
const slowestShown = 15;
const script = process.argv[2];
const root = path.resolve(__dirname, "..");
const folder = mkdtempSync(path.join(os.tmpdir(), "tributary-ci-"));

/** @returns {string[] | undefined} the suites that failed; undefined when the run left no result behind. */
function run(name, args) {
  const resultFile = path.join(folder, `${name}.json`);
  const jestArgs = [...args, "--json", `--outputFile=${resultFile}`];
  const { status } = spawnSync("npm", ["run", script, "--", ...jestArgs], {
    cwd: root,
    // With --json Jest prints its result to standard output too: it is in the file, the log does not need it.
    stdio: ["inherit", "ignore", "inherit"],
  });
  let result;
  try {
    result = JSON.parse(readFileSync(resultFile, "utf8"));
  } catch {
    return undefined;
  }
  // A suite with skipped tests is "focused" to Jest, not "passed".
  const failed = result.testResults.filter((suite) => suite.status === "failed").map((suite) => suite.name);
  if (status !== 0 && failed.length === 0) return undefined;
  const { numPassedTests, numTotalTests, numPassedTestSuites, numTotalTestSuites } = result;
  console.log(
    `${script}: ${numPassedTests} of ${numTotalTests} tests in ${numPassedTestSuites} of ${numTotalTestSuites} suites`,
  );
  console.log(slowest(result.testResults));
  return failed;
}

/** Suites by duration, a line each: where the time goes. */
function slowest(suites) {
  return suites
    .map(({ name, startTime, endTime }) => ({ name, seconds: (endTime - startTime) / 1_000 }))
    .sort((a, b) => b.seconds - a.seconds)
    .slice(0, slowestShown)
    .map(({ name, seconds }) => `${seconds.toFixed(1).padStart(7)} s  ${path.relative(root, name)}`)
    .join("\n");
}

const short = (files) => files.map((file) => path.relative(root, file)).join(", ");

function verdict() {
  const failed = run("first", []);
  if (!failed) return `${script} did not come to an end`;
  if (failed.length === 0) return undefined;
  console.log(`failed: ${short(failed)}`);
  if (failed.length > mostFlaky) return `${failed.length} suites of ${script} failed`;
  const again = run("again", ["--runInBand", "--runTestsByPath", ...failed]);
  if (!again || again.length > 0) return `failed twice: ${short(again ?? failed)}`;
  console.log(`FLAKY, to be mended: ${short(failed)} failed among the others and passed alone`);
  return undefined;
}

const problem = verdict();
rmSync(folder, { recursive: true, force: true });
if (problem) console.error(problem);
process.exitCode = problem ? 1 : 0;
