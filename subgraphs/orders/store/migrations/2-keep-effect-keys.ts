import type { MigrationInterface, QueryRunner } from "typeorm";

export class KeepEffectKeys1795300000000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query("alter table order_events add column effect_key text");
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query("alter table order_events drop column effect_key");
  }
}
