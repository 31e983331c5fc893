import { Column, Entity, PrimaryColumn } from "typeorm";
import type { CancelReason } from "../domain/order";
import type { Happening } from "../domain/transitions";

/** One entry of an order's timeline. Written in the transaction of the change, and never changed again. */
@Entity("order_events")
export class OrderEventRow {
  @PrimaryColumn("uuid", { name: "order_id" })
  orderId!: string;

  /** The version that the order has after it, from 1 without a gap. */
  @PrimaryColumn("integer")
  seq!: number;

  @Column("text")
  type!: "PLACED" | Happening;

  @Column("timestamptz")
  at!: Date;

  /** Who did it: `user:<id>`, `service:products`. */
  @Column("text")
  actor!: string;

  @Column("text", { nullable: true })
  reason!: CancelReason | null;

  /** Of a change that may be asked for again. */
  @Column("text", { name: "effect_key", nullable: true })
  effectKey?: string | null;
}
