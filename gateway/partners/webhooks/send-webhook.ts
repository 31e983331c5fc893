import type { Dispatcher } from "undici";
import { loadUndici } from "../../../kit/http/load-undici";
import type { WebhookHeaders } from "./sign-webhook";
import { createGuardedLookup, refuseTarget, TargetRefused, type TargetRules } from "./target-address";
import type { Attempt } from "./webhook";

/** One POST, whatever comes of it. */
export interface SendWebhook {
  (request: {
    readonly url: string;
    readonly headers: WebhookHeaders;
    readonly body: string;
    readonly at: Date;
  }): Promise<Attempt>;
}

export interface WebhookSender {
  readonly send: SendWebhook;
  close(): Promise<void>;
}

const TIMEOUT_MS = 15_000;
/** Of the answer's body, once its status is known: it only goes into the log. */
const BODY_TIMEOUT_MS = 2_000;
const MAX_RESPONSE_BYTES = 4_096;
const KEEP_ALIVE_MS = 10_000;

/**
 * Sends webhooks over connections of their own. Redirects are not followed: where they lead to nobody has checked.
 * @param options.lookup in place of the system's, for tests
 */
export function createWebhookSender(options: {
  rules: TargetRules;
  timeoutMs?: number;
  lookup?: Parameters<typeof createGuardedLookup>[1];
}): WebhookSender {
  const { rules, timeoutMs = TIMEOUT_MS } = options;
  const agent = new (loadUndici().Agent)({
    // No bound per origin: partners may share a host, and must not wait for each other there. The worker bounds them.
    connections: null,
    pipelining: 1,
    keepAliveTimeout: KEEP_ALIVE_MS,
    keepAliveMaxTimeout: KEEP_ALIVE_MS,
    connect: { lookup: createGuardedLookup(rules, options.lookup), timeout: timeoutMs },
  });

  const send: SendWebhook = async ({ url, headers, body, at }) => {
    const startedAtMs = performance.now();
    const ended = (status: number | undefined, error: string | undefined, response?: string): Attempt => ({
      at,
      status,
      durationMs: performance.now() - startedAtMs,
      error,
      response,
    });
    // The rules may have become stricter since the endpoint was made.
    const refusal = refuseTarget(url, rules);
    if (refusal !== undefined) return ended(undefined, refusal);
    const { origin, pathname, search } = new URL(url);
    const signal = AbortSignal.timeout(timeoutMs);
    try {
      const answer = await agent.request({
        origin,
        path: pathname + search,
        method: "POST",
        headers: { "content-type": "application/json", "user-agent": "Tributary-Webhooks/1", ...headers },
        body,
        signal,
        headersTimeout: timeoutMs,
        bodyTimeout: timeoutMs,
      });
      const response = await beginningOf(answer.body);
      const { statusCode: status } = answer;
      return ended(status, status >= 200 && status < 300 ? undefined : reasonOf(status), response);
    } catch (error) {
      return ended(undefined, signal.aborted ? `There was no answer within ${timeoutMs} ms.` : wordsFor(error));
    }
  };
  return { send, close: () => agent.destroy() };
}

const reasonOf = (status: number): string =>
  status >= 300 && status < 400
    ? `The answer was a redirect (${status}), which is not followed.`
    : `The answer had the status ${status}.`;

/** What the endpoint says at first, whatever it says after that. */
async function beginningOf(body: Dispatcher.ResponseData["body"]): Promise<string | undefined> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  const timer = setTimeout(() => body.destroy(), BODY_TIMEOUT_MS);
  try {
    for await (const chunk of body as AsyncIterable<Buffer>) {
      chunks.push(chunk);
      bytes += chunk.length;
      if (bytes >= MAX_RESPONSE_BYTES) break;
    }
  } catch {
    // It was cut short: what there is of it is what the log gets.
  } finally {
    clearTimeout(timer);
    body.on("error", () => undefined).destroy();
  }
  const text = Buffer.concat(chunks).subarray(0, MAX_RESPONSE_BYTES).toString("utf8").replaceAll("\u0000", "");
  return text === "" ? undefined : text;
}

/** Codes of Node and undici that partners can act on; everything else is just a failure. */
const WORDS: Readonly<Record<string, string>> = {
  ECONNREFUSED: "The connection was refused.",
  ECONNRESET: "The connection was reset.",
  ENOTFOUND: "The name of the host is not known.",
  EAI_AGAIN: "The name of the host could not be resolved.",
  EHOSTUNREACH: "The host cannot be reached.",
  ENETUNREACH: "The host cannot be reached.",
  ETIMEDOUT: "The connection could not be made in time.",
  UND_ERR_CONNECT_TIMEOUT: "The connection could not be made in time.",
  UND_ERR_SOCKET: "The connection was closed before the answer.",
  UND_ERR_HEADERS_OVERFLOW: "The headers of the answer are too large.",
  CERT_HAS_EXPIRED: "The certificate has expired.",
  DEPTH_ZERO_SELF_SIGNED_CERT: "The certificate is signed by nobody known.",
  SELF_SIGNED_CERT_IN_CHAIN: "The certificate is signed by nobody known.",
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: "The certificate is signed by nobody known.",
  ERR_TLS_CERT_ALTNAME_INVALID: "The certificate is for another name.",
};

function wordsFor(error: unknown): string {
  // One error for each address that was tried.
  const first: unknown = error instanceof AggregateError ? error.errors[0] : error;
  if (first instanceof TargetRefused) return first.message;
  const { code } = (first ?? {}) as { code?: unknown };
  return (typeof code === "string" ? WORDS[code] : undefined) ?? "The request failed.";
}
