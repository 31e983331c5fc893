const { spawn } = require("node:child_process");
const os = require("node:os");

const forwarded = ["SIGINT", "SIGTERM", "SIGHUP"];
const killAfterMs = 2_000;

/**
 * Runs a Node program in the foreground: it shares our terminal and gets our signals.
 *
 * @param {string[]} argv
 * @param {{ cwd: string, env: NodeJS.ProcessEnv }} options
 * @returns {Promise<number>} its exit code, or 128 + signal as a shell reports it
 */
function runNode(argv, options) {
  const child = spawn(process.execPath, argv, { ...options, stdio: "inherit" });
  // A terminal sends Ctrl-C to both of us; a service manager signals only this process. Either way we outlive it.
  const forward = (signal) => child.kill(signal);
  for (const signal of forwarded) process.on(signal, forward);
  return new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("exit", (code, signal) => {
      for (const name of forwarded) process.off(name, forward);
      resolve(code ?? 128 + (os.constants.signals[signal] ?? 0));
    });
  });
}

/**
 * Runs a program in the background and keeps what it prints. When we are asked to end it is ended first.
 *
 * @param {string[]} argv
 * @param {{ cwd: string, env?: NodeJS.ProcessEnv, command?: string, shell?: boolean, onSpawn?: (pid: number) => void }} options
 * @returns {Promise<{ code: number, output: string }>}
 */
function captureNode(argv, { command = process.execPath, onSpawn, ...options }) {
  const child = spawn(command, argv, { ...options, stdio: ["ignore", "pipe", "pipe"] });
  let output = "";
  const keep = (text) => (output = (output + text).slice(-20_000));
  child.stdout.setEncoding("utf8").on("data", keep);
  child.stderr.setEncoding("utf8").on("data", keep);
  if (child.pid !== undefined) onSpawn?.(child.pid);

  const endBoth = (signal) => {
    child.once("close", () => process.exit(128 + os.constants.signals[signal]));
    child.kill(signal);
    // npm finishes what it is downloading first; what it leaves half done is done again the next time.
    setTimeout(() => child.kill("SIGKILL"), killAfterMs).unref();
  };
  for (const signal of forwarded) process.on(signal, endBoth);
  return new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (code, signal) => {
      for (const name of forwarded) process.off(name, endBoth);
      resolve({ code: code ?? 128 + (os.constants.signals[signal] ?? 0), output });
    });
  });
}

module.exports = { runNode, captureNode };
