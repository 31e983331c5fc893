import { execFile } from "node:child_process";
import fs from "node:fs";
import path from "node:path";
import { promisify } from "node:util";

const minMajor = 6;
const patienceMs = 5_000;

/**
 * The first `mongod` on the PATH, provided that it runs on this machine and is recent enough; otherwise undefined and,
 * when there is one that cannot be used, a sentence about it.
 */
export async function findMongod(pathVariable: string): Promise<{ file?: string; problem?: string }> {
  const name = process.platform === "win32" ? "mongod.exe" : "mongod";
  const file = pathVariable
    .split(path.delimiter)
    .filter((folder) => folder !== "")
    .map((folder) => path.join(folder, name))
    .find(isExecutable);
  if (!file) return {};
  try {
    const { stdout } = await promisify(execFile)(file, ["--version"], { timeout: patienceMs });
    const version = /db version v(\d+)\.[\d.]+/.exec(stdout);
    if (Number(version?.[1]) >= minMajor) return { file };
    return { problem: `${file} is older than MongoDB ${minMajor}` };
  } catch (error) {
    return { problem: `${file} does not run (${(error as Error).message.split("\n")[0]})` };
  }
}

function isExecutable(file: string): boolean {
  try {
    fs.accessSync(file, fs.constants.X_OK);
    return fs.statSync(file).isFile();
  } catch {
    return false;
  }
}
