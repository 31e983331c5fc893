import { createHmac, randomBytes, timingSafeEqual } from "node:crypto";
import { LRUCache } from "lru-cache";
import type { Logger } from "../../../kit/log";
import type { Position } from "../feed/event-log";

/**
 * A place in the log of events as clients carry it: opaque to them, and worthless when they change it.
 *
 *     version (1 byte) | form of the id (1) | offset (6) | id (16 bytes of a UUID, or text) | HMAC-SHA256 (first 16)     as base64url
 */
export interface CursorCodec {
  encode(position: Position): string;
  /** `undefined` for whatever this gateway, or one with the same secret, did not write. */
  decode(cursor: string): Position | undefined;
}

const VERSION = 1;
const UUID_FORM = 1;
const TEXT_FORM = 0;
const HEAD_BYTES = 8;
const MAC_BYTES = 16;
/** An id is a short string of AMQP: 255 bytes at most. */
const LONGEST_CURSOR = Math.ceil(((HEAD_BYTES + 255 + MAC_BYTES) * 4) / 3);
const UUID = /^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/;
/** Members of a group come back with the same cursor, thousands at once. */
const REMEMBERED = 1_000;
/** Keeps these signatures apart from any other use of the same secret. */
const PURPOSE = "tributary stream cursor\0";

/**
 * @param options.secrets the first one signs, each is accepted: put a new one in front, and drop the old one when its cursors are too old.
 *   Without any, a random one: cursors are then good at this process only.
 */
export function createCursorCodec(options: { secrets: readonly string[]; log: Logger }): CursorCodec {
  const secrets = options.secrets.length > 0 ? options.secrets : [randomBytes(32).toString("hex")];
  if (options.secrets.length === 0) {
    options.log.info("CURSOR_SECRET is not set: clients can resume subscriptions at this process only, until it ends");
  }
  const sign = (secret: string, content: Buffer) =>
    createHmac("sha256", secret).update(PURPOSE).update(content).digest().subarray(0, MAC_BYTES);

  const known = new LRUCache<string, Position>({ max: REMEMBERED });

  const read = (cursor: string): Position | undefined => {
    if (cursor.length > LONGEST_CURSOR) return undefined;
    const bytes = Buffer.from(cursor, "base64url");
    // Node reads past characters that are none of base64url's: only the one spelling is ours.
    if (bytes.length < HEAD_BYTES + MAC_BYTES || bytes.toString("base64url") !== cursor) return undefined;
    const content = bytes.subarray(0, -MAC_BYTES);
    const mac = bytes.subarray(-MAC_BYTES);
    if (!secrets.some((secret) => timingSafeEqual(sign(secret, content), mac))) return undefined;
    if (content.readUInt8(0) !== VERSION) return undefined;
    const id = content.subarray(HEAD_BYTES);
    return { offset: content.readUIntBE(2, 6), id: content.readUInt8(1) === UUID_FORM ? toUuid(id) : id.toString() };
  };

  const write = ({ offset, id }: Position): string => {
    const isUuid = UUID.test(id);
    const head = Buffer.allocUnsafe(HEAD_BYTES);
    head.writeUInt8(VERSION, 0);
    head.writeUInt8(isUuid ? UUID_FORM : TEXT_FORM, 1);
    head.writeUIntBE(offset, 2, 6);
    const content = Buffer.concat([head, isUuid ? Buffer.from(id.replaceAll("-", ""), "hex") : Buffer.from(id)]);
    return Buffer.concat([content, sign(secrets[0]!, content)]).toString("base64url");
  };
  /** Whoever subscribes anew is told the log's head, and in a storm that is the same for thousands. */
  let newest: { readonly position: Position; readonly cursor: string } | undefined;

  return {
    encode: (position) => {
      if (newest?.position.offset !== position.offset || newest.position.id !== position.id) {
        newest = { position: { offset: position.offset, id: position.id }, cursor: write(position) };
      }
      return newest.cursor;
    },
    decode: (cursor) => {
      const position = known.get(cursor) ?? read(cursor);
      if (position) known.set(cursor, position);
      return position;
    },
  };
}

const toUuid = (bytes: Buffer) => bytes.toString("hex").replace(/^(.{8})(.{4})(.{4})(.{4})/, "$1-$2-$3-$4-");
