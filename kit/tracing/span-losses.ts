import type { Logger } from "../log";
import { Counter, type Registry } from "../metrics";

/** Which spans reached the collector and which never will. */
export interface SpanLosses {
  sent(spans: number): void;
  /** @param why for the operator; said once in a while, however often it happens */
  lost(spans: number, why: string): void;
}

const QUIET_MS = 60_000;

/** Counts every span, and writes a line a minute at most about those that were lost. */
export function createSpanLosses({ log, metrics }: { log: Logger; metrics: Registry }): SpanLosses {
  const total = new Counter({
    name: "tracing_spans_total",
    help: "Spans that the collector took, and spans that were lost because it did not or too many waited for it.",
    labelNames: ["outcome"],
    registers: [metrics],
  });
  const sent = total.labels("sent");
  const lost = total.labels("lost");
  let unsaid = 0;
  let quietUntilMs = -Infinity;
  let isTroubled = false;

  return {
    sent: (spans) => {
      sent.inc(spans);
      if (isTroubled) log.info("spans reach the collector again");
      isTroubled = false;
      // Trouble that comes anew is told at once.
      quietUntilMs = -Infinity;
    },
    lost: (spans, reason) => {
      lost.inc(spans);
      unsaid += spans;
      isTroubled = true;
      const nowMs = performance.now();
      if (nowMs < quietUntilMs) return;
      quietUntilMs = nowMs + QUIET_MS;
      log.warn({ spans: unsaid, reason }, "spans do not reach the collector and are lost");
      unsaid = 0;
    },
  };
}
