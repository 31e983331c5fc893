import type { DataSource } from "typeorm";
import type { Logger } from "../../../kit/log";
import { FAILURES_FORGOTTEN_AFTER_MS } from "../domain/login-back-off";

const PRUNE_EVERY_MS = 6 * 3_600_000;

/** Deletes what has no meaning any more: forgotten failures, and sessions of which every token has expired. */
export async function pruneStaleRows(source: DataSource, now: Date): Promise<void> {
  await source.query("delete from login_attempts where last_failed_at < $1", [
    new Date(now.getTime() - FAILURES_FORGOTTEN_AFTER_MS),
  ]);
  await source.query(
    `delete from sessions s
     where not exists (select from refresh_tokens t where t.session_id = s.id and t.expires_at > $1)`,
    [now],
  );
}

export function createStaleRowPruner(source: DataSource, log: Logger): { close(): void } {
  const prune = () =>
    pruneStaleRows(source, new Date()).catch((err: unknown) => log.warn({ err }, "stale rows could not be deleted"));
  const timer = setInterval(() => void prune(), PRUNE_EVERY_MS);
  timer.unref();
  return { close: () => clearInterval(timer) };
}
