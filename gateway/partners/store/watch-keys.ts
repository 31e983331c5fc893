import { setTimeout as delay } from "node:timers/promises";
import { Client } from "pg";
import type { Logger } from "../../../kit/log";
import { cutConnection } from "./cut-connection";

const RETRY_MS = 500;
const CONNECT_TIMEOUT_MS = 2_000;
const KEEP_ALIVE_MS = 5_000;

/**
 * Hears from the database which keys change, over a connection of its own; see the triggers of the migration.
 * @param options.opened from then on
 * @param options.onChange told the id of a key, or undefined when changes may have been missed
 */
export function watchKeys(options: {
  url: string;
  opened: Promise<void>;
  onChange: (keyId?: string) => void;
  log: Logger;
}): { close(): Promise<void> } {
  const { url, opened, onChange, log } = options;
  const closing = new AbortController();
  const { signal } = closing;
  let client: Client | undefined;
  let isDeaf = false;

  /** Ends when the connection does. */
  const listen = async () => {
    const fresh = (client = new Client({
      connectionString: url,
      application_name: "partner-keys",
      connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
      keepAlive: true,
      keepAliveInitialDelayMillis: KEEP_ALIVE_MS,
    }));
    const ended = new Promise<void>((resolve) => fresh.once("end", () => resolve()));
    // Without a listener the loss of the connection would end the process.
    fresh.on("error", () => undefined);
    fresh.on("notification", ({ payload }) => onChange(payload));
    try {
      await fresh.connect();
      await fresh.query("listen api_key_changed");
      onChange();
      log.info("changes of partners' keys are heard of");
      isDeaf = false;
      await ended;
    } finally {
      cutConnection(fresh);
      onChange();
    }
  };
  const run = async () => {
    while (!signal.aborted) {
      const err = await listen().catch((error: unknown) => error);
      if (signal.aborted) return;
      if (!isDeaf) log.warn({ err }, "changes of partners' keys are not heard of, they hold within a second");
      isDeaf = true;
      await delay(RETRY_MS, undefined, { signal }).catch(() => undefined);
    }
  };
  const running = opened.then(run, () => undefined);

  return {
    close: async () => {
      closing.abort();
      if (!client) return;
      cutConnection(client);
      await running;
    },
  };
}
