import type { JSONSchemaType } from "ajv";

/** An amount in the smallest unit of its currency: 1999 EUR is 19.99 euros. */
export interface MoneyData {
  amountMinor: number;
  /** ISO 4217. */
  currency: string;
}

export const moneySchema: JSONSchemaType<MoneyData> = {
  type: "object",
  required: ["amountMinor", "currency"],
  properties: { amountMinor: { type: "integer", minimum: 0 }, currency: { type: "string", pattern: "^[A-Z]{3}$" } },
};
