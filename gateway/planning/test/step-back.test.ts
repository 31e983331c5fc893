import { readdirSync, readFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { SHOP_GRAPH } from "./plan-graphs";
import { DEFAULT_PLAN_LIMITS } from "../plan-limits";
import { startPlannerThread } from "../planner-thread";
import { niceBelow } from "../step-back";

// Threads that compile TypeScript start slowly on a busy machine.
jest.setTimeout(60_000);

/** https://man7.org/linux/man-pages/man5/proc_pid_stat.5.html: the 19th field; the second is in brackets and may hold spaces. */
const niceOf = (task: string): number => {
  const stat = readFileSync(`/proc/self/task/${task}/stat`, "utf8");
  return Number(stat.slice(stat.lastIndexOf(")") + 2).split(" ")[16]);
};

describe("the priority of the planner's thread", () => {
  it.each([
    ["a common process", 0, 5],
    ["a process that goes before others", -15, -10],
    ["a process that steps back itself", 10, 15],
    ["a process that can step back no further", 19, 19],
  ])("is a few steps below that of %s", (_what, own, thread) => {
    expect(niceBelow(own)).toBe(thread);
  });

  const onLinux = process.platform === "linux" ? it : it.skip;
  onLinux("holds for that thread alone", async () => {
    const own = os.getPriority();
    const { planner } = await startPlannerThread({
      sdl: SHOP_GRAPH,
      limits: DEFAULT_PLAN_LIMITS,
      execArgv: ["--require", path.join(__dirname, "../../test/harness/ts-worker.cjs")],
    });
    try {
      expect(readdirSync("/proc/self/task").map(niceOf)).toContain(niceBelow(own));
      expect(niceOf(String(process.pid))).toBe(own);
    } finally {
      await planner.close();
    }
  });
});
