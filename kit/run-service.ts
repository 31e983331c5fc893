import { ConfigError } from "./config";
import { ListenError } from "./http/listen";

/**
 * Starts a service's process: reads the configuration, runs `main`, and says in words for the operator why it cannot. Settings and ports are told
 * in one sentence; of anything else the stack is wanted.
 */
export function runService<Config>(
  name: string,
  readConfig: () => Config,
  main: (config: Config) => Promise<void>,
): void {
  Promise.resolve()
    .then(readConfig)
    .then(main)
    .catch((error: unknown) => {
      const told = error instanceof ConfigError || error instanceof ListenError;
      const text = error instanceof Error ? (told ? error.message : error.stack) : String(error);
      process.stderr.write(`${name} cannot start: ${text}\n`);
      process.exit(1);
    });
}
