import { type DestinationStream, type Logger, pino } from "pino";

export type { Logger };

/** Paths whose values never reach a log line. */
const REDACTED = [
  "password",
  "*.password",
  "token",
  "*.token",
  "accessToken",
  "refreshToken",
  "authorization",
  "*.authorization",
  "headers.authorization",
  'headers["x-api-key"]',
  'headers["x-tributary-identity"]',
  "secret",
  "*.secret",
  "apiKey",
];

/**
 * One logger per process: JSON lines on standard output, each with the service's name.
 * Attributes first, then a constant lower-case sentence: `log.info({ orderId }, "order placed")`.
 *
 * @param destination in place of standard output, written to at once; see `createTurnDestination`
 */
export function createLogger(
  service: string,
  level: string,
  destination: DestinationStream = pino.destination({ fd: 1, sync: true }),
): Logger {
  return pino(
    {
      level,
      base: { service },
      timestamp: createTimestamp(),
      formatters: { level: (label) => ({ level: label }) },
      redact: { paths: REDACTED, censor: "[redacted]" },
      serializers: { err: pino.stdSerializers.errWithCause, cause: pino.stdSerializers.errWithCause },
    },
    destination,
  );
}

/** As pino's `isoTime`, written once for the lines of one millisecond. */
function createTimestamp(): () => string {
  let writtenMs = Number.NaN;
  let text = "";
  return () => {
    const nowMs = Date.now();
    if (nowMs !== writtenMs) {
      writtenMs = nowMs;
      text = `,"time":"${new Date(nowMs).toISOString()}"`;
    }
    return text;
  };
}
