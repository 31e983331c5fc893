import type { IncomingMessage, ServerResponse } from "node:http";
import type { Registry } from "prom-client";
import type { Health } from "../health";

/** Answers with a JSON body. */
export function respondJson(
  res: ServerResponse,
  status: number,
  body: unknown,
  headers: Readonly<Record<string, string>> = {},
): void {
  const text = JSON.stringify(body);
  res.writeHead(status, {
    "content-type": "application/json; charset=utf-8",
    "content-length": Buffer.byteLength(text),
    "cache-control": "no-store",
    ...headers,
  });
  res.end(text);
}

/**
 * The operators' routes that every service has: `GET /health/live`, `GET /health/ready` (200 or 503 with one word per check) and `GET /metrics`.
 * @returns false when the request is for something else
 */
export async function respondToOperator(
  req: IncomingMessage,
  res: ServerResponse,
  { health, metrics }: { health: Health; metrics: Registry },
): Promise<boolean> {
  const path = (req.url ?? "/").split("?", 1)[0] ?? "/";
  if (req.method !== "GET" && req.method !== "HEAD") return false;
  switch (path) {
    case "/health/live":
      respondJson(res, 200, { live: true });
      return true;
    case "/health/ready": {
      const report = await health.report();
      respondJson(res, report.ready ? 200 : 503, report);
      return true;
    }
    case "/metrics":
      res.writeHead(200, { "content-type": metrics.contentType });
      res.end(await metrics.metrics());
      return true;
    default:
      return false;
  }
}
