import type { ReadableSpan, SpanExporter } from "@opentelemetry/sdk-trace-base";
import { createMetrics } from "../metrics";
import { createLogger } from "../log";
import { createSdkTracer } from "../tracing/create-sdk-tracer";
import { inSpan } from "../tracing/in-span";
import { openTracing } from "../tracing/open-tracing";
import { tracer, useTracer } from "../tracing/tracer";

const PARENT = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
const UNSAMPLED = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-00";
const TRACE_OF = /^00-([0-9a-f]{32})-([0-9a-f]{16})-(0[01])$/;

/** Nobody listens there, and nothing is sent before the test has ended. */
const NOWHERE = "http://127.0.0.1:1";

const before = { ...process.env };
const lines: string[] = [];
const log = createLogger("test", "info", { write: (line: string) => void lines.push(line) });
let metrics: ReturnType<typeof createMetrics>;
const open: { close(): unknown }[] = [];
afterEach(async () => {
  for (const each of open.splice(0).reverse()) await each.close();
  process.env = { ...before };
  lines.length = 0;
});

function startTracing(env: Record<string, string>) {
  Object.assign(process.env, env);
  metrics = createMetrics("test");
  const tracing = openTracing({ service: "test", env: process.env, log, metrics });
  open.push(tracing);
  return tracing;
}

type Export = SpanExporter["export"];

/** With an exporter in place of the one over HTTP, which Jest's modules cannot load; e2e/one-trace has the real one. */
function startWith(exporter: Export) {
  Object.assign(process.env, { OTEL_BSP_SCHEDULE_DELAY: "1" });
  metrics = createMetrics("test");
  const sdk = createSdkTracer({
    service: "test",
    log,
    metrics,
    exporter: { export: exporter, shutdown: () => Promise.resolve() },
  });
  useTracer(sdk.tracer);
  open.push({ close: () => useTracer(undefined) });
  return sdk;
}

const spansOf = async (outcome: "sent" | "lost") => {
  const metric = await metrics.getSingleMetric("tracing_spans_total")?.get();
  return metric?.values.find(({ labels }) => labels["outcome"] === outcome)?.value;
};
const turn = () => new Promise((resolve) => setImmediate(resolve));
const said = () => lines.map((line) => JSON.parse(line) as Record<string, unknown>);

describe("without a collector", () => {
  it.each([
    ["no endpoint is named", {}],
    ["the endpoint is empty", { OTEL_EXPORTER_OTLP_ENDPOINT: "" }],
    ["the SDK is disabled", { OTEL_EXPORTER_OTLP_ENDPOINT: "http://127.0.0.1:1", OTEL_SDK_DISABLED: "true" }],
    ["spans are not exported", { OTEL_EXPORTER_OTLP_ENDPOINT: "http://127.0.0.1:1", OTEL_TRACES_EXPORTER: "none" }],
  ])("nothing is traced when %s, and contexts pass as they are", async (_when, env) => {
    startTracing(env);
    expect(tracer()).toBeUndefined();
    const context = { requestId: "r1", traceparent: PARENT };
    expect(await inSpan("client", "work", context, (same) => Promise.resolve(same))).toBe(context);
  });

  it.each([
    ["OTEL_EXPORTER_OTLP_ENDPOINT", { OTEL_EXPORTER_OTLP_ENDPOINT: "collector:4318" }],
    ["OTEL_EXPORTER_OTLP_PROTOCOL", { OTEL_EXPORTER_OTLP_PROTOCOL: "grpc" }],
    ["OTEL_TRACES_SAMPLER", { OTEL_TRACES_SAMPLER: "sometimes" }],
    ["OTEL_TRACES_SAMPLER_ARG", { OTEL_TRACES_SAMPLER_ARG: "110%" }],
    [
      "OTEL_TRACES_SAMPLER_ARG is not set",
      { OTEL_EXPORTER_OTLP_ENDPOINT: "http://127.0.0.1:1", OTEL_TRACES_SAMPLER: "parentbased_traceidratio" },
    ],
  ])("a setting that cannot be followed is refused by name: %s", (name, env: Record<string, string>) => {
    expect(() => startTracing(env)).toThrow(name);
  });
});

describe("a span", () => {
  it("goes on with a well-formed parent's trace, and begins one without", async () => {
    startTracing({ OTEL_EXPORTER_OTLP_ENDPOINT: NOWHERE });
    const child = tracer()!.start("server", "work", PARENT);
    expect(TRACE_OF.exec(child.traceparent)?.slice(1)).toEqual([
      "0af7651916cd43dd8448eb211c80319c",
      expect.not.stringMatching("b7ad6b7169203331"),
      "01",
    ]);
    for (const parent of [undefined, "", "00-zz", PARENT.replace("00-", "99-")]) {
      const { traceparent } = tracer()!.start("server", "work", parent);
      expect(traceparent).toMatch(TRACE_OF);
      expect(traceparent).not.toContain("0af7651916cd43dd8448eb211c80319c");
    }
  });

  it("hands the state of its trace on", () => {
    startTracing({ OTEL_EXPORTER_OTLP_ENDPOINT: NOWHERE });
    const { traceparent } = tracer()!.start("server", "work", `${PARENT} vendor=1,tenant=2`);
    expect(traceparent).toMatch(/^00-0af7651916cd43dd8448eb211c80319c-[0-9a-f]{16}-01 vendor=1,tenant=2$/);
    expect(tracer()!.start("server", "work", traceparent).traceparent).toMatch(/ vendor=1,tenant=2$/);
  });

  it("tells those behind it what the sampler decided, and the sampler asks the parent first", async () => {
    const endpoint = { OTEL_EXPORTER_OTLP_ENDPOINT: NOWHERE };
    startTracing({
      ...endpoint,
      OTEL_TRACES_SAMPLER: "parentbased_traceidratio",
      OTEL_TRACES_SAMPLER_ARG: "0",
    });
    const flags = (parent?: string) => TRACE_OF.exec(tracer()!.start("server", "work", parent).traceparent)?.[3];
    expect([flags(PARENT), flags(UNSAMPLED), flags()]).toEqual(["01", "00", "00"]);
  });

  it("is what work in it is given as its parent, and ends with the kind of the work's failure, not its text", async () => {
    const ended: ReadableSpan[] = [];
    const { close } = startWith((spans, onResult) => {
      ended.push(...spans);
      onResult({ code: 0 });
    });
    let given = "";
    const failing = inSpan("client", "work", { traceparent: PARENT }, ({ traceparent }) => {
      given = traceparent;
      return Promise.reject(new RangeError("a text with a secret"));
    });
    await expect(failing).rejects.toThrow(RangeError);
    await close();
    expect(ended).toHaveLength(1);
    const [span] = ended;
    expect(given).toBe(`00-${span?.spanContext().traceId}-${span?.spanContext().spanId}-01`);
    expect(span?.parentSpanContext?.spanId).toBe("b7ad6b7169203331");
    expect([span?.attributes, span?.status]).toEqual([{ "error.type": "RangeError" }, { code: 2 }]);
    expect(await spansOf("sent")).toBe(1);
  });
});

describe("a collector that is no use", () => {
  const end = (count: number) => {
    for (let i = 0; i < count; i++) tracer()?.start("internal", "work", PARENT).end();
  };

  it("refuses: what is lost is counted and said once, without the collector's text, and the next time it takes some", async () => {
    let isRefusing = true;
    const refusal = Object.assign(new Error("a text of theirs"), { code: 400 });
    const { close } = startWith((_spans, onResult) => onResult(isRefusing ? { code: 1, error: refusal } : { code: 0 }));
    // Each five hundred and twelve are a batch, sent at once.
    end(1_024);
    await turn();
    isRefusing = false;
    end(512);
    await close();
    const lost = Number(await spansOf("lost"));
    expect(lost).toBeGreaterThanOrEqual(512);
    expect(lost + Number(await spansOf("sent"))).toBe(1_536);
    expect(said()).toEqual([
      expect.objectContaining({ level: "warn", spans: 512, reason: "it answered with the status 400" }),
      expect.objectContaining({ level: "info", msg: "spans reach the collector again" }),
    ]);
    expect(lines.join("")).not.toContain("a text of theirs");
  });

  it("hangs: so many spans wait for it and no more, and the process ends without an answer", async () => {
    const unanswered: Parameters<Export>[1][] = [];
    const { close } = startWith((_spans, onResult) => void unanswered.push(onResult));
    end(3_000);
    expect(await spansOf("lost")).toBe(3_000 - 2_048);
    expect(said()).toEqual([expect.objectContaining({ level: "warn", reason: "too many wait for it" })]);
    await close();
    expect(await spansOf("lost")).toBe(3_000);
    for (const answer of unanswered) answer({ code: 0 });
  });
});
