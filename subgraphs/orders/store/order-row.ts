import { Column, Entity, PrimaryColumn } from "typeorm";
import type { Currency } from "../domain/money";
import type { CancelReason, Order } from "../domain/order";
import type { OrderStatus } from "../domain/transitions";

@Entity("orders")
export class OrderRow implements Order {
  @PrimaryColumn("uuid")
  id!: string;

  @Column("text")
  number!: string;

  @Column("uuid", { name: "customer_id" })
  customerId!: string;

  @Column("text")
  status!: OrderStatus;

  @Column("text", { name: "cancel_reason", nullable: true })
  cancelReason!: CancelReason | null;

  @Column("text")
  currency!: Currency;

  @Column("integer", { name: "total_minor" })
  totalMinor!: number;

  @Column("timestamptz", { name: "placed_at" })
  placedAt!: Date;

  @Column("timestamptz", { name: "updated_at" })
  updatedAt!: Date;

  @Column("integer")
  version!: number;

  @Column("text", { name: "idempotency_key", nullable: true, select: false })
  idempotencyKey?: string | null;

  /** Of the request that placed the order, to know the same request from another one with the same key. */
  @Column("text", { name: "request_fingerprint", nullable: true, select: false })
  requestFingerprint?: string | null;
}
