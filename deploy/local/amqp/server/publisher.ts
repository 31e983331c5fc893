import type { Message } from "../message";
import { withProperties } from "../message";
import { AmqpError } from "../wire/amqp-error";
import { decodeProperties, type Properties } from "../wire/codec";
import { frameTypes, type Frame } from "../wire/frame-reader";
import type { Requests } from "../wire/methods";
import type { ChannelWire } from "./channel-wire";

interface Content {
  fields: Requests["BasicPublish"];
  encodedProperties: Buffer | undefined;
  bodyBytes: number;
  parts: Buffer[];
  receivedBytes: number;
}

/** RabbitMQ's default for max_message_size. */
const maxBodyBytes = 134_217_728;
/** Room for the broker's own headers within the 64 KB that amqplib's encoder can hold. */
const maxPropertiesBytes = 60 * 1024;
const basicClass = 60;

/** The publishing side of a channel: puts messages together from frames, routes them, returns and confirms them. */
export class Publisher {
  /** basic.publish, for the class and method ids of an error. */
  static readonly methodId = (basicClass << 16) | 40;
  private content: Content | undefined;
  private confirming = false;
  private lastSequence = 0;
  private confirmed = 0;
  private refused: number[] = [];
  private scheduled = false;
  private closed = false;

  constructor(
    private readonly wire: ChannelWire,
    private readonly channel: number,
  ) {}

  /** A method announced a message whose header or body is still to come. */
  get inContent(): boolean {
    return this.content !== undefined;
  }

  unexpected(): AmqpError {
    if (!this.content) return new AmqpError(505, "expected method frame, got non method frame instead");
    return this.content.encodedProperties
      ? new AmqpError(505, "expected content body, got non content body frame instead")
      : new AmqpError(505, `expected content header for class ${basicClass}, got non content header frame instead`);
  }

  confirmSelect(): void {
    this.confirming = true;
  }

  begin(fields: Requests["BasicPublish"]): void {
    if (fields.immediate) throw new AmqpError(540, "immediate=true");
    this.content = { fields, encodedProperties: undefined, bodyBytes: 0, parts: [], receivedBytes: 0 };
  }

  /** A header or body frame. Throws AmqpError: of the channel for the message, of the connection for the frame. */
  receive({ type, payload }: Frame): void {
    const content = this.content;
    const expected = content?.encodedProperties ? frameTypes.body : frameTypes.header;
    if (!content || type !== expected) throw this.unexpected();
    if (type === frameTypes.header) this.takeHeader(content, payload);
    else this.takeBody(content, payload);
    if (content.receivedBytes < content.bodyBytes) return;
    this.content = undefined;
    this.publish(content);
  }

  close(): void {
    this.closed = true;
    this.content = undefined;
  }

  private takeHeader(content: Content, payload: Buffer): void {
    if (payload.length < 14) throw new AmqpError(501, "content header is too short");
    const classId = payload.readUInt16BE(0);
    if (classId !== basicClass) {
      throw new AmqpError(505, `expected content header for class ${basicClass}, got one for class ${classId} instead`);
    }
    const bodyBytes = Number(payload.readBigUInt64BE(4));
    // A copy: the frame's memory belongs to a socket buffer many times its size.
    content.encodedProperties = Buffer.from(payload.subarray(12));
    content.bodyBytes = bodyBytes;
    if (bodyBytes > maxBodyBytes) {
      this.content = undefined;
      throw new AmqpError(406, `message size ${bodyBytes} is larger than configured max size ${maxBodyBytes}`);
    }
    if (content.encodedProperties.length > maxPropertiesBytes) {
      this.content = undefined;
      throw new AmqpError(406, `message headers are larger than ${maxPropertiesBytes} bytes`);
    }
  }

  private takeBody(content: Content, payload: Buffer): void {
    content.parts.push(Buffer.from(payload));
    content.receivedBytes += payload.length;
    if (content.receivedBytes > content.bodyBytes) throw new AmqpError(501, "content body is longer than announced");
  }

  private publish({ fields, encodedProperties, parts }: Content): void {
    const { exchange, routingKey, mandatory } = fields;
    const { virtualHost } = this.wire;
    if (exchange !== "" && virtualHost.exchange(exchange).declaration.internal) {
      throw new AmqpError(403, `cannot publish to internal exchange '${exchange}' in vhost '${virtualHost.name}'`);
    }
    const properties = propertiesOf(encodedProperties!);
    this.check(properties);
    const body = parts.length === 1 ? parts[0]! : Buffer.concat(parts);
    const message = { exchange, routingKey, properties, encodedProperties: encodedProperties!, body };
    const { routed, refused } = virtualHost.publish(message, withoutBlindCopies(message));
    if (mandatory && !routed) {
      const reason = { replyCode: 312, replyText: "NO_ROUTE", exchange, routingKey };
      this.wire.sendContent("BasicReturn", this.channel, reason, message);
    }
    if (this.confirming) this.confirm(refused);
  }

  private check({ expiration, userId }: Properties): void {
    const { user } = this.wire;
    if (userId !== undefined && userId !== user) {
      throw new AmqpError(406, `user_id property set to '${userId}' but authenticated user was '${user}'`);
    }
    if (expiration === undefined) return;
    const [, number, rest] = /^([+-]?\d+)?(.*)$/s.exec(expiration)!;
    const reason =
      number === undefined
        ? "no_integer"
        : rest
          ? `{leftover_string,"${rest}"}`
          : Number(number) < 0
            ? `{value_negative,${number}}`
            : Number(number) > 0xffffffff && `{value_too_large,${number}}`;
    if (reason) throw new AmqpError(406, `invalid expiration '${expiration}': ${reason}`);
  }

  /** One acknowledgement for the messages of a turn; the connection holds it back until they are on disk. */
  private confirm(refused: boolean): void {
    this.lastSequence++;
    if (refused) this.refused.push(this.lastSequence);
    if (this.scheduled) return;
    this.scheduled = true;
    setImmediate(() => {
      this.scheduled = false;
      if (!this.closed) this.acknowledge();
    });
  }

  private acknowledge(): void {
    for (const deliveryTag of this.refused) {
      if (deliveryTag - 1 > this.confirmed) {
        this.wire.send("BasicAck", this.channel, { deliveryTag: deliveryTag - 1, multiple: true });
      }
      this.wire.send("BasicNack", this.channel, { deliveryTag, multiple: false, requeue: false });
      this.confirmed = deliveryTag;
    }
    this.refused = [];
    if (this.lastSequence === this.confirmed) return;
    this.wire.send("BasicAck", this.channel, {
      deliveryTag: this.lastSequence,
      multiple: this.lastSequence - this.confirmed > 1,
    });
    this.confirmed = this.lastSequence;
  }
}

function propertiesOf(encoded: Buffer): Properties {
  try {
    return decodeProperties(encoded);
  } catch {
    throw new AmqpError(501, "cannot decode the content header's properties");
  }
}

/** BCC names more routing keys, and consumers must not see it. */
function withoutBlindCopies(message: Message): Message {
  const headers = message.properties.headers;
  if (headers?.BCC === undefined) return message;
  const { BCC: _hidden, ...visible } = headers;
  return withProperties(message, { ...message.properties, headers: visible });
}
