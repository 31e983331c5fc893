import type { MigrationInterface, QueryRunner } from "typeorm";
import { CREATE_INBOX_TABLE } from "../../../../kit/postgres/inbox-table";
import { CREATE_OUTBOX_TABLE } from "../../../../kit/postgres/outbox-table";

/** TypeORM sorts migrations by the number at the end of the name. */
export class CreateOrders1795219200000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query("create sequence order_numbers");
    // Statuses are not listed here: the transition table of the domain is the one place that knows them.
    await runner.query(`
      create table orders (
        id uuid primary key,
        number text not null unique,
        customer_id uuid not null,
        status text not null,
        cancel_reason text,
        currency text not null check (currency ~ '^[A-Z]{3}$'),
        total_minor integer not null check (total_minor >= 0),
        placed_at timestamptz(3) not null,
        updated_at timestamptz(3) not null,
        version integer not null check (version >= 1),
        idempotency_key text,
        request_fingerprint text,
        constraint one_order_per_key unique (customer_id, idempotency_key),
        check ((status = 'CANCELLED') = (cancel_reason is not null)),
        check ((idempotency_key is null) = (request_fingerprint is null))
      )`);
    await runner.query("create index orders_of_customer on orders (customer_id, placed_at, id)");
    await runner.query("create index orders_by_age on orders (placed_at, id)");
    await runner.query("create index orders_by_status on orders (status, placed_at, id)");
    await runner.query(`
      create table order_lines (
        order_id uuid not null references orders (id),
        position smallint not null,
        variant_id uuid not null,
        product_id uuid not null,
        title text not null,
        sku text not null,
        quantity integer not null check (quantity between 1 and 1000),
        unit_price_minor integer not null check (unit_price_minor >= 0),
        primary key (order_id, position)
      )`);
    await runner.query(`
      create table order_events (
        order_id uuid not null references orders (id),
        seq integer not null,
        type text not null,
        at timestamptz(3) not null,
        actor text not null,
        reason text,
        primary key (order_id, seq)
      )`);
    await runner.query(CREATE_OUTBOX_TABLE);
    await runner.query(CREATE_INBOX_TABLE);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query("drop table inbox, outbox, order_events, order_lines, orders");
    await runner.query("drop sequence order_numbers");
  }
}
