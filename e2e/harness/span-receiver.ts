import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { waitUntil } from "./wait-until";

/** One span as OTLP's JSON has it. https://opentelemetry.io/docs/specs/otlp/#json-protobuf-encoding */
export interface SentSpan {
  readonly service: string;
  readonly traceId: string;
  readonly spanId: string;
  /** `""` for the first span of a trace. */
  readonly parentSpanId: string;
  readonly name: string;
  /** 1 internal, 2 server, 3 client, 4 producer, 5 consumer. */
  readonly kind: number;
  readonly attributes: Readonly<Record<string, unknown>>;
  readonly links: readonly { readonly traceId: string; readonly spanId: string }[];
}

/** A collector of spans that takes them over OTLP/HTTP and keeps them. */
export interface SpanReceiver {
  /** For `OTEL_EXPORTER_OTLP_ENDPOINT`. */
  readonly url: string;
  /** In the order of their coming. */
  readonly spans: readonly SentSpan[];
  /** Headers of the last request. */
  readonly headers: Readonly<Record<string, unknown>>;
  /** Requests so far, answered or not. */
  readonly requests: number;
  /** From now on nothing is answered. */
  hang(): void;
  /** Waits for a span that `accepts` likes, among the past ones too. */
  until(what: string, accepts: (span: SentSpan) => boolean): Promise<SentSpan>;
  close(): Promise<void>;
}

interface Value {
  readonly stringValue?: string;
  readonly boolValue?: boolean;
  readonly intValue?: number | string;
  readonly doubleValue?: number;
}
type Attributes = readonly { readonly key: string; readonly value: Value }[];
interface Sent {
  readonly resourceSpans: readonly {
    readonly resource: { readonly attributes: Attributes };
    readonly scopeSpans: readonly {
      readonly spans: readonly (Omit<SentSpan, "attributes"> & { readonly attributes: Attributes })[];
    }[];
  }[];
}

export async function startSpanReceiver(): Promise<SpanReceiver> {
  const spans: SentSpan[] = [];
  let headers = {};
  let requests = 0;
  let isHanging = false;
  const server: Server = createServer((req, res) => {
    requests++;
    ({ headers } = req);
    if (isHanging) return;
    const chunks: Buffer[] = [];
    req.on("data", (chunk: Buffer) => chunks.push(chunk));
    req.on("end", () => {
      if (req.url !== "/v1/traces") return void res.writeHead(404).end();
      spans.push(...spansIn(JSON.parse(Buffer.concat(chunks).toString("utf8")) as Sent));
      res.writeHead(200, { "content-type": "application/json" }).end("{}");
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    spans,
    get headers() {
      return headers;
    },
    get requests() {
      return requests;
    },
    hang: () => void (isHanging = true),
    until: (what, accepts) =>
      waitUntil(what, () => spans.find(accepts)).catch((error: Error) => {
        const names = spans.map(({ service, name, spanId, parentSpanId }) => [service, name, spanId, parentSpanId]);
        throw new Error(`${error.message}; there were ${JSON.stringify(names)}`, { cause: error });
      }),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

const spansIn = ({ resourceSpans }: Sent): SentSpan[] =>
  resourceSpans.flatMap(({ resource, scopeSpans }) => {
    const service = String(valuesOf(resource.attributes)["service.name"]);
    return scopeSpans.flatMap(({ spans }) =>
      spans.map((span) => ({
        ...span,
        service,
        parentSpanId: span.parentSpanId ?? "",
        attributes: valuesOf(span.attributes),
        links: span.links ?? [],
      })),
    );
  });

const valuesOf = (attributes: Attributes) =>
  Object.fromEntries(attributes.map(({ key, value }) => [key, Object.values(value)[0] as unknown]));
