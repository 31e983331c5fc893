import { LRUCache } from "lru-cache";
import { Arg, Directive, Field, Int, ObjectType, registerEnumType } from "type-graphql";
import { badUserInput } from "../errors";
import { VIEWER_INDEPENDENT } from "./event-directive";

/** The currencies the shop sells in. Each has a hundred minor units. */
export const CURRENCY_CODES = ["EUR", "USD", "GBP"] as const;
export type CurrencyCode = (typeof CURRENCY_CODES)[number];

export const CurrencyCodeEnum = Object.fromEntries(CURRENCY_CODES.map((code) => [code, code])) as {
  readonly [Code in CurrencyCode]: Code;
};
registerEnumType(CurrencyCodeEnum, { name: "CurrencyCode", description: "A currency, by its ISO 4217 code." });

const MINOR_UNITS = 100;
const DEFAULT_LOCALE = "en";
/** Longer than any tag in use; RFC 5646 asks for at least 35 characters. */
const MAX_LOCALE_LENGTH = 64;

/** Making a formatter costs more than using it a thousand times. Bounded, because clients choose the locales. */
const formatters = new LRUCache<string, Intl.NumberFormat>({ max: 200 });

/** Resolvers may answer a plain `{ amountMinor, currency }`. Shareable: every subgraph declares it by this class, and composes `@viewerIndependent`. */
@ObjectType({ description: "An amount of money. Always exact: count with `amountMinor`, show `formatted`." })
@Directive("@shareable")
export class Money {
  @Directive(VIEWER_INDEPENDENT)
  @Field(() => Int, { description: "The amount in the currency's smallest unit: 1999 in EUR is 19.99 euros." })
  amountMinor!: number;

  @Directive(VIEWER_INDEPENDENT)
  @Field(() => CurrencyCodeEnum, { description: "The currency of the amount." })
  currency!: CurrencyCode;

  @Directive(VIEWER_INDEPENDENT)
  @Field(() => String, { description: "The amount with its currency as people of a place write it, such as `€19.99`." })
  formatted(
    @Arg("locale", () => String, {
      nullable: true,
      description: "A BCP 47 language tag such as `de-DE`; English when left out.",
    })
    locale: string | null | undefined,
  ): string {
    return formatMoney(this, locale ?? DEFAULT_LOCALE);
  }
}

/** @throws ClientError BAD_USER_INPUT when `locale` is no BCP 47 language tag */
export function formatMoney(money: { amountMinor: number; currency: CurrencyCode }, locale: string): string {
  const name = `${locale} ${money.currency}`;
  let formatter = formatters.get(name);
  if (!formatter) {
    formatters.set(name, (formatter = createFormatter(locale, money.currency)));
  }
  return formatter.format(money.amountMinor / MINOR_UNITS);
}

function createFormatter(locale: string, currency: CurrencyCode): Intl.NumberFormat {
  try {
    if (locale.length > MAX_LOCALE_LENGTH) throw new RangeError("too long");
    return new Intl.NumberFormat(locale, { style: "currency", currency });
  } catch {
    throw badUserInput('The locale must be a BCP 47 language tag, such as "de-DE".', ["locale"]);
  }
}
