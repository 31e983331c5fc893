import { setTimeout as delay } from "node:timers/promises";
import { type Channel, type ChannelModel, connect, type ConfirmChannel } from "amqplib";
import type { Logger } from "../log";

/** A connection to RabbitMQ that outlives the broker: it comes back by itself, and so does every session opened on it. */
export interface Broker {
  readonly connected: boolean;
  /**
   * Keeps one channel alive. `open` runs on a fresh channel at once, after every reconnection, and after the channel was closed by an error.
   * Delivery tags die with their channel: treat a failed `ack` as "will be delivered again".
   */
  session(name: string, open: (channel: Channel) => Promise<void>): Session<Channel>;
  /** The same with publisher confirms. */
  confirmSession(name: string, open: (channel: ConfirmChannel) => Promise<void>): Session<ConfirmChannel>;
  close(): Promise<void>;
}

export interface Session<C extends Channel> {
  /** The live channel, or `undefined` while there is none. */
  readonly channel: C | undefined;
  close(): Promise<void>;
}

const RECONNECT_MIN_MS = 100;
const RECONNECT_MAX_MS = 5_000;
const HEARTBEAT_S = 10;
const CLOSE_TIMEOUT_MS = 2_000;
/** A timer fires a little before or after its time. */
const TIMER_SLACK_MS = 50;
/** Of a connection that is being opened: no byte for so long. */
const CONNECT_TIMEOUT_MS = 5_000;
/** Of a session's `open`: a broker that takes connections and answers nothing else is tried again. */
const OPEN_TIMEOUT_MS = 15_000;

/**
 * Returns at once, also while the broker is away: a service starts and answers queries without it.
 * @param options.url amqp:// or amqps://
 * @param options.heartbeatS a connection that says nothing for two to three times as long is lost; a `heartbeat` in the URL wins
 */
export async function connectBroker(options: {
  url: string;
  log: Logger;
  name: string;
  heartbeatS?: number;
}): Promise<Broker> {
  const { log, heartbeatS = HEARTBEAT_S } = options;
  const sessions = new Set<LiveSession>();
  let model: ChannelModel | undefined;
  let closed = false;
  /** When the latest attempt to connect began, or the next one will. */
  let attemptAtMs = performance.now();

  const url = new URL(options.url);
  if (!url.searchParams.has("heartbeat")) url.searchParams.set("heartbeat", String(heartbeatS));

  const connection = await connect(url.href, {
    // Nagle's algorithm costs 40 ms on every small message.
    noDelay: true,
    timeout: CONNECT_TIMEOUT_MS,
    clientProperties: { connection_name: options.name },
    recovery: {
      waitForConnect: false,
      initialDelay: RECONNECT_MIN_MS,
      maxDelay: RECONNECT_MAX_MS,
      jitter: 0.3,
      setup: (fresh: ChannelModel) => {
        // amqplib restores the connection only; channels and consumers are ours to make again. It watches the connection when this
        // has returned, no sooner: waiting here for the sessions would miss that it is lost meanwhile.
        // Nor does it listen to errors of one that is closed as soon as it is open: they would end the process.
        fresh.on("error", () => undefined);
        if (closed) return Promise.resolve();
        model = fresh;
        for (const session of sessions) void session.restart(fresh);
        return Promise.resolve();
      },
    },
  });
  connection.on("connect", () => !closed && log.info("connected to the broker"));
  connection.on("disconnect", (err: Error) => {
    model = undefined;
    log.warn({ reason: err.message }, "lost the broker, reconnecting");
  });
  // Said once per outage: `connect-failed` fires for every attempt.
  let announced = false;
  connection.on("connect-failed", (err: Error) => {
    if (!announced) log.warn({ reason: err.message }, "the broker does not answer, trying again");
    announced = true;
  });
  connection.on("connect", () => {
    announced = false;
  });
  connection.on("error", (err: Error) => log.warn({ reason: err.message }, "broker connection error"));
  connection.on("reconnect-scheduled", ({ delay: delayMs }) => {
    attemptAtMs = performance.now() + delayMs;
  });

  /** amqplib does not listen to a connection that comes after its close: so an attempt that is under way ends first, though nobody waits long. */
  const close = async () => {
    const isAttempting = model === undefined && performance.now() > attemptAtMs - TIMER_SLACK_MS;
    if (!isAttempting) return closeInTime(connection);
    const over = new Promise<void>((resolve) => {
      const end = () => void closeInTime(connection).then(resolve);
      connection.once("connect", end);
      connection.once("connect-failed", end);
    });
    await Promise.race([over, delay(CLOSE_TIMEOUT_MS, undefined, { ref: false })]);
  };

  const open = <C extends Channel>(
    name: string,
    make: (model: ChannelModel) => Promise<C>,
    setUp: (channel: C) => Promise<void>,
  ): Session<C> => {
    const session = createSession(name, make, setUp, () => (closed ? undefined : model), log);
    sessions.add(session);
    if (model) void session.restart(model);
    return {
      get channel() {
        return session.channel();
      },
      close: async () => {
        sessions.delete(session);
        await session.close();
      },
    };
  };

  return {
    get connected() {
      return model !== undefined;
    },
    session: (name, setUp) => open(name, (live) => live.createChannel(), setUp),
    confirmSession: (name, setUp) => open(name, (live) => live.createConfirmChannel(), setUp),
    close: async () => {
      closed = true;
      await Promise.all([...sessions].map((session) => session.close()));
      await close();
    },
  };
}

/**
 * What is lost while it closes is closed all the same: amqplib waits for ever for the answer to a close when the connection dies first,
 * and tells of that by the `close` event of a channel.
 */
async function closeInTime(closable: Pick<Channel, "close"> & NodeJS.EventEmitter): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const gone = new Promise<void>((resolve) => {
    closable.once("close", resolve);
    timer = setTimeout(resolve, CLOSE_TIMEOUT_MS);
  });
  await Promise.race([closable.close().catch(() => undefined), gone]);
  clearTimeout(timer);
}

async function inTime<T>(work: Promise<T>, limitMs: number): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`the broker did not answer within ${limitMs} ms`)), limitMs);
  });
  return Promise.race([work, late]).finally(() => clearTimeout(timer));
}

interface LiveSession {
  restart(model: ChannelModel): Promise<void>;
  close(): Promise<void>;
}

function createSession<C extends Channel>(
  name: string,
  make: (model: ChannelModel) => Promise<C>,
  setUp: (channel: C) => Promise<void>,
  currentModel: () => ChannelModel | undefined,
  log: Logger,
): LiveSession & { channel(): C | undefined } {
  let live: C | undefined;
  let ended = false;
  // Only the newest start may install its channel: a reconnection can overtake a slow one.
  let generation = 0;

  const restart = async (model: ChannelModel): Promise<void> => {
    // A channel dies before its connection is known to be lost: what it asks for then must not overtake the start on the next connection.
    if (ended || currentModel() !== model) return;
    const mine = ++generation;
    let retryMs = RECONNECT_MIN_MS;
    while (!ended && mine === generation && currentModel() === model) {
      let channel: C | undefined;
      try {
        channel = await make(model);
        const opened = channel;
        channel.on("error", (err: Error) => log.warn({ session: name, reason: err.message }, "channel error"));
        channel.on("close", () => {
          if (live === opened) live = undefined;
          const again = currentModel();
          if (!ended && mine === generation && again) void delay(RECONNECT_MIN_MS).then(() => restart(again));
        });
        await inTime(setUp(channel), OPEN_TIMEOUT_MS);
        if (ended || mine !== generation) return void (await channel.close().catch(() => undefined));
        live = channel;
        return;
      } catch (err) {
        log.warn({ session: name, reason: (err as Error).message }, "could not open a broker session, trying again");
        channel?.removeAllListeners("close");
        if (channel) await closeInTime(channel);
        await delay(retryMs);
        retryMs = Math.min(retryMs * 2, RECONNECT_MAX_MS);
      }
    }
  };

  return {
    channel: () => live,
    restart,
    close: async () => {
      ended = true;
      const channel = live;
      live = undefined;
      if (channel) await closeInTime(channel);
    },
  };
}
