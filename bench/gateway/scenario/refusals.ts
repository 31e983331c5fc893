import { DIGITS } from "../processes/numbered-request";

/** A request that ours has to refuse, and cheaply: no two are alike, as an attacker's would not be. */
export interface Refusal {
  readonly id: string;
  readonly label: string;
  readonly body: string;
  /** The token to send, given one that is good. */
  readonly token: (good: string) => string;
  /** What the answer must contain, and with which status. */
  readonly status: number;
  readonly code: string;
}

const SIGNATURE_MIDDLE = 20;

function withForgedSignature(token: string): string {
  const start = token.lastIndexOf(".") + 1 + SIGNATURE_MIDDLE;
  return token.slice(0, start) + DIGITS + token.slice(start + DIGITS.length);
}

/** Forty levels; the gateway's default limit is thirty. */
const deepSelection = `${"reviews { author { ".repeat(20)}id${" } }".repeat(20)}`;

export const refusals: readonly Refusal[] = [
  {
    id: "refused-token",
    label: "bad token",
    body: JSON.stringify({ query: "{ users { id username name } }" }),
    token: withForgedSignature,
    status: 401,
    code: "UNAUTHENTICATED",
  },
  {
    id: "refused-id",
    label: "unknown persisted id",
    body: JSON.stringify({
      extensions: { persistedQuery: { version: 1, sha256Hash: `${"a".repeat(56)}${DIGITS}` } },
    }),
    token: (good) => good,
    status: 200,
    code: "PERSISTED_QUERY_NOT_FOUND",
  },
  {
    id: "refused-limit",
    label: "over the depth limit",
    body: JSON.stringify({ query: `query Deep${DIGITS} { users { ${deepSelection} } }` }),
    token: (good) => good,
    status: 400,
    code: "OPERATION_LIMIT_EXCEEDED",
  },
];
