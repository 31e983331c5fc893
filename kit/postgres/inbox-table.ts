import type { DataSource, EntityManager } from "typeorm";
import type { Logger } from "../log";

/** For a service's first migration. */
export const CREATE_INBOX_TABLE = `
  create table inbox (
    consumer text not null,
    event_id text not null,
    received_at timestamptz not null default now(),
    primary key (consumer, event_id)
  );
  create index inbox_received_at on inbox (received_at)`;

/**
 * Notes in the transaction of the effect that this consumer has handled the event.
 * @returns false when it had already: then there is nothing to do but to acknowledge
 */
export async function claimEvent(manager: EntityManager, consumer: string, eventId: string): Promise<boolean> {
  const rows: unknown[] = await manager.query(
    "insert into inbox (consumer, event_id) values ($1, $2) on conflict do nothing returning event_id",
    [consumer, eventId],
  );
  return rows.length > 0;
}

/** Longer than any event is replayed: the event log keeps a day, the dead letters thirty. */
const KEPT_DAYS = 60;
const PRUNE_EVERY_MS = 6 * 3_600_000;

/** Forgets handled events that can no longer come back. */
export function createInboxPruner(source: DataSource, log: Logger): { close(): void } {
  const prune = () =>
    source
      .query(`delete from inbox where received_at < now() - interval '${KEPT_DAYS} days'`)
      .catch((err: unknown) => log.warn({ err }, "the inbox could not be pruned"));
  const timer = setInterval(() => void prune(), PRUNE_EVERY_MS);
  timer.unref();
  return { close: () => clearInterval(timer) };
}
