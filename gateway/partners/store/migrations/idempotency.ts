import type { MigrationInterface, QueryRunner } from "typeorm";

export class Idempotency1795300000040 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      create table idempotency_keys (
        partner_id uuid not null references partners on delete cascade,
        mode text not null check (mode in ('live', 'test')),
        key text collate "C" not null check (length(key) between 1 and 255),
        operation text not null,
        fingerprint text not null,
        state text not null check (state in ('running', 'answered', 'too-large')),
        claim uuid not null unique,
        lease_until timestamptz not null,
        status smallint,
        content_type text,
        body text,
        taken_at timestamptz not null default now(),
        expires_at timestamptz not null,
        primary key (partner_id, mode, key),
        check ((state = 'answered') = (body is not null))
      )`);
    await runner.query("create index idempotency_keys_by_expiry on idempotency_keys (expires_at)");
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query("drop table idempotency_keys");
  }
}
