import type { DataSource, EntityManager } from "typeorm";
import { inSpan } from "../tracing/in-span";

/** https://opentelemetry.io/docs/specs/semconv/database/postgresql/ */
const ATTRIBUTES = { "db.system.name": "postgresql" };

/** A transaction in a span of its own. */
export type TracedTransaction = <Origin extends { readonly traceparent?: string | undefined }, Result>(
  name: string,
  origin: Origin,
  work: (manager: EntityManager, origin: Origin) => Promise<Result>,
) => Promise<Result>;

/** Transactions whose outbox rows carry the span of the transaction: whatever an event causes is caused by its commit. */
export const transactionOf =
  (source: DataSource): TracedTransaction =>
  (name, origin, work) =>
    inSpan("client", name, origin, (traced) => source.transaction((manager) => work(manager, traced)), ATTRIBUTES);
