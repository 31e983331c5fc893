/**
 * The first thing that runs in a fresh clone: `node deploy/local/bootstrap.mjs <verb> [arguments]`.
 *
 * It uses nothing but Node, because nothing else is there yet. Every verb first makes the clone ready (locked
 * dependencies, dist/, explorer page), which costs a few dozen milliseconds when it already is. The imports below the
 * version check are dynamic so that an old Node gets our sentence instead of a syntax error.
 */
import { createRequire } from "node:module";
import path from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), "../..");
const require = createRequire(import.meta.url);
const [verb, ...rest] = process.argv.slice(2);
const args = rest[0] === "--" ? rest.slice(1) : rest;

const [major, minor] = process.versions.node.split(".").map(Number);
if (major < 20 || (major === 20 && minor < 19)) {
  console.error(`Tributary needs Node 20.19 or newer; this is ${process.version}. Install a newer Node and try again.`);
  process.exit(1);
}

const verbs = {
  start: () => import(pathToFileURL(path.join(root, "dist/deploy/local/main.js")).href),
  build: () => {},
  test: () => jest(args, {}),
  "test:services": async () => {
    const { servicesArguments, servicesEnvironment, unreachable } = require("./bootstrap/services.cjs");
    const environment = servicesEnvironment(process.env);
    const problems = await unreachable(environment);
    if (problems.length > 0) fail(problems.join("\n"));
    return jest(servicesArguments(root, args), environment);
  },
  // The young generation is sized for the garbage of large responses: fewer scavenges, lower tail latency.
  gateway: () =>
    node(["--max-semi-space-size=24", path.join(root, "dist/gateway/main.js"), ...args], {}, process.cwd()),
  partners: () => {
    const { readPartnerSettings } = require("./bootstrap/partner-settings.cjs");
    const command = path.join(root, "dist/gateway/partners-command.js");
    return node([command, ...args], readPartnerSettings(root, process.env), process.cwd());
  },
};

if (!Object.hasOwn(verbs, verb ?? "")) {
  fail(`Unknown command "${verb ?? ""}". Use one of: ${Object.keys(verbs).join(", ")}.`);
}
try {
  await require("./bootstrap/prepare.cjs").prepare(root);
  await verbs[verb]();
} catch (error) {
  fail(error.expected ? error.message : error.stack);
}

function jest(jestArgs, environment) {
  return node(["node_modules/jest/bin/jest.js", ...jestArgs], { NODE_ENV: "test", ...environment }, root);
}

async function node(argv, environment, cwd) {
  const { runNode } = require("./bootstrap/run-node.cjs");
  process.exitCode = await runNode(argv, { cwd, env: { ...process.env, ...environment } });
}

function fail(sentence) {
  console.error(sentence);
  process.exit(1);
}
