import { execFile } from "node:child_process";
import path from "node:path";
import { promisify } from "node:util";
import { compose } from "../../test/harness/compose";
import { DEFAULT_PLAN_LIMITS } from "../plan-limits";

const TS_WORKER = path.join(__dirname, "../../test/harness/ts-worker.cjs");

/** Starts the planner's thread, then keeps enough new objects alive for the young generation to grow as far as it may; prints its size. */
const CHILD = `
  const { getHeapSpaceStatistics } = require("node:v8");
  const { startPlannerThread } = require(${JSON.stringify(path.join(__dirname, "../planner-thread.ts"))});
  const limits = ${JSON.stringify(DEFAULT_PLAN_LIMITS)};
  void startPlannerThread({ sdl: process.env.SDL, limits, execArgv: ["--require", ${JSON.stringify(TS_WORKER)}] }).then(
    async ({ planner }) => {
      let largest = 0;
      for (let round = 0; round < 20; round++) {
        const alive = Array.from({ length: 200_000 }, (_, i) => ({ i, list: [i, round] }));
        const { space_size } = getHeapSpaceStatistics().find(({ space_name }) => space_name === "new_space");
        largest = Math.max(largest, alive.length > 0 ? space_size : 0);
      }
      await planner.close();
      console.log(largest / 1_048_576);
    },
  );`;

// Processes and threads that compile TypeScript start slowly on a busy machine.
jest.setTimeout(60_000);

async function youngGenerationMb(flags: readonly string[]): Promise<number> {
  const sdl = compose([{ name: "a", url: "http://a.example", sdl: "type Query { a: Int }" }]);
  const argv = [...flags, "--require", TS_WORKER, "--eval", CHILD];
  const env = { PATH: process.env["PATH"], SDL: sdl };
  return Number((await promisify(execFile)(process.execPath, argv, { env })).stdout);
}

test("the main thread keeps the young generation of the command line, although the planner's thread has a small one", async () => {
  const [standard, chosen] = await Promise.all([
    youngGenerationMb([]),
    youngGenerationMb(["--max-semi-space-size=64"]),
  ]);
  expect(standard).toBeLessThanOrEqual(48);
  expect(chosen).toBeGreaterThanOrEqual(96);
});
