import type { Health } from "./health";
import type { Logger } from "./log";

export interface Closable {
  close(): Promise<unknown> | unknown;
}

export interface Shutdown {
  /** Registers what to close; the last one registered is closed first. */
  add<T extends Closable>(name: string, resource: T): T;
  /** Closes everything in reverse order; the process then ends. */
  now(reason: string): Promise<void>;
}

/**
 * Ends a service in order: readiness turns false, then everything that lives long is closed in reverse order of its making,
 * within a deadline after which the process leaves anyway.
 *
 * It is set off by SIGTERM and SIGINT, and, for a service forked by a supervisor (`supervised`), by the loss of the IPC channel:
 * that is how a child learns that its supervisor was killed.
 */
export function createShutdown(options: {
  log: Logger;
  health: Health;
  deadlineMs?: number;
  supervised?: boolean;
  exit?: (code: number) => void;
}): Shutdown {
  const { log, health, deadlineMs = 8_000, supervised = false, exit = (code) => process.exit(code) } = options;
  const resources: { name: string; resource: Closable }[] = [];
  let closing: Promise<void> | undefined;

  const closeAll = async (reason: string) => {
    health.drain();
    log.info({ reason }, "shutting down");
    const deadline = setTimeout(() => {
      log.error({ deadlineMs }, "shutdown took too long, leaving");
      exit(1);
    }, deadlineMs);
    deadline.unref();
    for (const { name, resource } of resources.reverse()) {
      try {
        await resource.close();
      } catch (err) {
        log.warn({ err, resource: name }, "a resource did not close cleanly");
      }
    }
    clearTimeout(deadline);
    exit(0);
  };
  const now = (reason: string) => (closing ??= closeAll(reason));

  process.once("SIGTERM", () => void now("SIGTERM"));
  process.once("SIGINT", () => void now("SIGINT"));
  if (supervised) process.once("disconnect", () => void now("the supervisor is gone"));
  return {
    add: (name, resource) => {
      resources.push({ name, resource });
      return resource;
    },
    now,
  };
}
