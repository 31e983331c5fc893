import type { MigrationInterface, QueryRunner } from "typeorm";

export class Usage1795300000030 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    // Keys may be deleted; what they were used for stays.
    await runner.query(`
      create table partner_usage (
        partner_id uuid not null references partners on delete cascade,
        day date not null,
        operation text not null,
        key_id text not null,
        calls bigint not null,
        failed_calls bigint not null,
        errors jsonb not null,
        latency jsonb not null,
        cost numeric not null,
        answer_bytes numeric not null,
        deprecated_fields jsonb not null,
        doors jsonb not null,
        client jsonb not null,
        last_call_at timestamptz not null,
        primary key (partner_id, day, operation, key_id)
      )`);
    await runner.query(`
      create table partner_usage_writers (
        writer uuid primary key,
        batch bigint not null,
        at timestamptz not null default now()
      )`);
    // Counts by name.
    await runner.query(`
      create function add_counts(a jsonb, b jsonb) returns jsonb language sql immutable as $$
        select coalesce(jsonb_object_agg(key, total), '{}') from (
          select key, sum(value::bigint) as total
          from (select * from jsonb_each_text(a) union all select * from jsonb_each_text(b)) as every
          group by key
        ) as sums
      $$`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query("drop table partner_usage, partner_usage_writers");
    await runner.query("drop function add_counts(jsonb, jsonb)");
  }
}
