import type { ConfirmChannel, ConsumeMessage } from "amqplib";
import { ATTEMPT_HEADER, DEAD_REASON_HEADER } from "./consume-events";
import { DELAY_HEADER, type Topology } from "./topology";

/** A delivery that was given up. */
export interface DeadLetter {
  /** Of the event; `""` for a message that has none. */
  readonly id: string;
  readonly type: string;
  /** The queue of the handler that could not do it. */
  readonly queue: string;
  readonly reason: string;
  readonly attempts: number;
  /** When the event happened, in ISO 8601; `""` where nobody said. */
  readonly time: string;
  readonly headers: Readonly<Record<string, unknown>>;
  /** The body, as text. */
  readonly body: string;
}

/** Opens a channel of its own for each question: an error closes the one that it came on. */
export type OpenChannel = () => Promise<ConfirmChannel>;

/** How long the log is quiet before it is taken for its end. */
const QUIET_MS = 500;
/** Of a queue, which gives no more until what it gave is acknowledged, so many are read. */
const PREFETCH = 1_000;
const PRECONDITION_FAILED = 406;

/** All dead letters, oldest first. Reading takes nothing away. */
export async function readDeadLetters(open: OpenChannel, topology: Topology): Promise<DeadLetter[]> {
  return (await readMessages(open, topology)).map(asDeadLetter);
}

/**
 * Gives dead letters back to their handlers, as if they were delivered for the first time; handlers do nothing for what they have done before.
 * The log keeps them.
 * @param id of an event; it is given back once to each handler that gave it up
 * @returns the queues that have it again
 * @throws Error when there is no such letter, or the queue of one is gone
 */
export async function replayDeadLetter(open: OpenChannel, topology: Topology, id: string): Promise<string[]> {
  const found = (await readMessages(open, topology)).filter((message) => asDeadLetter(message).id === id);
  if (found.length === 0) throw new Error(`There is no dead letter of an event "${id}".`);
  const newest = new Map(found.map((message) => [message.fields.routingKey, message]));
  const channel = await open();
  const returned: string[] = [];
  channel.on("return", ({ fields }) => returned.push(fields.routingKey));
  for (const [queue, { content, properties }] of newest) {
    const headers = Object.entries(properties.headers ?? {}).filter(
      ([name]) => ![ATTEMPT_HEADER, DEAD_REASON_HEADER, DELAY_HEADER].includes(name) && !name.startsWith("x-"),
    );
    const options = { ...properties, headers: Object.fromEntries(headers), persistent: true, mandatory: true };
    channel.publish("", queue, content, options);
  }
  await channel.waitForConfirms();
  await channel.close();
  if (returned.length > 0) throw new Error(`There is no queue ${returned.join(", ")} any more.`);
  return [...newest.keys()];
}

/** From a stream, or from the queue that takes its place on a broker without streams. */
async function readMessages(open: OpenChannel, { deadLog }: Topology): Promise<ConsumeMessage[]> {
  try {
    return await readAll(await open(), deadLog, { "x-stream-offset": "first" });
  } catch (error) {
    if ((error as { code?: unknown }).code !== PRECONDITION_FAILED) throw error;
    return await readAll(await open(), deadLog, {});
  }
}

async function readAll(
  channel: ConfirmChannel,
  queue: string,
  from: Record<string, string>,
): Promise<ConsumeMessage[]> {
  const messages: ConsumeMessage[] = [];
  // What closes the channel fails the call that waits.
  channel.on("error", () => undefined);
  await channel.prefetch(PREFETCH);
  let isQuiet = () => {};
  const quiet = new Promise<void>((resolve) => (isQuiet = resolve));
  let timer: NodeJS.Timeout | undefined;
  const listenOn = () => {
    clearTimeout(timer);
    timer = setTimeout(isQuiet, QUIET_MS);
  };
  const take = (message: ConsumeMessage | null) => {
    if (message === null) return isQuiet();
    messages.push(message);
    // Of a queue nothing is acknowledged, so closing the channel gives everything back.
    if (message.properties.headers?.["x-stream-offset"] !== undefined) channel.ack(message);
    listenOn();
  };
  await channel.consume(queue, take, { arguments: from });
  listenOn();
  await quiet;
  clearTimeout(timer);
  await channel.close();
  return messages;
}

function asDeadLetter({ content, fields, properties }: ConsumeMessage): DeadLetter {
  const headers = (properties.headers ?? {}) as Record<string, unknown>;
  const text = (value: unknown) => (typeof value === "string" ? value : "");
  return {
    id: text(headers["cloudEvents_id"]) || text(properties.messageId),
    type: text(headers["cloudEvents_type"]) || text(properties.type),
    queue: fields.routingKey,
    // Without a reason of ours the broker gave it up: its handler died over it again and again.
    reason: text(headers[DEAD_REASON_HEADER]) || "returned too often",
    attempts: Number(headers[ATTEMPT_HEADER] ?? 0),
    time: text(headers["cloudEvents_time"]),
    headers,
    body: content.toString("utf8"),
  };
}
