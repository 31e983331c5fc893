import type { MigrationInterface, QueryRunner } from "typeorm";

export class Webhooks1795300000050 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      create table webhook_endpoints (
        id uuid primary key,
        partner_id uuid not null references partners on delete cascade,
        url text not null,
        operation_id text not null,
        operation_name text not null,
        variables json not null,
        mode text not null check (mode in ('live', 'test')),
        scopes text[] not null,
        state text not null default 'active' check (state in ('active', 'paused', 'disabled')),
        disabled_reason text,
        failing_since timestamptz,
        parked_in_a_row integer not null default 0,
        created_at timestamptz not null
      )`);
    await runner.query("create index webhook_endpoints_partner on webhook_endpoints (partner_id, created_at)");
    // Grows with every change of an endpoint: who keeps endpoints in memory sees by one row whether they are still true.
    await runner.query("create table webhook_revision (value bigint not null)");
    await runner.query("insert into webhook_revision values (0)");
    await runner.query(`
      create table webhook_secrets (
        id uuid primary key,
        endpoint_id uuid not null references webhook_endpoints on delete cascade,
        sealed text not null,
        created_at timestamptz not null,
        expires_at timestamptz
      )`);
    await runner.query("create index webhook_secrets_endpoint on webhook_secrets (endpoint_id, created_at)");
    await runner.query(`
      create table webhook_messages (
        id text primary key,
        seq bigint generated always as identity,
        endpoint_id uuid not null references webhook_endpoints on delete cascade,
        event_id text not null,
        type text not null,
        entity text not null,
        event json not null,
        body text,
        state text not null check (state in ('queued', 'waiting', 'delivered', 'parked', 'dropped')),
        attempts integer not null default 0,
        renderings integer not null default 0,
        next_attempt_at timestamptz not null,
        locked_until timestamptz,
        lock_token uuid,
        last_error text,
        created_at timestamptz not null,
        settled_at timestamptz,
        unique (endpoint_id, event_id)
      )`);
    await runner.query("create index webhook_messages_log on webhook_messages (endpoint_id, seq)");
    await runner.query("create index webhook_messages_age on webhook_messages (created_at)");
    // Order per entity: one message of it waits for its delivery, the others are queued behind it.
    await runner.query(
      "create unique index webhook_messages_head on webhook_messages (endpoint_id, entity) where state = 'waiting'",
    );
    await runner.query(
      "create index webhook_messages_queue on webhook_messages (endpoint_id, entity, seq) where state = 'queued'",
    );
    await runner.query(
      "create index webhook_messages_due on webhook_messages (endpoint_id, next_attempt_at) where state = 'waiting' and body is not null",
    );
    await runner.query(
      "create index webhook_messages_unwritten on webhook_messages (next_attempt_at) where body is null and state in ('queued', 'waiting')",
    );
    await runner.query(`
      create table webhook_attempts (
        message_id text not null references webhook_messages on delete cascade,
        number integer not null,
        at timestamptz not null,
        status integer,
        duration_ms integer not null,
        error text,
        response text,
        primary key (message_id, number, at)
      )`);
    await runner.query(`
      create table webhook_log (
        id uuid primary key,
        endpoint_id uuid not null references webhook_endpoints on delete cascade,
        at timestamptz not null,
        kind text not null,
        detail text not null
      )`);
    await runner.query("create index webhook_log_endpoint on webhook_log (endpoint_id, at)");
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(
      "drop table webhook_log, webhook_attempts, webhook_messages, webhook_secrets, webhook_revision, webhook_endpoints",
    );
  }
}
