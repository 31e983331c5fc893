import fs from "node:fs";
import path from "node:path";
import { ConfigError } from "../../kit/config";
import { ExpectedError } from "./bootstrap/expected-error.cjs";
import { choosePort } from "./choose-port";
import { openDataDirectory } from "./data-directory";
import { endLeftovers } from "./leftovers";
import { createPlatform } from "./platform";
import { renderScreen } from "./screen";
import { parseSettings } from "./settings";
import { createTerminal } from "./terminal";

/** The repository: this file runs from dist/deploy/local. */
const root = path.resolve(__dirname, "../../..");

const orphanCheckMs = 500;

/** `npm start`: everything of the platform on this machine, until Ctrl-C. */
async function main(): Promise<void> {
  const terminal = createTerminal(process.stdout);
  const stop = listenForStop();

  const settings = parseSettings(process.env, root);
  const data = openDataDirectory(settings.dataDirectory);
  try {
    const leftovers = await endLeftovers(data.run);
    if (leftovers.length > 0) terminal.say(`Ended what an earlier start left running: ${leftovers.join(", ")}.`);
    const port = await choosePort(settings.port, settings.host);

    const platform = createPlatform({ root, settings, data, port, env: process.env, terminal });
    try {
      await platform.start(stop);
      terminal.say(renderScreen({ settings, port, data, root, cwd: process.env.INIT_CWD ?? process.cwd() }));
      await untilAborted(stop);
    } finally {
      terminal.say("Stopping …");
      await platform.close();
    }
  } finally {
    data.close();
  }
}

/** Ctrl-C, a service manager, a closed terminal. npm passes the first one on, so each may come twice. */
function listenForStop(): AbortSignal {
  const stop = new AbortController();
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const)
    process.on(signal, () => stop.abort(new StopRequest()));
  // A reader of our output that has gone (`npm start | head`) is no reason to leave processes behind.
  process.stdout.on("error", () => stop.abort(new StopRequest()));
  // npm hands a SIGTERM to the shell between us, which dies of it without a word to its child.
  const parent = process.ppid;
  const isOrphan = () => process.env.npm_lifecycle_event !== undefined && process.ppid !== parent;
  setInterval(() => isOrphan() && stop.abort(new StopRequest()), orphanCheckMs).unref();
  return stop.signal;
}

class StopRequest extends Error {}

function untilAborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    signal.addEventListener("abort", () => resolve(), { once: true });
  });
}

function report(error: unknown): number {
  if (error instanceof StopRequest) return 0;
  const isExpected = error instanceof ExpectedError || error instanceof ConfigError;
  fs.writeSync(process.stderr.fd, `${isExpected ? error.message : (error as Error).stack}\n`);
  return 1;
}

main().then(
  () => process.exit(0),
  (error: unknown) => process.exit(report(error)),
);
