const { randomUUID } = require("node:crypto");
const fs = require("node:fs");
const path = require("node:path");
const { isSameProcess, processStart } = require("./process-identity.cjs");

const takeoverTimeoutMs = 5_000;

/**
 * Takes the lock, or names the living process that holds it. A lock whose owner is gone (kill -9, a reboot, its pid
 * given to another program) counts as free.
 *
 * The file appears with its content in one step (link(2)), so nobody ever reads a half-written owner. Removing a
 * stale lock is guarded by a second one: otherwise two takers could both judge the old lock stale, and the slower one
 * would remove the lock that the faster one has just taken.
 *
 * @param {string} file
 * @returns {{ release(): void } | { heldBy: number }} pid of the holder
 */
function tryLock(file) {
  fs.mkdirSync(path.dirname(file), { recursive: true });
  const content = JSON.stringify({ pid: process.pid, start: processStart(process.pid), id: randomUUID() });
  for (;;) {
    if (createExclusively(file, content)) return { release: () => removeIf(file, content) };
    const current = read(file);
    if (current === undefined) continue;
    const owner = parseOwner(current);
    if (owner && isSameProcess(owner)) return { heldBy: owner.pid };
    removeStale(file, current);
  }
}

function createExclusively(file, content) {
  const draft = `${file}.${process.pid}.${randomUUID()}`;
  fs.writeFileSync(draft, content, { mode: 0o600 });
  try {
    fs.linkSync(draft, file);
    return true;
  } catch (error) {
    if (error.code !== "EEXIST") throw error;
    return false;
  } finally {
    fs.rmSync(draft, { force: true });
  }
}

function removeStale(file, content) {
  const guard = `${file}.takeover`;
  if (!createExclusively(guard, content)) {
    // Whoever held the guard for this long was killed while holding it.
    const age = Date.now() - (fs.statSync(guard, { throwIfNoEntry: false })?.mtimeMs ?? Date.now());
    if (age > takeoverTimeoutMs) fs.rmSync(guard, { force: true });
    return;
  }
  try {
    removeIf(file, content);
  } finally {
    fs.rmSync(guard, { force: true });
  }
}

function removeIf(file, content) {
  if (read(file) === content) fs.rmSync(file, { force: true });
}

function read(file) {
  try {
    return fs.readFileSync(file, "utf8");
  } catch (error) {
    if (error.code === "ENOENT") return undefined;
    throw error;
  }
}

function parseOwner(content) {
  try {
    const { pid, start } = JSON.parse(content);
    return typeof pid === "number" && typeof start === "string" ? { pid, start } : undefined;
  } catch {
    return undefined;
  }
}

module.exports = { tryLock };
