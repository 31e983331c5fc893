import type { ServerResponse } from "node:http";
import type { Problem } from "../partners/rest/problem";
import { endWithText } from "./end-with-text";

const MORE: Readonly<Record<number, Readonly<Record<string, string>>>> = {
  401: { "www-authenticate": 'Bearer realm="partner"' },
  503: { "retry-after": "1" },
};

/** https://www.rfc-editor.org/rfc/rfc9457 */
export function sendProblem(
  res: ServerResponse,
  problem: Problem,
  requestId: string,
  headers: Readonly<Record<string, string>> = {},
): void {
  const body = JSON.stringify({ type: "about:blank", ...problem, requestId });
  const length = Buffer.byteLength(body);
  res.writeHead(problem.status, {
    "content-type": "application/problem+json; charset=utf-8",
    "content-length": length,
    "cache-control": "no-store",
    ...MORE[problem.status],
    ...headers,
  });
  // Node leaves the body of an answer to HEAD out.
  endWithText(res, body, length);
}
