import { Client } from "pg";
import type { EntityManager } from "typeorm";
import type { EventMessage } from "../amqp/event-message";
import type { OutboxSource } from "../outbox/outbox-source";

/** For a service's first migration. Rows are deleted when published, so the table stays as small as its backlog. */
export const CREATE_OUTBOX_TABLE = `
  create table outbox (
    seq bigint generated always as identity primary key,
    id uuid not null unique,
    type text not null,
    source text not null,
    subject text not null,
    time timestamptz not null,
    data jsonb not null,
    request_id text,
    traceparent text
  )`;

/**
 * Writes an event in the transaction of the change that it tells of: both are committed or neither.
 * Lock the aggregate's row before: that makes the order of `seq` within a subject the order of the commits.
 */
export async function appendToOutbox(manager: EntityManager, event: EventMessage): Promise<void> {
  await manager.query(
    `insert into outbox (id, type, source, subject, time, data, request_id, traceparent)
     values ($1, $2, $3, $4, $5, $6, $7, $8)`,
    [
      event.id,
      event.type,
      event.source,
      event.subject,
      event.time,
      JSON.stringify(event.data),
      event.requestId ?? null,
      event.traceparent ?? null,
    ],
  );
}

/** Any number, the same in every process that relays the same outbox. */
const RELAY_LOCK = 720_002;

interface OutboxRow {
  id: string;
  type: string;
  source: string;
  subject: string;
  time: Date;
  data: unknown;
  request_id: string | null;
  traceparent: string | null;
}

/**
 * The outbox table as the relay reads it: through a connection of its own, which holds the advisory lock of the leader,
 * so that losing the connection gives up the lead.
 */
export function createOutboxTableSource(options: { url: string }): OutboxSource {
  let client: Client | undefined;
  let leading = false;

  const connect = async (): Promise<Client> => {
    if (client) return client;
    const fresh = new Client({ connectionString: options.url, application_name: "outbox-relay" });
    // Without a listener the loss of an idle connection would end the process.
    fresh.on("error", () => forget(fresh));
    fresh.on("end", () => forget(fresh));
    await fresh.connect();
    client = fresh;
    return fresh;
  };
  const forget = (lost: Client) => {
    if (client !== lost) return;
    client = undefined;
    leading = false;
  };

  return {
    lead: async () => {
      const connection = await connect();
      if (!leading) {
        const { rows } = await connection.query<{ locked: boolean }>("select pg_try_advisory_lock($1) as locked", [
          RELAY_LOCK,
        ]);
        leading = rows[0]?.locked ?? false;
      }
      return leading;
    },
    read: async (limit) => {
      const { rows } = await (await connect()).query<OutboxRow>("select * from outbox order by seq limit $1", [limit]);
      return rows.map((row): EventMessage => ({
        id: row.id,
        type: row.type,
        source: row.source,
        subject: row.subject,
        time: row.time.toISOString(),
        data: row.data,
        requestId: row.request_id ?? undefined,
        traceparent: row.traceparent ?? undefined,
      }));
    },
    markPublished: async (events) => {
      await (await connect()).query("delete from outbox where id = any($1::uuid[])", [events.map(({ id }) => id)]);
    },
    close: async () => {
      const connection = client;
      client = undefined;
      leading = false;
      await connection?.end();
    },
  };
}
