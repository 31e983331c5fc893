import type { StreamLog } from "../storage/stream-log";
import { AmqpError } from "../wire/amqp-error";
import type { FieldValue } from "../wire/field-table";
import { fieldType } from "../wire/field-type";
import { maxAgeMs } from "./max-age";

/**
 * Where a consumer starts to read (https://www.rabbitmq.com/docs/streams#consuming): `first`, `last`, `next` (the default),
 * an offset, a timestamp in seconds, or an age such as "1h". RabbitMQ can start only at a chunk, a group of messages
 * written together, for `last` and for times; here every message is its own chunk: `last` is the one newest message.
 * An offset beyond the end waits for that very offset. Throws 406 on anything else.
 */
export function startOffset(where: string, argument: FieldValue | undefined, log: StreamLog): number {
  if (argument === undefined || argument === "next") return log.nextOffset;
  if (argument === "first") return log.firstOffset;
  if (argument === "last") return Math.max(log.firstOffset, log.nextOffset - 1);
  if (typeof argument === "number" && Number.isInteger(argument)) return argument;
  if (typeof argument === "string") {
    const ageMs = maxAgeMs(argument);
    if (ageMs !== undefined) return log.offsetAt(Date.now() - ageMs);
  }
  if (typeof argument === "object" && argument !== null && "!" in argument && argument["!"] === "timestamp") {
    return log.offsetAt(Number(argument.value) * 1000);
  }
  const value = typeof argument === "string" ? `<<"${argument}">>` : JSON.stringify(argument);
  const reason = `{invalid_stream_offset_arg,{${fieldType(argument)},${value}}}`;
  throw new AmqpError(406, `invalid arg 'x-stream-offset' for ${where}: ${reason}`);
}
