const fs = require("node:fs");
const path = require("node:path");
const { setTimeout: delay } = require("node:timers/promises");
const { ExpectedError } = require("./expected-error.cjs");
const { isSameProcess, processStart } = require("./process-identity.cjs");
const { withProgress } = require("./progress.cjs");
const { captureNode } = require("./run-node.cjs");

/**
 * Installs exactly what package-lock.json says, when node_modules says something else.
 *
 * npm keeps a description of what it installed in node_modules/.package-lock.json and writes it last, so comparing the
 * two files (a few milliseconds) also sees an interrupted installation, `npm install --omit=dev` and a changed branch.
 */
async function install(root) {
  const wanted = readPackages(path.join(root, "package-lock.json"));
  if (!wanted) throw new ExpectedError("package-lock.json is missing or unreadable; restore it from the repository.");
  const installed = readPackages(path.join(root, "node_modules/.package-lock.json"));
  if (installed && isInstalled(wanted, installed)) return;

  const record = path.join(root, "dist/.npm.json");
  await endOrphan(record);
  const onSpawn = (pid) => fs.writeFileSync(record, JSON.stringify({ pid, start: processStart(pid) ?? "" }));

  // Development dependencies are needed even with NODE_ENV=production: the build runs here. No package needs its
  // installation scripts, and .npmrc turns them off.
  const npm = ["ci", "--include=dev", "--no-audit", "--no-fund", "--loglevel=error"];
  const cli = process.env.npm_execpath;
  const sentence = `Installing the ${Object.keys(wanted).length} locked dependencies`;
  const { code, output } = await withProgress(sentence, () =>
    cli?.endsWith(".js") && path.basename(cli).startsWith("npm")
      ? captureNode([cli, ...npm], { cwd: root, onSpawn })
      : captureNode(npm, { cwd: root, onSpawn, command: "npm", shell: process.platform === "win32" }),
  ).catch((error) => {
    if (error.code === "ENOENT") throw new ExpectedError("npm is not on the PATH; install it (it comes with Node).");
    throw error;
  });
  fs.rmSync(record, { force: true });
  if (code !== 0) {
    throw new ExpectedError(
      `${output.trim()}\n\nnpm could not install the locked dependencies (npm ci, exit code ${code}).`,
    );
  }
}

/** A bootstrap that was killed with -9 left npm running: two of them in one node_modules would leave neither's. */
async function endOrphan(record) {
  const npm = readJson(record);
  if (!npm || !isSameProcess(npm)) return;
  process.kill(npm.pid, "SIGKILL");
  while (isSameProcess(npm)) await delay(50);
}

/**
 * Does the installed tree hold every package of the lock file in its locked version? Optional packages (binaries of
 * other platforms) may be missing, but not be there in another version.
 *
 * @param {Record<string, { version?: string, optional?: boolean, devOptional?: boolean }>} wanted
 * @param {Record<string, { version?: string }>} installed
 */
function isInstalled(wanted, installed) {
  for (const [location, { version, optional, devOptional }] of Object.entries(wanted)) {
    const found = installed[location];
    if (found ? found.version !== version : !optional && !devOptional) return false;
  }
  return true;
}

function readPackages(file) {
  const packages = readJson(file)?.packages;
  if (packages) delete packages[""]; // the repository itself
  return packages;
}

function readJson(file) {
  try {
    return JSON.parse(fs.readFileSync(file, "utf8"));
  } catch {
    return undefined;
  }
}

module.exports = { install, isInstalled };
