import net from "node:net";

const HANDSHAKE = (port: number) =>
  `GET /graphql HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n` +
  "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Protocol: graphql-transport-ws\r\n\r\n";
const END_OF_HEAD = "\r\n\r\n";
const TEXT = 1;
const CLOSE = 8;
const PING = 9;
/** Of what a server says before it ends. */
const LONGEST_REASON = 120;

/** A frame of a client, masked with zeros: that changes no byte. */
function frame(opcode: number, payload: string): Buffer {
  const bytes = Buffer.byteLength(payload);
  const isShort = bytes < 126;
  const head = Buffer.from(isShort ? [0x80 | opcode, 0x80 | bytes] : [0x80 | opcode, 0xfe, bytes >> 8, bytes & 0xff]);
  return Buffer.concat([head, Buffer.alloc(4), Buffer.from(payload)]);
}

export interface LightSocketEvents {
  /** The server speaks: the connection is acknowledged. */
  onReady(socket: LightSocket): void;
  /** @param read gives the text of the message, as far as it came in one piece */
  onMessage(socket: LightSocket, read: () => string): void;
  /** @param reason why the server ended it, or the connection broke */
  onClose(socket: LightSocket, reason: string): void;
}

/**
 * As little of a WebSocket client as can be: ten thousand of them, and their messages, must not be what limits the measurement. Messages are counted, not parsed;
 * anything that is not a `next` closes it.
 */
export class LightSocket {
  private readonly socket: net.Socket;
  private isUpgraded = false;
  private isAcknowledged = false;
  /** Of the frame that is being received. */
  private missing = 0;
  private rest: Buffer | undefined;
  private reason = "ended without a word";
  messages = 0;

  /** @param n numbers of the same value come from the same address */
  constructor(
    port: number,
    n: number,
    private readonly events: LightSocketEvents,
  ) {
    this.socket = net.connect({ port, host: "127.0.0.1", noDelay: true, ...addressOf(n) });
    this.socket.on("connect", () => this.socket.write(HANDSHAKE(port)));
    this.socket.on("data", (chunk: Buffer) => this.receive(chunk));
    this.socket.on("error", ({ code, message }: NodeJS.ErrnoException) => this.end(code ?? message));
    this.socket.on("close", () => this.events.onClose(this, this.reason));
  }

  send(message: object): void {
    this.socket.write(frame(TEXT, JSON.stringify(message)));
  }

  /** Reads nothing more. */
  stall(): void {
    this.socket.pause();
  }

  cut(): void {
    this.socket.resetAndDestroy();
  }

  private receive(chunk: Buffer): void {
    let bytes = this.rest ? Buffer.concat([this.rest, chunk]) : chunk;
    this.rest = undefined;
    if (!this.isUpgraded) {
      const end = bytes.indexOf(END_OF_HEAD);
      if (end < 0) {
        this.rest = bytes;
        return;
      }
      if (!bytes.subarray(0, 12).equals(SWITCHING)) return this.end(bytes.toString("latin1", 0, bytes.indexOf("\r\n")));
      this.isUpgraded = true;
      this.send({ type: "connection_init" });
      bytes = bytes.subarray(end + END_OF_HEAD.length);
    }
    let at = Math.min(this.missing, bytes.length);
    this.missing -= at;
    while (at < bytes.length) {
      const left = bytes.length - at;
      const short = left > 1 ? bytes[at + 1]! : 0;
      const headBytes = short === 127 ? 10 : short === 126 ? 4 : 2;
      if (left < headBytes) {
        this.rest = bytes.subarray(at);
        return;
      }
      const opcode = bytes[at]! & 0x0f;
      const payloadBytes =
        short === 127 ? Number(bytes.readBigUInt64BE(at + 2)) : short === 126 ? bytes.readUInt16BE(at + 2) : short;
      const from = at + headBytes;
      const to = Math.min(from + payloadBytes, bytes.length);
      this.missing = payloadBytes - (to - from);
      this.take(opcode, bytes, from, to);
      at = to;
    }
  }

  private take(opcode: number, bytes: Buffer, from: number, to: number): void {
    if (opcode === PING) return void this.socket.write(frame(10, ""));
    if (opcode === CLOSE) return this.end(closeOf(bytes.subarray(from, to)));
    if (opcode !== TEXT) return this.end(`a frame of opcode ${opcode}`);
    if (!this.isAcknowledged) {
      this.isAcknowledged = true;
      return this.events.onReady(this);
    }
    const head = bytes.toString("latin1", from, Math.min(to, from + 100));
    if (!head.includes('"type":"next"')) {
      return this.end(withoutId(bytes.toString("utf8", from, to)));
    }
    this.messages++;
    this.events.onMessage(this, () => bytes.toString("utf8", from, to));
  }

  private end(reason: string): void {
    this.reason = reason.slice(0, LONGEST_REASON);
    this.socket.destroy();
  }
}

const closeOf = (payload: Buffer) =>
  payload.length < 2 ? "closed without a code" : `${payload.readUInt16BE()} ${payload.toString("utf8", 2)}`;

/** Equal answers to different clients are to look equal. */
const withoutId = (message: string) => message.replace(/"id":"[^"]*",?/, "");

/** Ten thousand clients are not one client. Linux has a whole network of loopback addresses; elsewhere all come from one. */
const addressOf = (n: number) =>
  process.platform === "linux" ? { localAddress: `127.1.${(n >> 8) & 0xff}.${n & 0xff}` } : {};

const SWITCHING = Buffer.from("HTTP/1.1 101");
