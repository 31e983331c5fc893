import type { MigrationInterface, QueryRunner } from "typeorm";

/** Null: the quota of the gateway's settings. */
export class Quotas1795300000020 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    for (const table of ["partners", "api_keys"]) {
      await runner.query(`
        alter table ${table}
          add column quota_units bigint check (quota_units between 1 and 1000000000000),
          add column quota_window_s integer check (quota_window_s between 1 and 31622400),
          add constraint ${table}_quota check ((quota_units is null) = (quota_window_s is null))`);
    }
    await runner.query(`
      create trigger api_keys_quota_told after update of quota_units, quota_window_s
      on api_keys for each row execute function tell_of_key()`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query("drop trigger api_keys_quota_told on api_keys");
    for (const table of ["partners", "api_keys"]) {
      await runner.query(`alter table ${table} drop column quota_units, drop column quota_window_s`);
    }
  }
}
