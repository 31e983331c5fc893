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
        operations text[],
        allowed_ips cidr[],
        expires_at timestamptz,
        revoked_at timestamptz,
        last_used_at timestamptz,
        demo boolean not null default false,
        created_at timestamptz not null default now()
      )`);
    await runner.query("create index api_keys_partner on api_keys (partner_id)");
    // Gateways remember keys for a moment: whatever changes one, a command or an operator's SQL, tells them to forget it. The last use is no change.
    await runner.query(`
      create function tell_of_key() returns trigger language plpgsql as $$
      begin
        perform pg_notify('api_key_changed', case when tg_op = 'DELETE' then old.id else new.id end);
        return null;
      end $$`);
    await runner.query(`
      create trigger api_keys_told after insert or delete or update of
        partner_id, hash, mode, scopes, operations, allowed_ips, expires_at, revoked_at, demo
      on api_keys for each row execute function tell_of_key()`);
    await runner.query(`
      create function tell_of_partner() returns trigger language plpgsql as $$
      begin
        perform pg_notify('api_key_changed', id) from api_keys where partner_id = new.id;
        return null;
      end $$`);
    await runner.query(
      "create trigger partners_told after update on partners for each row execute function tell_of_partner()",
    );
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query("drop table api_keys, partners");
    await runner.query("drop function tell_of_key(), tell_of_partner()");
  }
}
