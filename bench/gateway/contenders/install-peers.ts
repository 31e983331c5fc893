import { spawnSync } from "node:child_process";
import fs from "node:fs";
import path from "node:path";
import { peersFolder } from "./folders";

/**
 * Installs what bench/gateway/peers/package-lock.json says, unless it is there already. Without it the rows of the peers
 * are left out and the others run.
 *
 * @returns why it could not be done, in npm's words
 */
export function installPeers(say: (text: string) => void): string | undefined {
  if (isInstalled()) return undefined;
  say("Installing the other gateways into bench/gateway/peers (about 500 MB, once) ...\n");
  // One of Hive Gateway's dependencies asks for a newer Node than it needs; no package here needs its install script.
  const options = ["--engine-strict=false", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"];
  const { status, stderr, error } = spawnSync("npm", ["ci", ...options], {
    cwd: peersFolder,
    encoding: "utf8",
    stdio: ["ignore", "ignore", "pipe"],
  });
  if (status === 0) return undefined;
  return (error?.message ?? stderr).trim() || `npm ci ended with ${status}`;
}

/** npm writes its own copy of the lock when it has finished. */
function isInstalled(): boolean {
  const finished = modifiedMs(path.join(peersFolder, "node_modules/.package-lock.json"));
  const locked = modifiedMs(path.join(peersFolder, "package-lock.json"));
  return finished !== undefined && locked !== undefined && finished >= locked;
}

const modifiedMs = (file: string) => fs.statSync(file, { throwIfNoEntry: false })?.mtimeMs;
