import type { Channel, ConsumeMessage } from "amqplib";
import type { Broker } from "../../../kit/amqp/connect-broker";
import { type Position, ReplayGapError } from "./event-log";
import { idOf, type LogEntry, offsetOf, readEntry, startingAt } from "./log-entry";
import { settleInBulk } from "./settle-in-bulk";

const PREFETCH = 200;
const NOT_FOUND = 404;

/** A publisher repeats what it cannot be sure of within so many messages, as a rule. */
const LOOK_BACK = 200;

/**
 * Reads the log by a consumer of its own, which lives as long as the iteration: first the message at `from`, then all that follow, for
 * ever. After a lost connection it goes on behind the last entry, and makes sure that this one is still there.
 * @param options.onEarlier gets some messages before that, for whoever wants to know what is repeated behind it
 * @param options.lookBack how many
 * @param options.signal its reason is thrown when it is aborted
 * @throws ReplayGapError when the message at a place is not the one that the place is of, or there is no log
 */
export async function* readLog(options: {
  broker: Broker;
  queue: string;
  from: Position;
  onEarlier: (entry: LogEntry) => void;
  lookBack?: number;
  signal: AbortSignal;
}): AsyncGenerator<LogEntry, never> {
  const { broker, queue, from, onEarlier, lookBack = LOOK_BACK, signal } = options;
  let place = from;
  let waiting: { message: ConsumeMessage; settle: (message: ConsumeMessage) => void }[] = [];
  let isFirst = true;
  let isVerified = false;
  let failure: Error | undefined;
  let wake = () => {};
  const fail = (error: Error) => {
    failure ??= error;
    wake();
  };
  const onAbort = () => fail(signal.reason as Error);
  signal.addEventListener("abort", onAbort);

  const session = broker.session("replay", async (channel: Channel) => {
    waiting = [];
    isVerified = false;
    const mine = waiting;
    await channel.prefetch(PREFETCH);
    const settle = settleInBulk(channel);
    const onMessage = (message: ConsumeMessage | null) => {
      if (message === null) return fail(new ReplayGapError("the log of events was deleted"));
      mine.push({ message, settle });
      wake();
    };
    const start = isFirst ? Math.max(0, place.offset - lookBack) : place.offset;
    await channel.consume(queue, onMessage, { arguments: startingAt(start) }).catch((error: unknown) => {
      if ((error as { code?: unknown }).code === NOT_FOUND) fail(new ReplayGapError("there is no log of events"));
      throw error;
    });
  });

  try {
    for (;;) {
      if (signal.aborted) throw signal.reason;
      if (failure) throw failure;
      const next = waiting.shift();
      if (!next) {
        await new Promise<void>((resolve) => (wake = resolve));
        continue;
      }
      next.settle(next.message);
      const offset = offsetOf(next.message);
      if (offset < place.offset) {
        if (isFirst) onEarlier(readEntry(next.message));
        continue;
      }
      if (isVerified && offset === place.offset) continue;
      if (!isVerified) {
        if (offset !== place.offset || idOf(next.message) !== place.id) {
          throw new ReplayGapError("the log does not hold the message of the cursor any more");
        }
        isVerified = true;
        if (!isFirst) continue;
      }
      isFirst = false;
      const entry = readEntry(next.message);
      place = entry.position;
      yield entry;
    }
  } finally {
    signal.removeEventListener("abort", onAbort);
    await session.close();
  }
}
