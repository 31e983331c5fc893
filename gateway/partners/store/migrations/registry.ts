import type { MigrationInterface, QueryRunner } from "typeorm";

export class Registry1795300000010 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    // An id stands for one text for ever: clients that are out there keep it.
    await runner.query(`
      create table operations (
        partner_id uuid not null references partners on delete cascade,
        id text not null,
        name text not null,
        type text not null check (type in ('query', 'mutation', 'subscription')),
        body text not null,
        created_at timestamptz not null default now(),
        primary key (partner_id, id)
      )`);
    await runner.query(`
      create table operation_versions (
        partner_id uuid not null references partners on delete cascade,
        number integer not null check (number > 0),
        state text not null check (state in ('pending', 'active', 'deprecated', 'retired')),
        author text not null,
        note text not null default '',
        created_at timestamptz not null,
        published_at timestamptz check (published_at is not null or state in ('pending', 'retired')),
        deprecated_at timestamptz check (deprecated_at is not null or state <> 'deprecated'),
        sunset_at timestamptz check (sunset_at is not null or state <> 'deprecated'),
        retired_at timestamptz check (retired_at is not null or state <> 'retired'),
        primary key (partner_id, number)
      )`);
    await runner.query(
      "create unique index one_active_version on operation_versions (partner_id) where state = 'active'",
    );
    await runner.query(`
      create table operation_version_members (
        partner_id uuid not null,
        number integer not null,
        operation_id text not null,
        rest_method text check (rest_method in ('GET', 'POST')),
        rest_path text,
        check ((rest_method is null) = (rest_path is null)),
        primary key (partner_id, number, operation_id),
        foreign key (partner_id, number) references operation_versions on delete cascade,
        foreign key (partner_id, operation_id) references operations on delete cascade
      )`);
    await runner.query(`
      create table operation_deprecations (
        partner_id uuid not null references partners on delete cascade,
        name text not null,
        deprecated_at timestamptz not null,
        sunset_at timestamptz not null,
        successor text,
        primary key (partner_id, name)
      )`);
    // One row, which whoever changes something locks first. Gateways are told of whatever changed, also of an operator's own SQL.
    await runner.query(`
      create table operation_registry (
        id boolean primary key default true check (id),
        revision bigint not null default 0
      )`);
    await runner.query("insert into operation_registry default values");
    await runner.query(`
      create function tell_of_operations() returns trigger language plpgsql as $$
      begin
        update operation_registry set revision = revision + 1;
        perform pg_notify('operations_changed', '');
        return null;
      end $$`);
    for (const table of ["operations", "operation_versions", "operation_version_members", "operation_deprecations"]) {
      await runner.query(
        `create trigger ${table}_told after insert or update or delete on ${table} for each statement execute function tell_of_operations()`,
      );
    }
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(
      "drop table operation_deprecations, operation_version_members, operation_versions, operations, operation_registry",
    );
    await runner.query("drop function tell_of_operations()");
  }
}
