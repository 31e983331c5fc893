import { execFile } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { promisify } from "node:util";
import type { Viewer } from "../../../../kit/viewer";
import { recordingLog } from "../../../test/harness/recording-log";
import { loadPolicy } from "../load-policy";

const REPOSITORY = path.join(__dirname, "../../../..");
const TYPESCRIPT = path.join(REPOSITORY, "gateway/test/harness/ts-worker.cjs");
const VIEWER: Viewer = { kind: "user", subject: "u1", roles: ["STAFF"], scopes: [] };

// Processes and threads that compile TypeScript start slowly on a busy machine.
jest.setTimeout(60_000);

const folder = mkdtempSync(path.join(os.tmpdir(), "tributary-policy-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function write(name: string, text: string): string {
  const file = path.join(folder, name);
  writeFileSync(file, text);
  return file;
}

/** A process of its own: what loads ES modules in production is not there in Jest. */
async function run(argv: readonly string[], env: Readonly<Record<string, string>> = {}) {
  const child = promisify(execFile)(process.execPath, ["--require", TYPESCRIPT, ...argv], {
    cwd: folder,
    env: { PATH: process.env["PATH"], NODE_NO_WARNINGS: "1", ...env },
  });
  const failed = (error: { code: number; stdout: string; stderr: string }) => error;
  const { code = 0, stdout, stderr } = await child.then((output) => ({ code: 0, ...output }), failed);
  return { code, stdout, stderr };
}

describe("a policy module", () => {
  it("decides by name and caller; only true satisfies", () => {
    const { log, lines } = recordingLog();
    const policy = loadPolicy(
      write("decides.cjs", `module.exports = (policy, viewer) => viewer.roles.includes(policy.toUpperCase());`),
      log,
    );
    expect([policy("staff", VIEWER), policy("owner", VIEWER)]).toEqual([true, false]);
    expect(lines).toEqual([]);
  });

  it("that throws for a policy does not satisfy it, and is told of once for each policy", () => {
    const { log, lines } = recordingLog();
    const policy = loadPolicy(
      write(
        "throws.cjs",
        `module.exports = (policy) => { if (policy !== "fine") throw new Error("no " + policy); return true; };`,
      ),
      log,
    );
    expect(["a", "a", "fine", "b", "a"].map((name) => policy(name, VIEWER))).toEqual([
      false,
      false,
      true,
      false,
      false,
    ]);
    expect(lines.map(({ policy: name, msg }) => [name, msg])).toEqual([
      ["a", "a policy is not satisfied: it throws"],
      ["b", "a policy is not satisfied: it throws"],
    ]);
  });

  it.each([
    ["a promise of true", "async () => true"],
    ["a rejected promise", "async () => { throw new Error('late'); }"],
    ["something that is merely truthy", "() => 1"],
    ["nothing", "() => undefined"],
  ])("that answers with %s satisfies nothing, and is told of", async (_, text) => {
    const { log, lines } = recordingLog();
    const policy = loadPolicy(write(`${_.replaceAll(" ", "-")}.cjs`, `module.exports = ${text};`), log);
    expect([policy("p", VIEWER), policy("p", VIEWER)]).toEqual([false, false]);
    await Promise.resolve();
    expect(lines.map(({ msg }) => msg)).toEqual(["a policy is not satisfied: it answers neither true nor false"]);
  });

  it.each([
    ["cjs.cjs", "module.exports = (policy) => policy === 'p';"],
    ["compiled.cjs", "exports.__esModule = true; exports.default = (policy) => policy === 'p';"],
    ["esm.mjs", "export default (policy) => policy === 'p';"],
  ])("%s is found from the working directory", async (name, text) => {
    write(name, text);
    const loader = JSON.stringify(path.join(REPOSITORY, "gateway/access/policy/load-policy.ts"));
    const script = `const policy = require(${loader}).loadPolicy("${name}", console); console.log(policy("p"), policy("q"));`;
    expect(await run(["--eval", script])).toEqual({ code: 0, stdout: "true false\n", stderr: "" });
  });
});

describe("a gateway with a policy module that cannot be used", () => {
  it.each([
    ["missing.js", undefined, "cannot be loaded: Cannot find module"],
    ["broken.js", "module.exports = ;", "cannot be loaded: Unexpected token"],
    ["fails.js", "throw new Error('no database')", "cannot be loaded: no database"],
    ["no-function.js", "module.exports = { policy: true };", "has no function as its default export"],
    ["no-default.mjs", "export const policy = () => true;", "has no function as its default export"],
  ])("does not start, and says why in one line: %s", async (name, text, reason) => {
    if (text !== undefined) write(name, text);
    const main = path.join(REPOSITORY, "gateway/main.ts");
    const { code, stdout, stderr } = await run([main, "--supergraph", "any.graphql"], { POLICY_MODULE: `./${name}` });
    expect([code, stdout]).toEqual([1, ""]);
    expect(stderr).toContain(`The policy module ./${name} ${reason}`);
    expect(stderr.trimEnd().split("\n")).toHaveLength(1);
  });
});
