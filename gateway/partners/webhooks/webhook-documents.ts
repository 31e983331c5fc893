import type { Attempt, WebhookEndpoint, WebhookMessage } from "./webhook";
import type { LogEntry } from "./webhook-store";

/** What of a secret a partner may see. */
export interface ShownSecret {
  readonly expiresAt: Date | undefined;
  /** Of an endpoint that is signed for by `v1a`. */
  readonly publicKey: string | undefined;
}

/** As a partner sees an endpoint. @param secrets only when they are asked for */
export const describeEndpoint = (
  endpoint: WebhookEndpoint,
  secrets?: readonly ShownSecret[],
  log?: readonly LogEntry[],
) => ({
  id: endpoint.id,
  url: endpoint.url,
  operation: endpoint.operationName,
  operationId: endpoint.operationId,
  variables: endpoint.variables,
  mode: endpoint.mode,
  state: endpoint.state,
  disabledReason: endpoint.disabledReason ?? null,
  failingSince: endpoint.failingSince?.toISOString() ?? null,
  createdAt: endpoint.createdAt.toISOString(),
  ...(secrets ? { secrets: secrets.map(describeSecret) } : {}),
  ...(log ? { log: log.map(({ at, kind, detail }) => ({ at: at.toISOString(), kind, detail })) } : {}),
});

const describeSecret = ({ expiresAt, publicKey }: ShownSecret) => ({
  expiresAt: expiresAt?.toISOString() ?? null,
  ...(publicKey === undefined ? {} : { publicKey }),
});

export const describeAttempt = (attempt: Attempt) => ({
  at: attempt.at.toISOString(),
  status: attempt.status ?? null,
  durationMs: Math.round(attempt.durationMs),
  error: attempt.error ?? null,
  response: attempt.response ?? null,
});

/** As the delivery log shows it. */
export const describeMessage = (message: WebhookMessage, attempts: readonly Attempt[]) => ({
  id: message.id,
  type: message.type,
  eventId: message.eventId,
  state: message.state,
  nextAttemptAt: message.settledAt ? null : message.nextAttemptAt.toISOString(),
  lastError: message.lastError ?? null,
  createdAt: message.createdAt.toISOString(),
  settledAt: message.settledAt?.toISOString() ?? null,
  attempts: attempts.map(describeAttempt),
});
