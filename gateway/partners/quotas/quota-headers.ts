import { type Quota, secondsUntil } from "./quota";

export interface NamedQuota extends Quota {
  readonly name: "partner" | "key";
}

/** The most that a structured field's integer can be: https://www.rfc-editor.org/rfc/rfc9651#section-3.3.1 */
const MOST = 999_999_999_999_999;

/** https://www.ietf.org/archive/id/draft-ietf-httpapi-ratelimit-headers-11.html#section-3 */
export const policyField = (quotas: readonly NamedQuota[]): string =>
  quotas.map(({ name, units, windowS }) => `"${name}";q=${Math.min(units, MOST)};w=${windowS}`).join(", ");

/**
 * What is left, and for how many seconds it must do: by then the bucket is full again.
 * https://www.ietf.org/archive/id/draft-ietf-httpapi-ratelimit-headers-11.html#section-4
 * @param retryAfterS of a refusal: a `t` beyond it would contradict it
 */
export function limitField(
  quotas: readonly NamedQuota[],
  left: readonly number[],
  retryAfterS: number = Infinity,
): string {
  return quotas
    .map((quota, i) => {
      const units = left[i] ?? 0;
      return `"${quota.name}";r=${availableOf(units)};t=${Math.min(windowOf(units, quota), retryAfterS)}`;
    })
    .join(", ");
}

/** The same of the same quotas, again and again: it is put into words when it is not what it was the last time. */
export type LimitField = (left: readonly number[]) => string;

export function createLimitField(quotas: readonly NamedQuota[]): LimitField {
  const available: number[] = quotas.map(() => -1);
  const window: number[] = quotas.map(() => -1);
  let field = "";
  return (left) => {
    let isSame = true;
    for (let i = 0; i < quotas.length; i++) {
      const units = left[i] ?? 0;
      const [has, seconds] = [availableOf(units), windowOf(units, quotas[i] as NamedQuota)];
      isSame &&= has === available[i] && seconds === window[i];
      available[i] = has;
      window[i] = seconds;
    }
    return isSame ? field : (field = limitField(quotas, left));
  };
}

const availableOf = (units: number): number => Math.min(Math.max(0, Math.floor(units)), MOST);

const windowOf = (units: number, quota: NamedQuota): number =>
  Math.max(1, Math.ceil(secondsUntil(quota.units, units, quota)));
