import type { Channel } from "amqplib";

export type StreamArguments = Readonly<Record<string, string | number>>;

/** What a broker taught by its refusals, for as long as the connection lives: behind the next one there may be another broker. */
const learned = new WeakMap<Channel["connection"], Map<string, StreamArguments | "no stream">>();

/**
 * Declares a stream queue, and takes one as it is that was declared with other limits. A refused declaration costs the channel and fails;
 * the next attempt over the same connection knows better.
 * @returns false where the broker has no streams, or another kind of queue by that name
 */
export async function declareStream(channel: Channel, queue: string, wanted: StreamArguments): Promise<boolean> {
  const lessons = learned.get(channel.connection) ?? new Map<string, StreamArguments | "no stream">();
  learned.set(channel.connection, lessons);
  const declared = lessons.get(queue) ?? wanted;
  if (declared === "no stream") return false;
  try {
    await channel.assertQueue(queue, { durable: true, arguments: { ...declared, "x-queue-type": "stream" } });
  } catch (error) {
    lessons.set(queue, learn(declared, error));
    throw error;
  }
  return true;
}

const PRECONDITION_FAILED = 406;

/** A refusal names one argument that the queue has otherwise: the next declaration says it as it is, as long as it is a stream. */
function learn(declared: StreamArguments, error: unknown): StreamArguments | "no stream" {
  const { code, message } = error as { code?: unknown; message?: unknown };
  if (code !== PRECONDITION_FAILED) return declared;
  const text = String(message);
  const name = /inequivalent arg '([^']+)'/.exec(text)?.[1];
  if (name === undefined || !name.startsWith("x-") || name === "x-queue-type") return "no stream";
  const { [name]: mine, ...others } = declared;
  const [, current, type] = /but current is (?:the value )?'([^']*)'(?: of type '(\w+)')?/.exec(text) ?? [];
  if (current === undefined) return others;
  const isText = type === "longstr" || (type === undefined && typeof mine === "string");
  return { ...others, [name]: isText ? current : Number(current) };
}
