import type { DataSource } from "typeorm";
import type { IdempotencyStore, TakenKey } from "../idempotency/idempotency-store";
import { queryWithin } from "./query-within";

interface Row {
  readonly fingerprint: string;
  readonly state: "running" | "answered" | "too-large";
  readonly claim: string;
  readonly leaseMs: number;
  readonly status: number;
  readonly contentType: string;
  readonly body: string;
}

const TIMEOUT_MS = 2_000;
/** Between not inserting a row and reading it the one that is in the way may go. */
const ATTEMPTS = 5;
const PRUNED_AT_ONCE = 1_000;

/**
 * All times are the database's own: the clocks of gateways need not agree.
 * @param options.keepHours how long a key is remembered
 * @param options.leaseMs a claim that is not renewed for so long is abandoned
 */
export function createIdempotencyStore(options: {
  source: DataSource;
  keepHours: number;
  leaseMs: number;
}): IdempotencyStore {
  const { source, keepHours, leaseMs } = options;
  const query = (statement: string, values: readonly unknown[]) =>
    queryWithin(source, TIMEOUT_MS, statement, values) as Promise<unknown>;
  const lease = `make_interval(secs => ${leaseMs / 1_000})`;

  /** @returns whether there was a row to change; TypeORM answers `[rows, count]` for changes */
  const change = async (statement: string, values: readonly unknown[]): Promise<boolean> => {
    const [, count] = (await query(statement, values)) as [unknown[], number];
    return count > 0;
  };

  const find = async ({
    partnerId,
    mode,
    key,
  }: Parameters<IdempotencyStore["take"]>[0]): Promise<TakenKey | undefined> => {
    const [row] = (await query(
      `select fingerprint, state, claim, status, content_type as "contentType", body,
         (extract(epoch from lease_until - now()) * 1000)::float8 as "leaseMs"
       from idempotency_keys where partner_id = $1 and mode = $2 and key = $3 and expires_at > now()`,
      [partnerId, mode, key],
    )) as Row[];
    if (!row) return undefined;
    const { fingerprint, state, claim, leaseMs: forMs, status, contentType, body } = row;
    if (state === "answered") return { fingerprint, state, answer: { status, contentType, body } };
    if (state === "too-large") return { fingerprint, state };
    return forMs > 0 ? { fingerprint, state, forMs } : { fingerprint, state: "abandoned", claim };
  };

  return {
    take: async (key, { fingerprint, operation, claim }) => {
      for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
        // The insert is the lock: of several calls at once one inserts, the others wait for its commit.
        const taken = (await query(
          `insert into idempotency_keys as k
             (partner_id, mode, key, operation, fingerprint, state, claim, lease_until, expires_at)
           values ($1, $2, $3, $4, $5, 'running', $6, now() + ${lease}, now() + make_interval(hours => $7))
           on conflict (partner_id, mode, key) do update set
             operation = excluded.operation, fingerprint = excluded.fingerprint, state = 'running', claim = excluded.claim,
             lease_until = excluded.lease_until, status = null, content_type = null, body = null, taken_at = now(),
             expires_at = excluded.expires_at
           where k.expires_at <= now() and (k.state <> 'running' or k.lease_until <= now())
           returning k.claim`,
          [key.partnerId, key.mode, key.key, operation, fingerprint, claim, keepHours],
        )) as unknown[];
        if (taken.length > 0) return undefined;
        const known = await find(key);
        if (known) return known;
      }
      throw new Error("an idempotency key is neither free nor taken");
    },
    takeOver: ({ partnerId, mode, key }, abandoned, claim) =>
      change(
        `update idempotency_keys set claim = $5, lease_until = now() + ${lease}
         where partner_id = $1 and mode = $2 and key = $3 and claim = $4 and state = 'running' and lease_until <= now()`,
        [partnerId, mode, key, abandoned, claim],
      ),
    renew: async (claims) => {
      await query(
        `update idempotency_keys set lease_until = now() + ${lease} where claim = any($1) and state = 'running'`,
        [claims],
      );
    },
    keep: (claim, answer) =>
      change(
        `update idempotency_keys set state = $2, status = $3, content_type = $4, body = $5
         where claim = $1 and state = 'running'`,
        answer
          ? [claim, "answered", answer.status, answer.contentType, answer.body]
          : [claim, "too-large", null, null, null],
      ),
    free: (claims) => change("delete from idempotency_keys where claim = any($1) and state = 'running'", [claims]),
    abandon: (claim) =>
      change("update idempotency_keys set lease_until = now() where claim = $1 and state = 'running'", [claim]),
    prune: async () => {
      const [, count] = await source.query<[unknown[], number]>(
        `delete from idempotency_keys where (partner_id, mode, key) in (
           select partner_id, mode, key from idempotency_keys
           where expires_at <= now() and (state <> 'running' or lease_until <= now())
           order by expires_at limit ${PRUNED_AT_ONCE} for update skip locked)`,
      );
      return count;
    },
  };
}
