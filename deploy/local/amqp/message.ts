import type { FieldTable } from "./wire/field-table";
import { decodeProperties, encodeProperties, type Properties } from "./wire/codec";

/**
 * A published message. The properties are kept as the publisher encoded them, so a message that nobody changed leaves
 * with the very field types it came with; a change (x-death, x-delivery-count, x-stream-offset) makes a new message.
 */
export interface Message {
  readonly exchange: string;
  readonly routingKey: string;
  readonly properties: Properties;
  readonly encodedProperties: Buffer;
  readonly body: Buffer;
}

export function withProperties(message: Message, properties: Properties): Message {
  return { ...message, properties, encodedProperties: encodeProperties(properties) };
}

/**
 * The message with some headers added or replaced. amqplib's encoder holds 64 KB of headers, a frame twice that: a message
 * that was already near the limit goes on without the additions rather than not at all.
 */
export function withHeaders(message: Message, headers: FieldTable): Message {
  try {
    return withProperties(message, { ...message.properties, headers: { ...message.properties.headers, ...headers } });
  } catch (error) {
    if (error instanceof RangeError) return message;
    throw error;
  }
}

/** A message as bytes for the disk: two shortstr, a 32 bit length and the properties, then the body to the end. */
export function encodeMessage(message: Message): Buffer {
  const exchangeBytes = Buffer.byteLength(message.exchange);
  const keyBytes = Buffer.byteLength(message.routingKey);
  const { encodedProperties, body } = message;
  const bytes = Buffer.allocUnsafe(6 + exchangeBytes + keyBytes + encodedProperties.length + body.length);
  let at = bytes.writeUInt8(exchangeBytes, 0);
  at += bytes.write(message.exchange, at);
  at = bytes.writeUInt8(keyBytes, at);
  at += bytes.write(message.routingKey, at);
  at = bytes.writeUInt32BE(encodedProperties.length, at);
  at += encodedProperties.copy(bytes, at);
  body.copy(bytes, at);
  return bytes;
}

/** Throws RangeError or TypeError when the bytes are not what encodeMessage wrote. The result shares their memory. */
export function decodeMessage(bytes: Buffer): Message {
  const exchangeEnd = 1 + bytes.readUInt8(0);
  const keyStart = exchangeEnd + 1;
  const keyEnd = keyStart + bytes.readUInt8(exchangeEnd);
  const propertiesStart = keyEnd + 4;
  const propertiesEnd = propertiesStart + bytes.readUInt32BE(keyEnd);
  const encodedProperties = bytes.subarray(propertiesStart, propertiesEnd);
  return {
    exchange: bytes.toString("utf8", 1, exchangeEnd),
    routingKey: bytes.toString("utf8", keyStart, keyEnd),
    properties: decodeProperties(encodedProperties),
    encodedProperties,
    body: bytes.subarray(propertiesEnd),
  };
}
