/**
 * The people and keys of the demo shop. Public knowledge: they are seeded into empty stores of a development platform only, and every
 * service refuses them when NODE_ENV is "production".
 */
export interface DemoAccount {
  readonly id: string;
  readonly email: string;
  readonly password: string;
  readonly name: string;
  readonly role: "CUSTOMER" | "STAFF" | "ADMIN";
}

const PASSWORD = "tributary-demo-1";

export const DEMO_ACCOUNTS: readonly DemoAccount[] = [
  {
    id: "01890000-0000-7000-8000-000000000001",
    email: "customer@tributary.test",
    password: PASSWORD,
    name: "Casey Customer",
    role: "CUSTOMER",
  },
  {
    id: "01890000-0000-7000-8000-000000000002",
    email: "staff@tributary.test",
    password: PASSWORD,
    name: "Sam Staff",
    role: "STAFF",
  },
  {
    id: "01890000-0000-7000-8000-000000000003",
    email: "admin@tributary.test",
    password: PASSWORD,
    name: "Alex Admin",
    role: "ADMIN",
  },
];

export const DEMO_PARTNER = {
  id: "01890000-0000-7000-8000-0000000000a1",
  slug: "acme",
  name: "Acme Marketplace",
  /** Parts of the demo keys; `composeApiKey` of the kit adds the checksum. */
  keyId: "demoAcme0001",
  testKeyId: "demoAcme0002",
  keySecret: "0123456789abcdefghijklmnopqrstuv",
} as const;

/** The key as a partner sends it. A test keeps it equal to what `composeApiKey` makes of the parts. */
export const DEMO_PARTNER_KEY = "trib_live_demoAcme00010123456789abcdefghijklmnopqrstuv2VTBNS";

/** The same for calls that change nothing. */
export const DEMO_PARTNER_TEST_KEY = "trib_test_demoAcme00020123456789abcdefghijklmnopqrstuv3sZtcQ";

/** A variant that the demo shop always has in stock, for the commands printed at start. */
export const DEMO_VARIANT = {
  productId: "01890000-0000-7000-8000-0000000b0001",
  productSlug: "river-stone-mug",
  variantId: "01890000-0000-7000-8000-0000000c0001",
  sku: "MUG-STONE-350",
} as const;

/** A variant of which exactly one unit exists, to see an order being rejected. */
export const DEMO_LAST_UNIT_VARIANT = {
  productId: "01890000-0000-7000-8000-0000000b0002",
  productSlug: "delta-signature-print",
  variantId: "01890000-0000-7000-8000-0000000c0002",
  sku: "PRINT-DELTA-1",
} as const;
