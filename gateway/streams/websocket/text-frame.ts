import type { Writable } from "node:stream";

/** FIN and the opcode of text: RFC 6455, section 5.2. */
const WHOLE_TEXT = 0x81;
const LENGTH_16 = 126;
const LENGTH_64 = 127;
/** Up to here copying costs less than a second buffer, which Node and the system handle one by one. */
const MAX_COPIED_BYTES = 4_096;

/**
 * Writes one unmasked text frame whose end is shared with other sockets. `ws` would encode, frame and copy the whole message again for each socket; with
 * no extension in use a frame is a head of two to ten bytes, so it is made here.
 *
 * @param prefix what comes before the shared bytes
 * @param prefixBytes its length as UTF-8
 */
export function writeTextFrame(socket: Writable, prefix: string, prefixBytes: number, shared: Buffer): void {
  const payloadBytes = prefixBytes + shared.length;
  const headBytes = payloadBytes < LENGTH_16 ? 2 : payloadBytes <= 0xffff ? 4 : 10;
  const isCopied = shared.length <= MAX_COPIED_BYTES;
  const first = Buffer.allocUnsafe(headBytes + prefixBytes + (isCopied ? shared.length : 0));
  first[0] = WHOLE_TEXT;
  if (headBytes === 2) {
    first[1] = payloadBytes;
  } else if (headBytes === 4) {
    first[1] = LENGTH_16;
    first.writeUInt16BE(payloadBytes, 2);
  } else {
    first[1] = LENGTH_64;
    first.writeBigUInt64BE(BigInt(payloadBytes), 2);
  }
  first.write(prefix, headBytes, prefixBytes, "utf8");
  if (isCopied) {
    first.set(shared, headBytes + prefixBytes);
    socket.write(first);
    return;
  }
  socket.cork();
  socket.write(first);
  socket.write(shared);
  socket.uncork();
}

const NOTHING = Buffer.alloc(0);

/** Writes one unmasked text frame that is nobody else's. ASCII leaves as it is: Node writes it to the socket without a buffer of its own. */
export function writeOwnFrame(socket: Writable, text: string): void {
  const bytes = Buffer.byteLength(text);
  if (bytes !== text.length || bytes > 0xffff) return writeTextFrame(socket, text, bytes, NOTHING);
  // Latin-1 has a character for each byte.
  const head =
    bytes < LENGTH_16
      ? String.fromCharCode(WHOLE_TEXT, bytes)
      : String.fromCharCode(WHOLE_TEXT, LENGTH_16, bytes >> 8, bytes & 0xff);
  socket.write(head + text, "latin1");
}
