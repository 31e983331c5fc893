import type { Attempt, WebhookEndpoint, WebhookMessage } from "./webhook";
import type { LogEntry, SealedSecret } from "./webhook-store";

/** As a partner sees an endpoint. @param secrets only when their ends are asked for */
export const describeEndpoint = (
  endpoint: WebhookEndpoint,
  secrets?: readonly SealedSecret[],
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
  ...(secrets ? { secrets: secrets.map(({ expiresAt }) => ({ expiresAt: expiresAt?.toISOString() ?? null })) } : {}),
  ...(log ? { log: log.map(({ at, kind, detail }) => ({ at: at.toISOString(), kind, detail })) } : {}),
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
