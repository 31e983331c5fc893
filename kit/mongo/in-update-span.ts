import { inSpan } from "../tracing/in-span";

/** https://opentelemetry.io/docs/specs/semconv/database/mongodb/ */
const ATTRIBUTES = { "db.system.name": "mongodb" };

/** One update in a span of its own, which the events in the document's outbox are to carry: what they cause is caused by the update. */
export const inUpdateSpan = <Origin extends { readonly traceparent?: string | undefined }, Result>(
  name: string,
  origin: Origin,
  work: (origin: Origin) => Promise<Result>,
): Promise<Result> => inSpan("client", name, origin, work, ATTRIBUTES);
