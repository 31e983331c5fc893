import type { MigrationInterface, QueryRunner } from "typeorm";

/** What is old is found without reading what is not. */
export class UsageByDay1795300000060 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query("create index partner_usage_day on partner_usage (day)");
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query("drop index partner_usage_day");
  }
}
