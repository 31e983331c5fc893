import { setTimeout as delay } from "node:timers/promises";
import { Client } from "pg";
import type { Logger } from "../../../kit/log";
import { cutConnection } from "./cut-connection";

const RETRY_MS = 500;
const CONNECT_TIMEOUT_MS = 2_000;
const KEEP_ALIVE_MS = 5_000;

/**
 * Hears what triggers tell by `pg_notify`, over a connection of its own, which is made again whenever it is lost.
 * @param options.opened from then on
 * @param options.heard logged when it begins
 * @param options.deaf logged when it cannot, once until it can again
 * @param options.onChange told the payload, or undefined when something may have been missed
 */
export function watchChannel(options: {
  url: string;
  channel: "api_key_changed" | "operations_changed";
  opened: Promise<void>;
  heard: string;
  deaf: string;
  onChange: (payload?: string) => void;
  log: Logger;
}): { close(): Promise<void> } {
  const { url, channel, opened, heard, deaf, onChange, log } = options;
  const closing = new AbortController();
  const { signal } = closing;
  let client: Client | undefined;
  let isDeaf = false;

  /** Ends when the connection does. */
  const listen = async () => {
    const fresh = (client = new Client({
      connectionString: url,
      application_name: channel,
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
      await fresh.query(`listen ${channel}`);
      onChange();
      log.info(heard);
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
      if (!isDeaf) log.warn({ err }, deaf);
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
