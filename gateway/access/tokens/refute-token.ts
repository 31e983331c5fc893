export interface ClaimRules {
  readonly algorithms: readonly string[];
  readonly issuer: string;
  readonly audience: string;
  readonly toleranceS: number;
}

/**
 * What can be held against a token by reading it, without a key. It never says that a token is good: whoever made it up wrote its claims
 * too.
 *
 * @param token three parts with dots between them
 * @returns `undefined` when only the signature can tell
 */
export function refuteToken(token: string, rules: ClaimRules, now: Date): "invalid" | "expired" | undefined {
  const [head = "", body = ""] = token.split(".", 2);
  const header = readPart(head);
  if (!header || !rules.algorithms.includes(header["alg"] as string)) return "invalid";
  const claims = readPart(body);
  if (!claims) return "invalid";
  const { iss, aud, sub, exp } = claims;
  if (iss !== rules.issuer || typeof sub !== "string" || typeof exp !== "number") return "invalid";
  if (aud !== rules.audience && !(Array.isArray(aud) && aud.includes(rules.audience))) return "invalid";
  return isExpired(exp, now, rules.toleranceS) ? "expired" : undefined;
}

/** RFC 7519, section 4.1.4. @param expiresAtS in seconds since 1970 */
export const isExpired = (expiresAtS: number, now: Date, toleranceS: number): boolean =>
  expiresAtS <= Math.floor(now.getTime() / 1_000) - toleranceS;

function readPart(part: string): Record<string, unknown> | undefined {
  const text = Buffer.from(part, "base64url").toString("utf8");
  // What is no object at first sight is not worth an exception.
  if (!text.startsWith("{")) return undefined;
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null && !Array.isArray(value)
      ? (value as Record<string, unknown>)
      : undefined;
  } catch {
    return undefined;
  }
}
