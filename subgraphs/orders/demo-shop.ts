import { DEMO_ACCOUNTS, DEMO_LAST_UNIT_VARIANT, DEMO_VARIANT } from "../../schema/demo";
import type { DemoShop } from "./store/seed-demo-orders";

const accountOf = (role: "CUSTOMER" | "STAFF"): string => {
  const account = DEMO_ACCOUNTS.find((candidate) => candidate.role === role);
  if (!account) throw new Error(`there is no demo account with the role ${role}`);
  return account.id;
};

/** Whose and which orders the demo has; the products subgraph seeds the same variants. */
export const DEMO_SHOP: DemoShop = {
  customerId: accountOf("CUSTOMER"),
  staffId: accountOf("STAFF"),
  variants: [
    {
      variantId: DEMO_VARIANT.variantId,
      productId: DEMO_VARIANT.productId,
      title: "River Stone Mug",
      sku: DEMO_VARIANT.sku,
      price: { amountMinor: 1_490, currency: "EUR" },
      forSale: true,
    },
    {
      variantId: DEMO_LAST_UNIT_VARIANT.variantId,
      productId: DEMO_LAST_UNIT_VARIANT.productId,
      title: "Delta, signature print",
      sku: DEMO_LAST_UNIT_VARIANT.sku,
      price: { amountMinor: 8_900, currency: "EUR" },
      forSale: true,
    },
  ],
};
