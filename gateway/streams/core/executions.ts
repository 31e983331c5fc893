import { UNEXPECTED_ERROR_MESSAGE } from "../../../kit/errors";
import type { Logger } from "../../../kit/log";
import { tracer } from "../../../kit/tracing/tracer";
import type { EntityKey, PreparedStream } from "./prepared-stream";
import { SharedMessage } from "./shared-message";
import type { StreamEvent } from "./stream-event";
import type { StreamMetrics } from "./stream-metrics";
import { createTurnstile } from "./turnstile";

/** Runs prepared streams, so many at a time over all groups. */
export interface Executions {
  /** Once for each event and execution key, whoever asks. @returns `undefined` when the change is none for these viewers */
  ofEvent(prepared: PreparedStream, event: StreamEvent, key: EntityKey): Promise<SharedMessage | undefined>;
  /** The state of now. */
  ofNow(prepared: PreparedStream, key: EntityKey, cursor: string | undefined): Promise<SharedMessage | undefined>;
}

const SUBSCRIPTION = { "graphql.operation.type": "subscription" };

const FAILED = JSON.stringify({
  data: null,
  errors: [{ message: UNEXPECTED_ERROR_MESSAGE, extensions: { code: "INTERNAL_SERVER_ERROR" } }],
});

export function createExecutions(options: { maxParallel: number; log: Logger; metrics: StreamMetrics }): Executions {
  const { maxParallel, log, metrics } = options;
  const enter = createTurnstile(maxParallel);

  const resolve = (prepared: PreparedStream, key: EntityKey, event: StreamEvent | undefined, traceparent?: string) =>
    enter(async () => {
      metrics.executed();
      try {
        return await prepared.resolve({ key, event: event?.event, traceparent });
      } catch (err) {
        log.error({ err, field: prepared.field.name }, "a stream could not be executed");
        return FAILED;
      }
    });

  return {
    ofEvent: (prepared, event, key) => {
      const known = event.executions.get(prepared.executionKey);
      if (known) return known;
      const span =
        event.traceparent === undefined
          ? undefined
          : tracer()?.start("internal", `execute ${prepared.field.name}`, event.traceparent, SUBSCRIPTION);
      const execution = resolve(prepared, key, event, span?.traceparent).then((result) => {
        metrics.lag("executed", event.timeMs);
        span?.end();
        return result === undefined ? undefined : new SharedMessage(result, event.cursor, span?.traceparent);
      });
      event.executions.set(prepared.executionKey, execution);
      return execution;
    },
    ofNow: async (prepared, key, cursor) => {
      const result = await resolve(prepared, key, undefined);
      return result === undefined ? undefined : new SharedMessage(result, cursor);
    },
  };
}
