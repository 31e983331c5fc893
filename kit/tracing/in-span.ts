import { type Span, type SpanAttributes, type SpanKind, tracer } from "./tracer";

/** Does `work` in a span of its own: what the work causes is given the span as its parent, by the context that it is handed. */
export async function inSpan<Context extends { readonly traceparent?: string | undefined }, Result>(
  kind: SpanKind,
  name: string,
  context: Context,
  work: (context: Context) => Promise<Result>,
  attributes?: SpanAttributes,
): Promise<Result> {
  const span = tracer()?.start(kind, name, context.traceparent, attributes);
  return span ? endWith(span, work({ ...context, traceparent: span.traceparent })) : work(context);
}

/** Ends the span when the work has ended, however it ends. */
export async function endWith<Result>(span: Span, work: Promise<Result>): Promise<Result> {
  try {
    const result = await work;
    span.end();
    return result;
  } catch (error) {
    span.end(undefined, failureOf(error));
    throw error;
  }
}

/** The class of an error. Its message may quote what a user wrote. */
export const failureOf = (error: unknown): string => (error instanceof Error ? error.name : typeof error);
