#!/usr/bin/env node
/**
 * `npm run check`: every script of package.json whose name begins with "check:", two at a time, because one processor
 * is enough for none of them. What each printed comes in one piece, and all of them run whatever the others say.
 */
const { spawn } = require("node:child_process");
const path = require("node:path");
const { scripts } = require("../package.json");

const atOnce = 2;
const root = path.resolve(__dirname, "..");
const waiting = Object.keys(scripts).filter((name) => name.startsWith("check:"));
const failed = [];

function run(name) {
  const startedAt = Date.now();
  const child = spawn("npm", ["run", "--silent", name], { cwd: root, shell: process.platform === "win32" });
  let output = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding("utf8").on("data", (text) => (output += text));
  }
  return new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (code) => {
      const seconds = ((Date.now() - startedAt) / 1_000).toFixed(1);
      console.log(`${output}${name}: ${code === 0 ? "passed" : "FAILED"} after ${seconds} s`);
      if (code !== 0) failed.push(name);
      resolve();
    });
  });
}

async function runNext() {
  for (let name = waiting.shift(); name !== undefined; name = waiting.shift()) await run(name);
}

Promise.all(Array.from({ length: atOnce }, runNext)).then(() => {
  if (failed.length > 0) console.error(`failed: ${failed.join(", ")}`);
  process.exitCode = failed.length > 0 ? 1 : 0;
});
