export const CURRENCIES = ["EUR", "USD", "GBP"] as const;
export type Currency = (typeof CURRENCIES)[number];

/** An amount in the smallest unit of its currency: 1999 EUR is 19.99 euros. Always a whole number, never below zero. */
export interface Money {
  readonly amountMinor: number;
  readonly currency: Currency;
}

/** The largest amount that GraphQL's Int, and so the API, can say: about 21 million in the main unit. */
export const MAX_AMOUNT_MINOR = 2_147_483_647;
