import type { MigrationInterface, QueryRunner } from "typeorm";

/** Partners and their keys are in a database of the gateway's own: docs/adr/0020-partners-live-in-the-gateways-database.md. */
export class PartnersMovedToTheGateway1795310000000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query("drop table api_keys, partners");
  }

  async down(runner: QueryRunner): Promise<void> {
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
  }
}
