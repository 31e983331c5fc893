import type { ReadableSpan, SpanExporter, SpanProcessor } from "@opentelemetry/sdk-trace-base";
import type { SpanLosses } from "./span-losses";

type ExportResult = Parameters<Parameters<SpanExporter["export"]>[1]>[0];

/**
 * Lets so many spans wait for the collector and counts what becomes of each. A collector that is away or hangs costs no more than the
 * memory of those: what comes beyond is lost.
 *
 * @param options.send sends batches
 * @param options.batch makes batches of ended spans and gives them to the exporter that it is handed
 */
export function createBoundedExport(options: {
  maxWaiting: number;
  losses: SpanLosses;
  send: SpanExporter;
  batch: (exporter: SpanExporter) => SpanProcessor;
}): { readonly processor: SpanProcessor; readonly waiting: number } {
  const { maxWaiting, losses, send, batch } = options;
  let waiting = 0;

  const batches = batch({
    export: (spans, onResult) =>
      send.export(spans, (result) => {
        waiting -= spans.length;
        if (isSent(result)) losses.sent(spans.length);
        else losses.lost(spans.length, reasonOf(result.error));
        onResult(SENT);
      }),
    forceFlush: async () => send.forceFlush?.(),
    shutdown: () => send.shutdown(),
  });
  const onEnd = (span: ReadableSpan): void => {
    if ((span.spanContext().traceFlags & 1) === 0) return;
    if (waiting >= maxWaiting) return losses.lost(1, "too many wait for it");
    waiting++;
    batches.onEnd(span);
  };
  return {
    processor: {
      onStart: () => undefined,
      onEnd,
      forceFlush: () => batches.forceFlush(),
      shutdown: () => batches.shutdown(),
    },
    get waiting() {
      return waiting;
    },
  };
}

const isSent = ({ code }: ExportResult): boolean => Number(code) === 0;

/** To the processor every batch is settled: what is lost is told by us, in our words. */
const SENT = { code: 0 } as ExportResult;

/** Never the text of an answer: it is of somebody else's making. */
function reasonOf(error: Error | undefined): string {
  const { code, message = "" } = (error ?? {}) as { code?: unknown; message?: string };
  if (typeof code === "number") return `it answered with the status ${code}`;
  return typeof code === "string" ? code : message === "" ? "it refused them" : message;
}
