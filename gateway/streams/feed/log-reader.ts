import type { Channel, ConsumeMessage } from "amqplib";
import type { Broker } from "../../../kit/amqp/connect-broker";
import { declareEvents, type Topology } from "../../../kit/amqp/topology";
import type { Logger } from "../../../kit/log";
import type { Position } from "./event-log";
import { idOf, type LogEntry, offsetOf, readEntry, startingAt } from "./log-entry";
import { settleInBulk } from "./settle-in-bulk";

export interface ReaderListener {
  /** @param isNew false for what was in the log before the reader began, or before the one that it takes the place of */
  onEntry(entry: LogEntry, isNew: boolean): void;
  /** It is known where the log ends, also when it is empty, or that there is none; after each start of a log. */
  onEnd(): void;
  /** @param newLog whether offsets begin anew */
  onGap(newLog: boolean, reason: string): void;
  onAttach(attachment: { again: boolean; hasLog: boolean }): void;
  onDetach(): void;
}

export interface LogReader {
  /** Settles when the reader knows where the log ends, or `startLimitMs` have passed without it: then it goes on trying by itself. */
  readonly started: Promise<void>;
  close(): Promise<void>;
}

const PREFETCH = 500;
/** How long the end of the log is quiet before it is taken for the end. */
const QUIET_MS = 30;
/** Clocks of broker and gateway differ a little. */
const CLOCK_SLACK_MS = 5_000;
/** A new log may begin with what an outbox held back; what happened long before the last event of the old log was in that one. */
const OLD_LOG_SLACK_MS = 60_000;

/**
 * What the next attachment reads first:
 *
 * - `end`: the newest messages, to learn where the log ends; at the start only
 * - `peek`: the newest messages, for a broker that came after the start: where the log ends if nothing was published since
 * - `start-time`: what was published since the start, for a broker that came later
 * - `last`: the last message that was read, again: the log goes on behind it only if it is still there
 * - `search`: the newest messages, because the last one did not come: is it there at all?
 * - `beginning`: all of a log that is another one by now
 */
type Aim = "end" | "peek" | "start-time" | "last" | "search" | "beginning";

/**
 * Reads the log of events as a stream: one consumer, whose place is kept in memory. After a lost connection it goes on behind the last
 * message, so nothing is missed and nothing comes twice, and it notices when the log was deleted or cut meanwhile. Where the broker has
 * no log it reads a queue of its own, which lives as long as the connection. https://www.rabbitmq.com/docs/streams#consuming
 */
export function createLogReader(options: {
  broker: Broker;
  topology: Topology;
  log: Logger;
  listener: ReaderListener;
  startLimitMs: number;
  /** How long an empty log may take to say nothing. */
  emptyMs: number;
  /** A broker that has a message delivers it within this time; otherwise it is looked for elsewhere. */
  confirmMs: number;
  now: () => number;
}): LogReader {
  const { broker, topology, log, listener, emptyMs, confirmMs, now } = options;
  const begunMs = now();
  let aim: Aim = "end";
  let last: Position | undefined;
  let lastTimeMs = NaN;
  /** Of another log, only what happened since this time is new. */
  let newSinceMs = -Infinity;
  /** The newest message when a late broker came. */
  let peeked: LogEntry | undefined;
  let hasStarted = false;
  let attachedBefore = false;
  let toldNoLog = false;
  /** The attachment before this one had no log. */
  let hadQueue = false;
  let current: Attachment | undefined;

  let tellStarted = () => {};
  const started = new Promise<void>((resolve) => (tellStarted = resolve));
  const endStart = () => {
    clearTimeout(startTimer);
    hasStarted = true;
    tellStarted();
  };
  const finishStart = () => {
    endStart();
    listener.onEnd();
  };
  const startTimer = setTimeout(() => {
    // What is published from here on must not be skipped by a start at the end of the log that comes later.
    if (aim === "end" && !current?.isConsuming && !last) {
      aim = "peek";
      log.warn("the broker does not answer yet: subscriptions get their events when it does");
    }
    endStart();
  }, options.startLimitMs);

  const deliver = (message: ConsumeMessage) => {
    const entry = readEntry(message);
    last = entry.position;
    if (!Number.isNaN(entry.timeMs)) lastTimeMs = entry.timeMs;
    listener.onEntry(entry, hasStarted && !(entry.timeMs < newSinceMs));
  };
  const toAnotherLog = (attachment: Attachment) => {
    last = undefined;
    newSinceMs = lastTimeMs - OLD_LOG_SLACK_MS;
    aim = "beginning";
    listener.onGap(true, "the log of events is another one than before");
    // Where the old log ended does not matter any more.
    finishStart();
    attachment.leave();
  };

  /**
   * Looks for the last message that was read, before anything behind it counts.
   * @returns whether the place is found
   */
  const seek = (attachment: Attachment, message: ConsumeMessage, position: Position, offset: number): boolean => {
    const isSearch = attachment.aim === "search";
    if (offset === position.offset) {
      if (idOf(message) === position.id) return true;
      toAnotherLog(attachment);
    } else if (offset < position.offset) {
      if (isSearch) attachment.whenQuiet(confirmMs, () => toAnotherLog(attachment));
    } else if (isSearch) {
      // It may well be there, before the newest messages.
      aim = "last";
      attachment.leave();
    } else {
      listener.onGap(false, "events were deleted from the log before they were read");
      deliver(message);
      return true;
    }
    return false;
  };

  const peek = async (attachment: Attachment) => {
    await attachment.consume(topology.log, argumentOf("peek"), (message) => (peeked = readEntry(message)));
    attachment.whenQuiet(emptyMs, () => {
      aim = "start-time";
      attachment.leave();
    });
  };

  /** The broker was upgraded, or another one took its place. */
  const toFirstLog = () => {
    hadQueue = false;
    newSinceMs = (Number.isNaN(lastTimeMs) ? begunMs : lastTimeMs) - OLD_LOG_SLACK_MS;
    aim = "beginning";
    listener.onGap(true, "the feed was away from a broker without a log of events; now there is one");
  };

  const attachToLog = async (attachment: Attachment) => {
    if (hadQueue) toFirstLog();
    if (last && aim !== "search") aim = "last";
    else if (aim === "end" && hasStarted) aim = "peek";
    attachment.aim = aim;
    if (aim === "peek") return peek(attachment);
    let isInPlace = last === undefined;
    await attachment.consume(topology.log, argumentOf(aim), (message) => {
      const offset = offsetOf(message);
      if (!isInPlace && last) {
        isInPlace = seek(attachment, message, last, offset);
        if (isInPlace) {
          attachment.whenQuiet(undefined);
          aim = "last";
          finishStart();
        }
        return;
      }
      if (attachment.aim === "end" && !hasStarted) attachment.whenQuiet(QUIET_MS, finishStart);
      // A broker may start a little earlier than asked: with the messages that were written together.
      if (!last || offset > last.offset) deliver(message);
    });
    if (attachment.aim === "end") {
      // The start was given up meanwhile.
      if (aim !== "end") attachment.leave();
      else if (!last) attachment.whenQuiet(emptyMs, finishStart);
    } else if (attachment.aim === "start-time") {
      attachment.whenQuiet(emptyMs, () => {
        if (!last && peeked) {
          last = peeked.position;
          listener.onEntry(peeked, false);
        }
        listener.onEnd();
      });
    } else if (!isInPlace) {
      attachment.whenQuiet(confirmMs, () => {
        if (attachment.aim === "search") return toAnotherLog(attachment);
        aim = "search";
        attachment.leave();
      });
    }
  };

  const argumentOf = (of: Aim): unknown => {
    if (of === "beginning") return "first";
    if (of === "last") return last?.offset;
    if (of === "start-time") return { "!": "timestamp", value: Math.floor((begunMs - CLOCK_SLACK_MS) / 1_000) };
    return "last";
  };

  /** Only what is published while it is there: whatever came before may be lost. */
  const attachToQueue = async (attachment: Attachment) => {
    if (!toldNoLog) log.warn("the broker keeps no log of events: clients that reconnect cannot catch up");
    toldNoLog = true;
    hadQueue = true;
    last = undefined;
    const { channel } = attachment;
    const { queue } = await channel.assertQueue("", { exclusive: true, autoDelete: true, durable: false });
    await channel.bindQueue(queue, topology.events, "#");
    await attachment.consume(queue, undefined, (message) => {
      const entry = readEntry(message);
      if (!Number.isNaN(entry.timeMs)) lastTimeMs = entry.timeMs;
      listener.onEntry(entry, true);
    });
    if (hasStarted) listener.onGap(true, "the feed was away, and the broker keeps no log of events");
    finishStart();
  };

  const session = broker.session("event-feed", async (channel) => {
    const attachment = createAttachment(channel, topology.events, (one) => current === one);
    current = attachment;
    channel.once("close", () => {
      attachment.whenQuiet(undefined);
      if (current !== attachment) return;
      current = undefined;
      listener.onDetach();
    });
    const hasLog = await declareEvents(channel, topology);
    await channel.prefetch(PREFETCH);
    listener.onAttach({ again: attachedBefore, hasLog });
    await (hasLog ? attachToLog(attachment) : attachToQueue(attachment));
    attachedBefore = true;
  });

  return {
    started,
    close: async () => {
      current?.whenQuiet(undefined);
      current = undefined;
      clearTimeout(startTimer);
      tellStarted();
      await session.close();
    },
  };
}

/** One channel's consumer of the reader. */
type Attachment = ReturnType<typeof createAttachment>;

function createAttachment(channel: Channel, exchange: string, isCurrent: (attachment: Attachment) => boolean) {
  let timer: NodeJS.Timeout | undefined;
  const attachment = {
    channel,
    aim: "end" as Aim,
    isConsuming: false,
    isLeft: false,
    /** Every message until the attachment is left; not one of those that are on their way then. */
    consume: async (queue: string, offset: unknown, take: (message: ConsumeMessage) => void) => {
      const settle = settleInBulk(channel);
      const onMessage = (message: ConsumeMessage | null) => {
        if (attachment.isLeft || !isCurrent(attachment)) return;
        // The consumer was cancelled, for instance because the queue was deleted.
        if (message === null) return attachment.leave();
        settle(message);
        take(message);
      };
      await channel.consume(queue, onMessage, offset === undefined ? {} : { arguments: startingAt(offset) });
      attachment.isConsuming = true;
    },
    /**
     * Calls back after so long without another call of this function, and without a word from the broker that it had sent by then: the
     * answer to a question comes after them. `undefined` calls it off.
     */
    whenQuiet: (ms: number | undefined, then?: () => void) => {
      clearTimeout(timer);
      if (ms === undefined) return void (timer = undefined);
      const mine = setTimeout(() => {
        const ask = channel.checkExchange(exchange).then(
          () => timer === mine && isCurrent(attachment) && then?.(),
          // The channel is gone: the session attaches again.
          () => undefined,
        );
        void ask;
      }, ms);
      timer = mine;
    },
    leave: () => {
      attachment.isLeft = true;
      clearTimeout(timer);
      timer = undefined;
      // The session attaches again, on a new channel.
      void channel.close().catch(() => undefined);
    },
  };
  return attachment;
}
