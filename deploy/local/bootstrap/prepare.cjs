const path = require("node:path");
const { setTimeout: delay } = require("node:timers/promises");
const { build } = require("./build.cjs");
const { ExpectedError } = require("./expected-error.cjs");
const { buildExplorerPage } = require("./explorer-page.cjs");
const { tryLock } = require("./file-lock.cjs");
const { install } = require("./install.cjs");
const { withProgress } = require("./progress.cjs");

const pollMs = 100;
const patienceMs = 15 * 60_000;

/**
 * Makes the clone ready to run. Two bootstraps of one clone take turns: both would write node_modules and dist.
 * The lock lives in dist/ because `npm ci` deletes node_modules.
 */
async function prepare(root) {
  const lock = await waitForLock(path.join(root, "dist/.bootstrap.lock"));
  try {
    await install(root);
    await build(root);
    await buildExplorerPage(root);
  } catch (error) {
    if (error.code === "EACCES" || error.code === "EPERM" || error.code === "EROFS") {
      throw new ExpectedError(
        `${error.path ?? root} cannot be written by this user; make the clone yours and try again.`,
      );
    }
    throw error;
  } finally {
    lock.release();
  }
}

async function waitForLock(file) {
  const first = take(file);
  if (first.release) return first;
  return withProgress(`Waiting for another bootstrap of this clone (process ${first.heldBy})`, async () => {
    for (const giveUpAt = Date.now() + patienceMs; Date.now() < giveUpAt; await delay(pollMs)) {
      const lock = take(file);
      if (lock.release) return lock;
    }
    throw new ExpectedError(
      `Another bootstrap of this clone is still running (process ${first.heldBy}); end it and try again.`,
    );
  });
}

function take(file) {
  try {
    return tryLock(file);
  } catch (error) {
    if (error.code !== "EACCES" && error.code !== "EROFS") throw error;
    throw new ExpectedError(
      `${path.dirname(file)} cannot be written by this user; make the clone yours and try again.`,
    );
  }
}

module.exports = { prepare };
