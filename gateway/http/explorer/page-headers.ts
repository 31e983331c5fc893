import type { IncomingMessage } from "node:http";

/** On every answer of the explorer. */
const common = {
  "x-content-type-options": "nosniff",
  "referrer-policy": "no-referrer",
  "cross-origin-resource-policy": "same-origin",
} as const;

/**
 * The page's headers: everything from this server, nothing inline but styles (Monaco positions its lines with them), no
 * framing. `connect-src` names the page's own host for WebSockets too: not every browser in use counts ws: as 'self'.
 */
export function pageHeaders(req: IncomingMessage): Record<string, string> {
  const policy = [
    "default-src 'none'",
    "script-src 'self'",
    "worker-src 'self'",
    "style-src 'self' 'unsafe-inline'",
    "font-src 'self' data:",
    "img-src 'self' data:",
    `connect-src ${["'self'", ...websocketOrigins(req.headers.host)].join(" ")}`,
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ];
  return {
    ...common,
    "content-security-policy": policy.join("; "),
    "x-frame-options": "DENY",
    "cross-origin-opener-policy": "same-origin",
    "permissions-policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
  };
}

/** Scripts, workers, styles and fonts. The policy of a worker is the one its script came with: it may reach nothing. */
export function assetHeaders(): Record<string, string> {
  return { ...common, "content-security-policy": "default-src 'none'" };
}

/** The Host header is the client's word; only what is a host and nothing else gets into the policy. */
function websocketOrigins(host: string | undefined): string[] {
  const isHost = host !== undefined && /^(?:[a-z0-9._-]+|\[[0-9a-f:.]+\])(?::\d{1,5})?$/i.test(host);
  return isHost ? [`ws://${host}`, `wss://${host}`] : [];
}
