import type { Money } from "./money";
import type { Origin } from "./origin";

/** What the catalogue says about a variant now. */
export interface Quote {
  readonly variantId: string;
  readonly productId: string;
  readonly title: string;
  readonly sku: string;
  readonly price: Money;
  /** False while its product is a draft or archived. Says nothing about stock: that is decided after the order is placed. */
  readonly forSale: boolean;
}

/** The only place where prices come from: never the client. */
export interface PriceSource {
  /**
   * Asks once for all.
   * @returns by variant id; without those that do not exist
   * @throws ClientError SERVICE_UNAVAILABLE when the catalogue does not answer
   */
  quote(variantIds: readonly string[], origin: Origin): Promise<ReadonlyMap<string, Quote>>;
}
