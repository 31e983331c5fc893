import { ClientError } from "../errors";
import { formatMoney } from "../subgraph/money";

it.each([
  [1_999, "EUR", "en", "€19.99"],
  [1_999, "USD", "en-US", "$19.99"],
  [1_234_567, "GBP", "en-GB", "£12,345.67"],
  [1_234_567, "EUR", "de-DE", "12.345,67\u00a0€"],
  [0, "EUR", "en", "€0.00"],
  [-5, "EUR", "en", "-€0.05"],
  [2_147_483_647, "EUR", "en", "€21,474,836.47"],
] as const)("%d minor units of %s are written in %s as %s", (amountMinor, currency, locale, text) => {
  expect(formatMoney({ amountMinor, currency }, locale)).toBe(text);
});

it.each(["", "no locale", "de_DE", "x".repeat(65), "en-".repeat(20)])("the locale %j is refused", (locale) => {
  expect(() => formatMoney({ amountMinor: 1, currency: "EUR" }, locale)).toThrow(ClientError);
});
