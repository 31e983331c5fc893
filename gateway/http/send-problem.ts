import type { ServerResponse } from "node:http";
import type { Problem } from "../partners/rest/problem";

/** https://www.rfc-editor.org/rfc/rfc9457 */
export function sendProblem(
  res: ServerResponse,
  problem: Problem,
  requestId: string,
  headers: Readonly<Record<string, string>> = {},
): void {
  const body = JSON.stringify({ type: "about:blank", ...problem, requestId });
  res.writeHead(problem.status, {
    "content-type": "application/problem+json; charset=utf-8",
    "content-length": Buffer.byteLength(body),
    "cache-control": "no-store",
    ...(problem.status === 401 ? { "www-authenticate": 'Bearer realm="partner"' } : {}),
    ...(problem.status === 503 ? { "retry-after": "1" } : {}),
    ...headers,
  });
  // Node leaves the body of an answer to HEAD out.
  res.end(body);
}
