/**
 * The reply codes of AMQP 0-9-1 (specification 1.2, "Exceptions") that this broker answers with, the word RabbitMQ puts
 * in front of its text, and what the error ends: the channel ("soft error") or the whole connection ("hard error").
 */
const replies = {
  311: ["CONTENT_TOO_LARGE", "channel"],
  320: ["CONNECTION_FORCED", "connection"],
  403: ["ACCESS_REFUSED", "channel"],
  404: ["NOT_FOUND", "channel"],
  405: ["RESOURCE_LOCKED", "channel"],
  406: ["PRECONDITION_FAILED", "channel"],
  501: ["FRAME_ERROR", "connection"],
  503: ["COMMAND_INVALID", "connection"],
  504: ["CHANNEL_ERROR", "connection"],
  505: ["UNEXPECTED_FRAME", "connection"],
  530: ["NOT_ALLOWED", "connection"],
  540: ["NOT_IMPLEMENTED", "connection"],
  541: ["INTERNAL_ERROR", "connection"],
} as const;

export type ReplyCode = keyof typeof replies;

/** A refusal the client is told about; `text` is worded as RabbitMQ words it, because clients match on it. */
export class AmqpError extends Error {
  readonly replyText: string;
  readonly scope: "channel" | "connection";

  constructor(
    readonly replyCode: ReplyCode,
    text: string,
  ) {
    const [word, scope] = replies[replyCode];
    super(`${word} - ${text}`);
    this.name = "AmqpError";
    this.scope = scope;
    this.replyText = shortString(this.message);
  }
}

/** A `shortstr` holds 255 bytes; a longer text would make the answer itself impossible to encode. */
function shortString(text: string): string {
  let short = text;
  while (Buffer.byteLength(short) > 255) short = short.slice(0, -1);
  return short;
}
