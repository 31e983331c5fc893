import { createHash } from "node:crypto";
import type { DataSource } from "typeorm";
import { FAILURES_FORGOTTEN_AFTER_MS, lockMsAfter } from "../domain/login-back-off";
import type { LoginAttempts } from "../domain/ports";

interface AttemptsRow {
  failures: number;
  last_failed_at: Date;
  locked_until: Date | null;
}

/** Rows are found by a hash of what was typed: it is of one length whatever was typed, and may be the address of a stranger. */
const hashEmail = (email: string) => createHash("sha256").update(email).digest();

export function createLoginAttempts(source: DataSource): LoginAttempts {
  return {
    begin: (email, now) =>
      source.transaction(async (manager) => {
        const hash = hashEmail(email);
        // The update changes nothing: it locks the row, new or old, until this attempt is counted.
        const [row]: AttemptsRow[] = await manager.query(
          `insert into login_attempts (email_hash, failures, last_failed_at) values ($1, 0, $2)
           on conflict (email_hash) do update set failures = login_attempts.failures
           returning failures, last_failed_at, locked_until`,
          [hash, now],
        );
        if (!row) throw new Error("an upsert returned no row");
        const lockedMs = row.locked_until ? row.locked_until.getTime() - now.getTime() : 0;
        if (lockedMs > 0) return { allowed: false, retryAfterMs: lockedMs };

        const forgotten = now.getTime() - row.last_failed_at.getTime() > FAILURES_FORGOTTEN_AFTER_MS;
        const failures = (forgotten ? 0 : row.failures) + 1;
        const lockMs = lockMsAfter(failures);
        await manager.query(
          "update login_attempts set failures = $2, last_failed_at = $3, locked_until = $4 where email_hash = $1",
          [hash, failures, now, lockMs > 0 ? new Date(now.getTime() + lockMs) : null],
        );
        return { allowed: true };
      }),
    succeed: async (email) => {
      await source.query("delete from login_attempts where email_hash = $1", [hashEmail(email)]);
    },
  };
}
