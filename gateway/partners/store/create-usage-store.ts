import type { DataSource } from "typeorm";
import type { Client, UsageEntry } from "../usage/usage-entry";
import type { UsageStore } from "../usage/usage-store";
import { queryWithin } from "./query-within";

const TIMEOUT_MS = 5_000;
/** A batch is sent again within seconds of the database's return: whoever wrote nothing for so long has nothing to send again. */
const FORGOTTEN_AFTER = "30 days";
/** A busy writer looks about once a day. */
const FORGET_EVERY = 86_400;

/**
 * One statement, so one transaction: the number of the writer's last batch and the figures change together or not at all, and a batch whose number is there
 * already adds nothing. Two writers who add to the same rows do it in the same order and wait for each other.
 */
const ADD = `
  with batch as (
    insert into partner_usage_writers as w (writer, batch) values ($1, $2)
    on conflict (writer) do update set batch = excluded.batch, at = now() where w.batch < excluded.batch
    returning batch
  )
  insert into partner_usage as u (
    partner_id, day, operation, key_id, calls, failed_calls, errors, latency, cost, answer_bytes, deprecated_fields, doors, client, last_call_at
  )
  select e.* from batch, jsonb_to_recordset($3) as e (
    partner_id uuid, day date, operation text, key_id text, calls bigint, failed_calls bigint, errors jsonb, latency jsonb, cost numeric,
    answer_bytes numeric, deprecated_fields jsonb, doors jsonb, client jsonb, last_call_at timestamptz
  )
  join partners p on p.id = e.partner_id
  order by e.partner_id, e.day, e.operation, e.key_id
  on conflict (partner_id, day, operation, key_id) do update set
    calls = u.calls + excluded.calls,
    failed_calls = u.failed_calls + excluded.failed_calls,
    errors = add_counts(u.errors, excluded.errors),
    latency = add_counts(u.latency, excluded.latency),
    cost = u.cost + excluded.cost,
    answer_bytes = u.answer_bytes + excluded.answer_bytes,
    deprecated_fields = add_counts(u.deprecated_fields, excluded.deprecated_fields),
    doors = add_counts(u.doors, excluded.doors),
    client = case when excluded.last_call_at >= u.last_call_at then excluded.client else u.client end,
    last_call_at = greatest(u.last_call_at, excluded.last_call_at)`;

const READ = `
  select partner_id as "partnerId", day::text, operation, key_id as "keyId", calls::float8, failed_calls::float8 as "failedCalls", errors, latency,
    cost::float8, answer_bytes::float8 as "answerBytes", deprecated_fields as "deprecatedFields", doors, client, last_call_at as "lastCallAt"
  from partner_usage
  where partner_id = $1 and day between $2 and $3 and ($4::text is null or operation = $4)
  order by day, operation, key_id
  limit $5`;

/** So few that whoever adds to a figure of that time, which is nobody, would hardly wait; several gateways take different ones. */
const PRUNED_AT_ONCE = 1_000;
const PRUNE = `
  delete from partner_usage where (partner_id, day, operation, key_id) in (
    select partner_id, day, operation, key_id from partner_usage
    where day < (now() at time zone 'UTC')::date - $1::int
    order by day limit ${PRUNED_AT_ONCE} for update skip locked
  )`;

type Counts = Readonly<Record<string, number>>;
type CountNames = "errors" | "latency" | "deprecatedFields" | "doors";

type Row = Omit<UsageEntry, CountNames> & Readonly<Record<CountNames, Counts>> & { readonly client: Client };

export const createUsageStore = (source: DataSource): UsageStore => ({
  write: async ({ writer, number, entries }) => {
    if (number % FORGET_EVERY === 1) {
      await source.query(`delete from partner_usage_writers where at < now() - interval '${FORGOTTEN_AFTER}'`);
    }
    await queryWithin(source, TIMEOUT_MS, ADD, [writer, number, JSON.stringify(entries.map(rowOf))]);
  },
  read: async ({ partnerId, from, to, operation, maxEntries }) => {
    const rows = await queryWithin<Row>(source, TIMEOUT_MS, READ, [partnerId, from, to, operation ?? null, maxEntries]);
    return rows.map((row): UsageEntry => ({
      ...row,
      errors: countsIn(row.errors),
      latency: new Map(Object.entries(row.latency).map(([bucket, calls]) => [Number(bucket), calls])),
      deprecatedFields: countsIn(row.deprecatedFields),
      doors: countsIn(row.doors),
    }));
  },
  prune: async (keepDays) => (await source.query<[unknown[], number]>(PRUNE, [keepDays]))[1],
});

const countsIn = (counts: Counts): ReadonlyMap<string, number> => new Map(Object.entries(counts));

const rowOf = (entry: UsageEntry) => ({
  partner_id: entry.partnerId,
  day: entry.day,
  operation: entry.operation,
  key_id: entry.keyId,
  calls: entry.calls,
  failed_calls: entry.failedCalls,
  errors: Object.fromEntries(entry.errors),
  latency: Object.fromEntries(entry.latency),
  cost: entry.cost,
  answer_bytes: entry.answerBytes,
  deprecated_fields: Object.fromEntries(entry.deprecatedFields),
  doors: Object.fromEntries(entry.doors),
  client: entry.client,
  last_call_at: entry.lastCallAt,
});
