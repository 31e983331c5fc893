import { execFile } from "node:child_process";
import path from "node:path";
import { promisify } from "node:util";

const root = path.resolve(__dirname, "../..");

/**
 * `npm run partners -- … --json` beside a platform that runs, without npm.
 * @returns what it printed
 * @throws with what it said instead
 */
export function commandLine(dataDirectory: string): (line: string) => Promise<Readonly<Record<string, unknown>>> {
  const { PATH, HOME } = process.env;
  const env = { PATH, HOME, TRIBUTARY_DATA_DIR: dataDirectory };
  return async (line) => {
    const argv = ["deploy/local/bootstrap.mjs", "partners", ...line.split(" "), "--json"];
    const { stdout } = await promisify(execFile)(process.execPath, argv, { cwd: root, env });
    // A bootstrap that had something to wait for says so first.
    return JSON.parse(stdout.slice(stdout.indexOf("{"))) as Readonly<Record<string, unknown>>;
  };
}
