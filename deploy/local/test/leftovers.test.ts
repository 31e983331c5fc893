import { spawn } from "node:child_process";
import { once } from "node:events";
import fs from "node:fs";
import path from "node:path";
import { processStart } from "../bootstrap/process-identity.cjs";
import { endLeftovers, recordProcess } from "../leftovers";
import { useTemporaryFolder } from "./temporary-folder";

/** A process that says when it is there; `deaf` ones ignore a polite request to end. */
async function startProcess(deaf = false) {
  const script = `${deaf ? 'process.on("SIGINT", () => {});' : ""} console.log("up"); setInterval(() => {}, 1e6)`;
  const child = spawn(process.execPath, ["-e", script], { stdio: ["ignore", "pipe", "inherit"] });
  const ended = once(child, "exit").then(([, signal]) => signal as string);
  await once(child.stdout, "data");
  return { pid: child.pid!, ended, kill: () => child.kill("SIGKILL") };
}

describe("endLeftovers", () => {
  const folder = useTemporaryFolder();

  it("ends processes that were recorded and never forgotten", async () => {
    const process = await startProcess();
    recordProcess(folder(), "orders", process.pid);
    expect(await endLeftovers(folder())).toEqual(["orders"]);
    expect(await process.ended).toBe("SIGINT");
    expect(fs.readdirSync(folder())).toEqual([]);
  });

  it("kills one that will not listen", async () => {
    const process = await startProcess(true);
    recordProcess(folder(), "orders", process.pid);
    await endLeftovers(folder(), 200);
    expect(await process.ended).toBe("SIGKILL");
  });

  it("leaves a process alone that was forgotten when it ended", async () => {
    const other = await startProcess();
    recordProcess(folder(), "orders", other.pid)();
    expect(await endLeftovers(folder())).toEqual([]);
    expect(processStart(other.pid)).toBeDefined();
    other.kill();
    await other.ended;
  });

  it("leaves a stranger alone that was given the pid of ours", async () => {
    const stranger = await startProcess();
    fs.writeFileSync(path.join(folder(), "orders.json"), JSON.stringify({ pid: stranger.pid, start: "earlier" }));
    expect(await endLeftovers(folder())).toEqual([]);
    expect(processStart(stranger.pid)).toBeDefined();
    stranger.kill();
    await stranger.ended;
  });

  it("survives a damaged record", async () => {
    fs.writeFileSync(path.join(folder(), "orders.json"), '{"pid":');
    fs.writeFileSync(path.join(folder(), "users.json"), '{"pid": -1, "start": "x"}');
    expect(await endLeftovers(folder())).toEqual([]);
    expect(fs.readdirSync(folder())).toEqual([]);
  });
});
