import type { MigrationInterface, QueryRunner } from "typeorm";
import { CREATE_OUTBOX_TABLE } from "../../../../kit/postgres/outbox-table";

export class InitialSchema1795219200000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    // Addresses are ASCII in small letters (domain/email.ts); the check makes "unique" mean "in any letters".
    await runner.query(`
      create table users (
        id uuid primary key,
        email text not null constraint users_email_unique unique check (email = lower(email collate "C")),
        name text not null,
        password_hash text not null,
        roles text[] not null check (roles <@ array['CUSTOMER', 'STAFF', 'ADMIN']),
        demo boolean not null default false,
        created_at timestamptz not null
      )`);
    await runner.query(`
      create table sessions (
        id uuid primary key,
        user_id uuid not null references users on delete cascade,
        created_at timestamptz not null,
        last_used_at timestamptz not null,
        ended_at timestamptz,
        end_reason text check (end_reason in ('logged-out', 'token-reused'))
      )`);
    await runner.query("create index sessions_user on sessions (user_id)");
    await runner.query(`
      create table refresh_tokens (
        hash bytea primary key,
        session_id uuid not null references sessions on delete cascade,
        created_at timestamptz not null,
        expires_at timestamptz not null,
        used_at timestamptz
      )`);
    await runner.query("create index refresh_tokens_session on refresh_tokens (session_id)");
    await runner.query(`
      create table login_attempts (
        email_hash bytea primary key,
        failures integer not null,
        last_failed_at timestamptz not null,
        locked_until timestamptz
      )`);
    await runner.query("create index login_attempts_last_failed_at on login_attempts (last_failed_at)");
    await runner.query(`
      create table signing_keys (
        kid text primary key,
        private_jwk_encrypted bytea not null,
        public_jwk jsonb not null,
        created_at timestamptz not null default now(),
        retired_at timestamptz
      )`);
    await runner.query(`
      create table partners (
        id uuid primary key,
        slug text not null unique,
        name text not null,
        created_at timestamptz not null default now()
      )`);
    await runner.query(`
      create table api_keys (
        id text primary key,
        partner_id uuid not null references partners on delete cascade,
        hash text not null,
        mode text not null check (mode in ('live', 'test')),
        scopes text[] not null,
        expires_at timestamptz,
        revoked_at timestamptz,
        last_used_at timestamptz,
        demo boolean not null default false,
        created_at timestamptz not null default now()
      )`);
    await runner.query("create index api_keys_partner on api_keys (partner_id)");
    await runner.query(CREATE_OUTBOX_TABLE);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(
      "drop table outbox, api_keys, partners, signing_keys, login_attempts, refresh_tokens, sessions, users",
    );
  }
}
