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
  let field = "";
  for (let i = 0; i < quotas.length; i++) {
    const quota = quotas[i] as NamedQuota;
    const units = left[i] ?? 0;
    const available = Math.min(Math.max(0, Math.floor(units)), MOST);
    const window = Math.max(1, Math.ceil(secondsUntil(quota.units, units, quota)));
    field += `${i === 0 ? "" : ", "}"${quota.name}";r=${available};t=${Math.min(window, retryAfterS)}`;
  }
  return field;
}
