import { UNEXPECTED_ERROR_MESSAGE } from "../../../kit/errors";
import type { Logger } from "../../../kit/log";
import { tracer } from "../../../kit/tracing/tracer";
import type { EntityKey, PreparedStream } from "./prepared-stream";
import { SharedMessage } from "./shared-message";
import type { StreamEvent } from "./stream-event";
import type { StreamMetrics } from "./stream-metrics";
import type { ExecutionTurns, Starter } from "./execution-turns";

/** Runs prepared streams, so many at a time over all groups. */
export interface Executions {
  /** Lets a group begin executions when it is its turn; each ends by itself. */
  take(starter: Starter): void;
  /** Of a group whose turn it is. Once for each event and execution key, whoever asks. @returns `undefined` when the change is none for these viewers */
  begin(prepared: PreparedStream, event: StreamEvent, key: EntityKey): Execution;
  /** The same, when there is room. */
  ofEvent(prepared: PreparedStream, event: StreamEvent, key: EntityKey): Execution;
  /** The state of now. */
  ofNow(prepared: PreparedStream, key: EntityKey, cursor: string | undefined): Promise<SharedMessage | undefined>;
}

const SUBSCRIPTION = { "graphql.operation.type": "subscription" };

const FAILED = JSON.stringify({
  data: null,
  errors: [{ message: UNEXPECTED_ERROR_MESSAGE, extensions: { code: "INTERNAL_SERVER_ERROR" } }],
});

export function createExecutions(options: { turns: ExecutionTurns; log: Logger; metrics: StreamMetrics }): Executions {
  const { turns, log, metrics } = options;

  const resolve = async (
    prepared: PreparedStream,
    key: EntityKey,
    event?: StreamEvent,
    traceparent?: string,
  ): Promise<string | undefined> => {
    turns.begun();
    metrics.executed();
    try {
      return await prepared.resolve({ key, event: event?.event, traceparent });
    } catch (err) {
      log.error({ err, field: prepared.field.name }, "a stream could not be executed");
      return FAILED;
    } finally {
      turns.ended();
    }
  };

  const executeEvent = async (prepared: PreparedStream, event: StreamEvent, key: EntityKey): Execution => {
    const span =
      event.traceparent === undefined
        ? undefined
        : tracer()?.start("internal", `execute ${prepared.field.name}`, event.traceparent, SUBSCRIPTION);
    const result = await resolve(prepared, key, event, span?.traceparent);
    metrics.lag("executed", event.timeMs);
    span?.end();
    return result === undefined ? undefined : new SharedMessage(result, event.cursor, span?.traceparent);
  };

  const once = ({ executionKey }: PreparedStream, { executions }: StreamEvent, run: () => Execution): Execution => {
    const known = executions.get(executionKey);
    if (known) return known;
    const execution = run();
    executions.set(executionKey, execution);
    return execution;
  };

  /** Runs when there is room. */
  const inTurn = <T>(run: () => Promise<T>): Promise<T> =>
    new Promise((settle) => {
      turns.take({
        startOne: () => {
          settle(run());
          return false;
        },
      });
    });

  return {
    take: turns.take,
    begin: (prepared, event, key) => once(prepared, event, () => executeEvent(prepared, event, key)),
    ofEvent: (prepared, event, key) => once(prepared, event, () => inTurn(() => executeEvent(prepared, event, key))),
    ofNow: async (prepared, key, cursor) => {
      const result = await inTurn(() => resolve(prepared, key));
      return result === undefined ? undefined : new SharedMessage(result, cursor);
    },
  };
}

type Execution = Promise<SharedMessage | undefined>;
