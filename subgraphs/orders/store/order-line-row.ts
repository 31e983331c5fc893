import { Column, Entity, PrimaryColumn } from "typeorm";

@Entity("order_lines")
export class OrderLineRow {
  @PrimaryColumn("uuid", { name: "order_id" })
  orderId!: string;

  /** From 0, in the order in which the customer put the lines in. */
  @PrimaryColumn("smallint")
  position!: number;

  @Column("uuid", { name: "variant_id" })
  variantId!: string;

  @Column("uuid", { name: "product_id" })
  productId!: string;

  @Column("text")
  title!: string;

  @Column("text")
  sku!: string;

  @Column("integer")
  quantity!: number;

  /** In the currency of the order. */
  @Column("integer", { name: "unit_price_minor" })
  unitPriceMinor!: number;
}
