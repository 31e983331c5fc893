import type { DataSource, EntityManager } from "typeorm";
import type { EventMessage } from "../../../kit/amqp/event-message";
import { newId } from "../../../kit/ids";
import { messageId } from "../webhooks/message-id";
import type { Attempt, DeliveryLease, MessageState, RenderLease, WebhookMessage } from "../webhooks/webhook";
import type { Health, LeaseOptions, MessageStore, Page } from "../webhooks/webhook-store";
import { ENDPOINT_COLUMNS, type EndpointRow, returned, toEndpoint } from "./webhook-endpoints";

interface MessageRow {
  id: string;
  endpoint_id: string;
  seq: string;
  event_id: string;
  type: string;
  state: MessageState;
  attempts: number;
  next_attempt_at: Date;
  last_error: string | null;
  created_at: Date;
  settled_at: Date | null;
}

const toMessage = (row: MessageRow): WebhookMessage => ({
  id: row.id,
  endpointId: row.endpoint_id,
  seq: row.seq,
  eventId: row.event_id,
  type: row.type,
  state: row.state,
  attempts: row.attempts,
  nextAttemptAt: row.next_attempt_at,
  lastError: row.last_error ?? undefined,
  createdAt: row.created_at,
  settledAt: row.settled_at ?? undefined,
});

type LeasedRow = EndpointRow & {
  id: string;
  type: string;
  event: EventMessage;
  body: string | null;
  attempts: number;
  renderings: number;
};

const UNLOCKED = "(m.locked_until is null or m.locked_until <= $1)";

/** Whoever changes which message of an entity is the next one holds its endpoint. */
const hold = (manager: EntityManager, endpointId: string): Promise<unknown[]> =>
  manager.query("select id from webhook_endpoints where id = $1 for no key update", [endpointId]);

/** The oldest queued message of an entity that has none waiting becomes the one that waits. */
const PROMOTE = `
  update webhook_messages set state = 'waiting'
  where id in (
    select distinct on (q.entity) q.id from webhook_messages q
    where q.endpoint_id = $1 and q.entity = any($2) and q.state = 'queued'
      and not exists (select 1 from webhook_messages w where w.endpoint_id = q.endpoint_id and w.entity = q.entity and w.state = 'waiting')
    order by q.entity, q.seq
  )`;

/** Messages of webhooks in the database of the partner API. */
export function createMessageStore(source: DataSource): MessageStore {
  const noteAttempt = (manager: EntityManager, messageId: string, number: number, attempt: Attempt) =>
    manager.query(
      `insert into webhook_attempts (message_id, number, at, status, duration_ms, error, response)
       select $1, $2, $3, $4, $5, $6, $7 where exists (select 1 from webhook_messages where id = $1) on conflict do nothing`,
      [
        messageId,
        number,
        attempt.at,
        attempt.status ?? null,
        Math.round(attempt.durationMs),
        attempt.error ?? null,
        attempt.response ?? null,
      ],
    );

  /** @returns the entity of a message that is done, `undefined` when it is someone else's by now */
  const close = async (
    manager: EntityManager,
    lease: { id: string; token: string },
    to: { state: MessageState; error: string | null; at: Date },
  ): Promise<string | undefined> => {
    const [row] = returned<{ entity: string }>(
      await manager.query(
        `update webhook_messages set state = $3, last_error = $4, settled_at = $5, locked_until = null, lock_token = null
         where id = $1 and lock_token = $2 returning entity`,
        [lease.id, lease.token, to.state, to.error, to.at],
      ),
    );
    return row?.entity;
  };

  const leased = async (rows: LeasedRow[]): Promise<LeasedRow[]> => {
    if (rows.length === 0) return rows;
    const endpoints = await source.query<EndpointRow[]>(
      `select ${ENDPOINT_COLUMNS} from webhook_endpoints e join partners p on p.id = e.partner_id where e.id = any($1)`,
      [[...new Set(rows.map((row) => row.endpoint_id))]],
    );
    const byId = new Map(endpoints.map((row) => [row.endpoint_id, row]));
    return rows.flatMap((row) => {
      const endpoint = byId.get(row.endpoint_id);
      return endpoint ? [{ ...row, ...endpoint }] : [];
    });
  };

  return {
    add: ({ endpointId, event, entity, at }) =>
      source.transaction(async (manager) => {
        // An endpoint that was removed meanwhile gets nothing.
        if ((await hold(manager, endpointId)).length === 0) return false;
        const rows = await manager.query<{ id: string }[]>(
          `insert into webhook_messages (id, endpoint_id, event_id, type, entity, event, state, next_attempt_at, created_at)
           select $1, $2, $3, $4, $5, $6,
             case when exists (select 1 from webhook_messages where endpoint_id = $2 and entity = $5 and state in ('queued', 'waiting'))
               then 'queued' else 'waiting' end, $7, $7
           on conflict (endpoint_id, event_id) do nothing returning id`,
          [messageId(), endpointId, event.id, event.type, entity, JSON.stringify(event), at],
        );
        return rows.length > 0;
      }),
    addSent: ({ id, endpointId, type, body, attempt }) =>
      source.transaction(async (manager) => {
        await manager.query(
          `insert into webhook_messages
             (id, endpoint_id, event_id, type, entity, event, body, state, attempts, next_attempt_at, last_error, created_at, settled_at)
           select $1, e.id, $1, $3, $1, 'null', $4, $5, 1, $6, $7, $6, $6 from webhook_endpoints e where e.id = $2`,
          [
            id,
            endpointId,
            type,
            body,
            attempt.error === undefined ? "delivered" : "parked",
            attempt.at,
            attempt.error ?? null,
          ],
        );
        await noteAttempt(manager, id, 1, attempt);
      }),

    leaseToRender: async ({ at, until, token, limit }) => {
      const rows = returned<LeasedRow>(
        await source.query(
          `update webhook_messages set locked_until = $2, lock_token = $3, renderings = renderings + 1
           where id in (
             select m.id from webhook_messages m join webhook_endpoints e on e.id = m.endpoint_id and e.state <> 'disabled'
             where m.body is null and m.state in ('queued', 'waiting') and m.next_attempt_at <= $1 and ${UNLOCKED}
             order by m.next_attempt_at, m.seq limit $4 for update of m skip locked
           ) returning id, endpoint_id, event, renderings`,
          [at, until, token, limit],
        ),
      );
      return (await leased(rows)).map((row): RenderLease => ({
        id: row.id,
        token,
        endpoint: toEndpoint(row),
        event: row.event,
        renderings: row.renderings,
      }));
    },
    rendered: async ({ id, token }, body, at) =>
      void (await source.query(
        `update webhook_messages set body = $3, next_attempt_at = $4, last_error = null, locked_until = null, lock_token = null
         where id = $1 and lock_token = $2`,
        [id, token, body, at],
      )),
    renderLater: async ({ id, token }, at, reason) =>
      void (await source.query(
        `update webhook_messages set next_attempt_at = $3, last_error = $4, locked_until = null, lock_token = null
         where id = $1 and lock_token = $2`,
        [id, token, at, reason],
      )),
    drop: (lease, state, reason, at) =>
      source.transaction(async (manager) => {
        await hold(manager, lease.endpoint.id);
        const entity = await close(manager, lease, { state, error: reason, at });
        if (entity === undefined) return;
        await manager.query(PROMOTE, [lease.endpoint.id, [entity]]);
        await manager.query(
          "insert into webhook_log (id, endpoint_id, at, kind, detail) values ($1, $2, $3, 'dropped', $4)",
          [newId(), lease.endpoint.id, at, `${lease.id}: ${reason}`],
        );
      }),

    due: async (at, perEndpoint) =>
      (
        await source.query<{ id: string; endpoint_id: string; is_failing: boolean }[]>(
          `select m.id, m.endpoint_id, e.failing_since is not null as is_failing from webhook_endpoints e cross join lateral (
             select m.id, m.endpoint_id, m.next_attempt_at from webhook_messages m
             where m.endpoint_id = e.id and m.state = 'waiting' and m.body is not null and m.next_attempt_at <= $1 and ${UNLOCKED}
             order by m.next_attempt_at limit $2
           ) m where e.state = 'active' order by m.next_attempt_at`,
          [at, perEndpoint],
        )
      ).map(({ id, endpoint_id: endpointId, is_failing: isFailing }) => ({ id, endpointId, isFailing })),
    lease: async (ids, { at, until, token }: LeaseOptions) => {
      const rows = returned<LeasedRow>(
        await source.query(
          `update webhook_messages set locked_until = $2, lock_token = $3, attempts = attempts + 1
           where id in (
             select m.id from webhook_messages m join webhook_endpoints e on e.id = m.endpoint_id and e.state = 'active'
             where m.id = any($4) and m.state = 'waiting' and m.next_attempt_at <= $1 and ${UNLOCKED} for update of m skip locked
           ) returning id, endpoint_id, type, body, attempts`,
          [at, until, token, ids],
        ),
      );
      return (await leased(rows)).map((row): DeliveryLease => ({
        id: row.id,
        token,
        endpoint: toEndpoint(row),
        type: row.type,
        body: row.body ?? "",
        attempt: row.attempts,
      }));
    },
    settle: (lease, attempt, verdict) =>
      source.transaction(async (manager): Promise<Health | undefined> => {
        const { id, token, endpoint } = lease;
        await hold(manager, endpoint.id);
        await noteAttempt(manager, id, lease.attempt, attempt);
        const error = attempt.error ?? null;
        if (verdict.kind === "later") {
          const rows = returned(
            await manager.query(
              `update webhook_messages set next_attempt_at = $3, last_error = $4, locked_until = null, lock_token = null
               where id = $1 and lock_token = $2 returning id`,
              [id, token, verdict.at, error],
            ),
          );
          if (rows.length === 0) return undefined;
        } else {
          const entity = await close(manager, lease, { state: verdict.kind, error, at: attempt.at });
          if (entity === undefined) return undefined;
          await manager.query(PROMOTE, [endpoint.id, [entity]]);
        }
        const [row] = returned<{ failing_since: Date | null; parked_in_a_row: number }>(
          await manager.query(
            `update webhook_endpoints set
               failing_since = case when $2 = 'delivered' then null else coalesce(failing_since, $3) end,
               parked_in_a_row = case $2 when 'delivered' then 0 when 'parked' then parked_in_a_row + 1 else parked_in_a_row end
             where id = $1 returning failing_since, parked_in_a_row`,
            [endpoint.id, verdict.kind, attempt.at],
          ),
        );
        return row && { failingSince: row.failing_since ?? undefined, parkedInARow: row.parked_in_a_row };
      }),

    release: async (leases) =>
      void (await source.query(
        `update webhook_messages m set locked_until = null, lock_token = null, attempts = attempts - 1
         from unnest($1::text[], $2::uuid[]) as lease (id, token) where m.id = lease.id and m.lock_token = lease.token`,
        [leases.map(({ id }) => id), leases.map(({ token }) => token)],
      )),

    page: async (endpointId, { state, before, limit }): Promise<Page> => {
      const rows = await source.query<MessageRow[]>(
        `select * from webhook_messages where endpoint_id = $1 and ($2::text is null or state = $2) and ($3::bigint is null or seq < $3)
         order by seq desc limit $4`,
        [endpointId, state ?? null, before ?? null, limit + 1],
      );
      const messages = rows.slice(0, limit).map(toMessage);
      return { messages, next: rows.length > limit ? messages.at(-1)?.seq : undefined };
    },
    attempts: async (messageIds) => {
      const rows = await source.query<
        {
          message_id: string;
          at: Date;
          status: number | null;
          duration_ms: number;
          error: string | null;
          response: string | null;
        }[]
      >("select * from webhook_attempts where message_id = any($1) order by at, number", [messageIds]);
      const byMessage = new Map<string, Attempt[]>();
      for (const { message_id: id, at, status, duration_ms: durationMs, error, response } of rows) {
        const attempt = {
          at,
          durationMs,
          status: status ?? undefined,
          error: error ?? undefined,
          response: response ?? undefined,
        };
        byMessage.set(id, [...(byMessage.get(id) ?? []), attempt]);
      }
      return byMessage;
    },
    replay: async (endpointId, messageId, at) => {
      const replayed = await replayWhere("m.id = $3", [messageId], { endpointId, at, limit: 1 });
      return replayed === 1;
    },
    replayParked: (endpointId, since, limit, at) =>
      replayWhere("m.state = 'parked' and m.created_at >= $3", [since], { endpointId, at, limit }),
    forget: async (before) => {
      await source.query("delete from webhook_log where at < $1", [before]);
      return returned(await source.query("delete from webhook_messages where created_at < $1 returning id", [before]))
        .length;
    },
  };

  /** @param where of `m`, with parameters from `$3` on */
  function replayWhere(
    where: string,
    parameters: readonly unknown[],
    { endpointId, at, limit }: { endpointId: string; at: Date; limit: number },
  ): Promise<number> {
    return source.transaction(async (manager) => {
      await hold(manager, endpointId);
      const rows = returned<{ entity: string }>(
        await manager.query(
          `update webhook_messages set state = 'queued', attempts = 0, renderings = 0, next_attempt_at = $2, last_error = null, settled_at = null
           where id in (
             select m.id from webhook_messages m
             where m.endpoint_id = $1 and ${where} and m.state in ('delivered', 'parked', 'dropped') order by m.seq limit ${limit}
           ) returning entity`,
          [endpointId, at, ...parameters],
        ),
      );
      await manager.query(PROMOTE, [endpointId, [...new Set(rows.map(({ entity }) => entity))]]);
      return rows.length;
    });
  }
}
