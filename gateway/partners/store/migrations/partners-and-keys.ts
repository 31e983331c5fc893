import type { MigrationInterface, QueryRunner } from "typeorm";

export class PartnersAndKeys1795300000000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      create table partners (
        id uuid primary key,
        slug text not null unique check (slug ~ '^[a-z0-9][a-z0-9-]{0,62}$'),
        name text not null,
        demo boolean not null default false,
        created_at timestamptz not null default now()
      )`);
    await runner.query(`
      create table api_keys (
        id text primary key check (id ~ '^[0-9A-Za-z]{12}$'),
        partner_id uuid not null references partners on delete cascade,
        label text not null default '',
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

  async down(runner: QueryRunner): Promise<void> {
    await runner.query("drop table api_keys, partners");
  }
}
