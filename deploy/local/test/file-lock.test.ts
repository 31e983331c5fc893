import { spawn } from "node:child_process";
import { once } from "node:events";
import fs from "node:fs";
import path from "node:path";
import { tryLock } from "../bootstrap/file-lock.cjs";
import { processStart } from "../bootstrap/process-identity.cjs";
import { openDataDirectory } from "../data-directory";
import { useTemporaryFolder } from "./temporary-folder";

const lockModule = path.resolve(__dirname, "../bootstrap/file-lock.cjs");

/** Another process that takes the lock, prints the outcome and stays. */
function startHolder(file: string) {
  const script = `const { tryLock } = require(${JSON.stringify(lockModule)});
    console.log(tryLock(${JSON.stringify(file)}).heldBy ?? "mine"); process.stdin.resume();`;
  const child = spawn(process.execPath, ["-e", script], { stdio: ["pipe", "pipe", "inherit"] });
  const outcome = once(child.stdout, "data").then(([text]) => String(text).trim());
  const kill = async () => {
    child.kill("SIGKILL");
    await once(child, "exit");
  };
  return { pid: child.pid!, outcome, kill };
}

describe("tryLock", () => {
  const folder = useTemporaryFolder();
  const file = () => path.join(folder(), "the.lock");

  it("is taken by one and names it to the next", async () => {
    const holder = startHolder(file());
    expect(await holder.outcome).toBe("mine");
    expect(tryLock(file())).toEqual({ heldBy: holder.pid });
    await holder.kill();
  });

  it("is free again when released", () => {
    const lock = tryLock(file());
    if (lock.heldBy !== undefined) throw new Error("held");
    lock.release();
    expect(fs.readdirSync(folder())).toEqual([]);
    expect(tryLock(file())).toHaveProperty("release");
  });

  it("is free when its holder was killed", async () => {
    const holder = startHolder(file());
    await holder.outcome;
    await holder.kill();
    expect(tryLock(file())).toHaveProperty("release");
  });

  it("is free when the pid of its holder was given to another process", () => {
    fs.writeFileSync(file(), JSON.stringify({ pid: process.ppid, start: "long before that one began" }));
    expect(tryLock(file())).toHaveProperty("release");
  });

  it("is free when the file is damaged", () => {
    fs.writeFileSync(file(), "{");
    expect(tryLock(file())).toHaveProperty("release");
  });

  it("is taken over by exactly one of many that find it stale", async () => {
    fs.writeFileSync(file(), JSON.stringify({ pid: 2 ** 22 + 1, start: "gone" }));
    const takers = Array.from({ length: 5 }, () => startHolder(file()));
    const outcomes = await Promise.all(takers.map((taker) => taker.outcome));
    expect(outcomes.filter((outcome) => outcome === "mine")).toHaveLength(1);
    await Promise.all(takers.map((taker) => taker.kill()));
  });

  it("is not released by one whose lock was taken over", () => {
    const lock = tryLock(file());
    if (lock.heldBy !== undefined) throw new Error("held");
    const other = JSON.stringify({ pid: process.ppid, start: processStart(process.ppid) });
    fs.writeFileSync(file(), other);
    lock.release();
    expect(fs.readFileSync(file(), "utf8")).toBe(other);
  });
});

describe("openDataDirectory", () => {
  const folder = useTemporaryFolder();

  it("refuses a second start in one sentence that names the process and the setting", () => {
    const data = openDataDirectory(path.join(folder(), "data"));
    expect(() => openDataDirectory(path.join(folder(), "data"))).toThrow(
      new RegExp(`^Tributary is already running on .*data \\(process ${process.pid}\\); .*TRIBUTARY_DATA_DIR`),
    );
    data.close();
    openDataDirectory(path.join(folder(), "data")).close();
  });

  it("is closed to other users", () => {
    openDataDirectory(path.join(folder(), "data")).close();
    expect(fs.statSync(path.join(folder(), "data")).mode & 0o077).toBe(0);
  });

  it("names the setting when the folder cannot be written", () => {
    fs.writeFileSync(path.join(folder(), "file"), "");
    expect(() => openDataDirectory(path.join(folder(), "file/data"))).toThrow(
      "set TRIBUTARY_DATA_DIR to a folder that can",
    );
  });
});
