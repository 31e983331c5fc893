const firstLineAfterMs = 1_000;
const everyMs = { terminal: 1_000, log: 5_000 };

/**
 * Runs a step and says so when it takes longer than a second: a counting line on a terminal, a line now and then in
 * a log. A quick step says nothing.
 *
 * @template T
 * @param {string} sentence what is being done, e.g. "Installing the locked dependencies"
 * @param {() => Promise<T>} step
 * @returns {Promise<T>}
 */
async function withProgress(sentence, step) {
  const startedAt = Date.now();
  const terminal = process.stdout.isTTY === true;
  let said = false;
  const seconds = () => Math.round((Date.now() - startedAt) / 1_000);
  const say = () => {
    if (terminal) process.stdout.write(`\r${sentence} … ${seconds()} s`);
    else console.log(said ? `${sentence} … ${seconds()} s` : `${sentence} …`);
    said = true;
  };
  let timer = setTimeout(function tick() {
    say();
    timer = setTimeout(tick, terminal ? everyMs.terminal : everyMs.log);
  }, firstLineAfterMs);
  let outcome = "done";
  try {
    return await step();
  } catch (error) {
    outcome = "failed";
    throw error;
  } finally {
    clearTimeout(timer);
    if (said) console.log(`${terminal ? "\r" : ""}${sentence} … ${outcome} after ${seconds()} s`);
  }
}

module.exports = { withProgress };
