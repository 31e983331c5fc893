import { createRequire } from "node:module";
import path from "node:path";
import type { FieldTable } from "./field-table";
import type { Replies, ReplyName, RequestName } from "./methods";

/*
 * AMQP's method tables are a thousand generated lines; amqplib, which the services use anyway, carries them in
 * lib/defs.js and lib/frame.js. Its "exports" map hides both ('amqplib/lib/defs' is ERR_PACKAGE_PATH_NOT_EXPORTED), but
 * an absolute path is not subject to the map. They are internals: package.json pins amqplib 2.3.1 exactly, and the
 * contract suite is what has to pass before the pin moves.
 */
const load = createRequire(__filename);
const library = path.join(path.dirname(load.resolve("amqplib")), "lib");

interface Definitions {
  decode(id: number, fields: Buffer): Record<string, unknown>;
  encodeMethod(id: number, channel: number, fields: object): Buffer;
  encodeProperties(id: number, channel: number, size: number, fields: object): Buffer;
  info(id: number): { name: string };
  constants: Record<string, number>;
}

const definitions = load(path.join(library, "defs.js")) as Definitions & Record<string, number>;
const frames = load(path.join(library, "frame.js")) as {
  makeBodyFrame(channel: number, payload: Buffer): Buffer;
  HEARTBEAT_BUF: Buffer;
};

export const protocolHeader = Buffer.from("AMQP\x00\x00\x09\x01", "latin1");
export const heartbeatFrame = frames.HEARTBEAT_BUF;
export const frameEnd = 0xce;
/** The bytes around a frame's payload: type, channel, size in front, the end marker behind. */
export const frameOverhead = 8;

/** Basic properties as amqplib decodes them; absent ones are undefined. */
export interface Properties {
  headers?: FieldTable;
  deliveryMode?: number;
  priority?: number;
  expiration?: string;
  userId?: string;
  [name: string]: unknown;
}

export interface Method {
  id: number;
  /** Undefined for a method number the specification does not know. */
  name: RequestName | undefined;
}

export function methodOf(id: number): Method {
  try {
    const { name } = definitions.info(id);
    return { id, name: name as RequestName };
  } catch {
    return { id, name: undefined };
  }
}

/** Throws RangeError or TypeError on bytes that are not this method's fields. */
export function decodeFields(id: number, fields: Buffer): Record<string, unknown> {
  return definitions.decode(id, fields);
}

export function encodeMethod<N extends ReplyName>(name: N, channel: number, fields: Replies[N]): Buffer {
  return definitions.encodeMethod(definitions[name]!, channel, fields);
}

/** `encoded` is a content header's payload behind class, weight and size: the property flags and values. */
export function decodeProperties(encoded: Buffer): Properties {
  const properties: Properties = {};
  const decoded = definitions.decode(definitions.BasicProperties!, encoded);
  for (const [name, value] of Object.entries(decoded)) if (value !== undefined) properties[name] = value;
  return properties;
}

/** Throws RangeError when the headers exceed the 64 KB that amqplib's encoder can hold. */
export function encodeProperties(properties: Properties): Buffer {
  const frame = definitions.encodeProperties(definitions.BasicProperties!, 0, 0, properties);
  return Buffer.from(frame.subarray(7 + 12, frame.length - 1));
}

export function contentHeaderFrame(channel: number, bodySize: number, encodedProperties: Buffer): Buffer {
  const frame = Buffer.allocUnsafe(frameOverhead + 12 + encodedProperties.length);
  frame[0] = 2;
  frame.writeUInt16BE(channel, 1);
  frame.writeUInt32BE(12 + encodedProperties.length, 3);
  frame.writeUInt16BE(60, 7);
  frame.writeUInt16BE(0, 9);
  frame.writeBigUInt64BE(BigInt(bodySize), 11);
  encodedProperties.copy(frame, 19);
  frame[frame.length - 1] = frameEnd;
  return frame;
}

export function bodyFrame(channel: number, payload: Buffer): Buffer {
  return frames.makeBodyFrame(channel, payload);
}
