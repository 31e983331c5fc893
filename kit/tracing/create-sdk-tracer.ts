import {
  type Context,
  createTraceState,
  diag,
  DiagLogLevel,
  ROOT_CONTEXT,
  type Span as SdkSpan,
  type SpanContext,
  SpanKind as SdkSpanKind,
  SpanStatusCode,
  trace,
} from "@opentelemetry/api";
import { OTLPTraceExporter } from "@opentelemetry/exporter-trace-otlp-http";
import { detectResources, envDetector, resourceFromAttributes } from "@opentelemetry/resources";
import { BasicTracerProvider, BatchSpanProcessor, type SpanExporter } from "@opentelemetry/sdk-trace-base";
import { newId } from "../ids";
import type { Logger } from "../log";
import type { Registry } from "../metrics";
import { givenTraceparent, headersOfTrace } from "../request-context";
import { createBoundedExport } from "./bounded-export";
import { createSpanLosses } from "./span-losses";
import type { Span, SpanAttributes, SpanKind, Tracer } from "./tracer";

const MAX_WAITING_SPANS = 2_048;
const BATCH_SPANS = 512;
/** How long the end of the process waits for the collector. */
const FLUSH_MS = 2_000;

const KINDS: Readonly<Record<SpanKind, SdkSpanKind>> = {
  internal: SdkSpanKind.INTERNAL,
  server: SdkSpanKind.SERVER,
  client: SdkSpanKind.CLIENT,
  producer: SdkSpanKind.PRODUCER,
  consumer: SdkSpanKind.CONSUMER,
};

/**
 * OpenTelemetry's SDK behind our interface. Its sampler, endpoint, headers, limits and delays are those of the standard variables; no
 * context is kept behind the code's back.
 */
export function createSdkTracer(options: {
  service: string;
  log: Logger;
  metrics: Registry;
  /** Over OTLP/HTTP to the endpoint of the environment by default. */
  exporter?: SpanExporter;
}): {
  readonly tracer: Tracer;
  /** Sends what waits, for so long, and ends. */
  close(): Promise<void>;
} {
  const { service, log } = options;
  const losses = createSpanLosses(options);
  // What the SDK has to say beside what is counted here is about its settings.
  const say = (text: string) => log.warn({ reason: text }, "tracing has a remark");
  const nothing = () => undefined;
  diag.setLogger(
    { error: say, warn: say, info: nothing, debug: nothing, verbose: nothing },
    { logLevel: DiagLogLevel.WARN, suppressOverrideMessage: true },
  );
  const bounded = createBoundedExport({
    maxWaiting: MAX_WAITING_SPANS,
    losses,
    send: options.exporter ?? new OTLPTraceExporter(),
    batch: (exporter) =>
      new BatchSpanProcessor(exporter, { maxQueueSize: MAX_WAITING_SPANS, maxExportBatchSize: BATCH_SPANS }),
  });
  const resource = resourceFromAttributes({ "service.name": service, "service.instance.id": newId() });
  const provider = new BasicTracerProvider({
    resource: resource.merge(detectResources({ detectors: [envDetector] })),
    spanProcessors: [bounded.processor],
  });
  const sdk = provider.getTracer("tributary");

  const tracer: Tracer = {
    start: (kind, name, parent, attributes, link) => {
      const other = spanContextOf(link);
      return new RecordedSpan(
        sdk.startSpan(
          name,
          {
            kind: KINDS[kind],
            ...(attributes && { attributes }),
            ...(other && { links: [{ context: other }] }),
          },
          contextOf(parent),
        ),
      );
    },
  };
  return {
    tracer,
    close: async () => {
      const flushed = provider.shutdown().then(
        () => true,
        () => true,
      );
      if (!(await within(FLUSH_MS, flushed))) losses.lost(bounded.waiting, "it did not take them before the end");
      diag.disable();
    },
  };
}

class RecordedSpan implements Span {
  readonly traceparent: string;
  #isEnded = false;

  constructor(private readonly span: SdkSpan) {
    const { traceId, spanId, traceFlags, traceState } = span.spanContext();
    const state = traceState?.serialize();
    const traceparent = `00-${traceId}-${spanId}-${traceFlags.toString(16).padStart(2, "0")}`;
    this.traceparent = state ? `${traceparent} ${state}` : traceparent;
  }

  set(attributes: SpanAttributes): void {
    if (!this.#isEnded) this.span.setAttributes(attributes);
  }

  end(attributes?: SpanAttributes, failure?: string): void {
    if (this.#isEnded) return;
    if (attributes) this.span.setAttributes(attributes);
    if (failure !== undefined) {
      this.span.setAttribute("error.type", failure);
      this.span.setStatus({ code: SpanStatusCode.ERROR });
    }
    this.#isEnded = true;
    this.span.end();
  }
}

function contextOf(traceparent: string | undefined): Context {
  const parent = spanContextOf(traceparent);
  return parent ? trace.setSpanContext(ROOT_CONTEXT, parent) : ROOT_CONTEXT;
}

function spanContextOf(traceparent: string | undefined): SpanContext | undefined {
  const given = givenTraceparent(traceparent);
  if (given === undefined) return undefined;
  const headers = headersOfTrace(given);
  const [, traceId = "", spanId = "", flags = ""] = headers.traceparent.split("-");
  const traceState = headers.tracestate === undefined ? undefined : createTraceState(headers.tracestate);
  return { traceId, spanId, traceFlags: Number.parseInt(flags, 16), isRemote: true, ...(traceState && { traceState }) };
}

/** @returns false when the time was over first */
async function within(ms: number, work: Promise<boolean>): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<boolean>((resolve) => (timer = setTimeout(resolve, ms, false)));
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}
