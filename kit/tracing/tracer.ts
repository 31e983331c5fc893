/** https://opentelemetry.io/docs/specs/otel/trace/api/#spankind */
export type SpanKind = "internal" | "server" | "client" | "producer" | "consumer";

/** Named by OpenTelemetry's semantic conventions where they have a name. Never a text that a user wrote, never a secret. */
export type SpanAttributes = Readonly<Record<string, string | number | boolean | undefined>>;

/** One step of a trace, from its start until it is ended. */
export interface Span {
  /** W3C Trace Context of this step: whatever it causes is given it as its parent. Its flags say whether the trace is recorded. */
  readonly traceparent: string;
  set(attributes: SpanAttributes): void;
  /**
   * Only the first call counts.
   * @param failure what went wrong, as one of few words; undefined when nothing did
   */
  end(attributes?: SpanAttributes, failure?: string): void;
}

export interface Tracer {
  /**
   * @param name of few different ones
   * @param parent W3C Trace Context; without a well-formed one the span begins a trace
   * @param link W3C Trace Context of another trace that has to do with this step
   */
  start(kind: SpanKind, name: string, parent: string | undefined, attributes?: SpanAttributes, link?: string): Span;
}

let current: Tracer | undefined;

/**
 * The process's tracer, `undefined` while nothing is traced. `tracer()?.start(…)` costs one look then: not even its arguments are made.
 * One for the process, as OpenTelemetry has it: what is traced is passed on explicitly, as a traceparent.
 */
export const tracer = (): Tracer | undefined => current;

/** For who opens and closes tracing. */
export const useTracer = (next: Tracer | undefined): void => void (current = next);
