import { connect as connectPlain, type Socket } from "node:net";
import { connect as connectSecure } from "node:tls";
import { UpstreamFault } from "../upstream-fault";
import { ChunkedBody } from "./chunked-body";
import type { Exchange } from "./exchange";
import { readResponseHead, type ResponseHead } from "./response-head";

/** Where a connection reports to. */
export interface ConnectionOwner {
  /** The exchange is over and the connection good for another one. @param keepMs how long it may stay idle */
  onFree(connection: Connection, keepMs: number): void;
  onClosed(connection: Connection): void;
}

const MAX_HEAD_BYTES = 65_536;
/** Without a word of the server: many close an idle connection after five seconds. */
const KEEP_MS = 4_000;
/** A request must not set out in the moment in which the server closes. */
const KEEP_MARGIN_MS = 1_000;
const NOTHING = Buffer.alloc(0);

/** Reads of all plain connections, large enough for most answers: what is read is used, or copied, before the next read. */
const READ_BUFFER = Buffer.allocUnsafeSlow(262_144);
const HEAD_END = Buffer.from("\r\n\r\n");

/**
 * One connection over HTTP/1.1, one exchange at a time, without streams: a request is one write, and an answer that arrives in one read is never
 * copied. https://www.rfc-editor.org/rfc/rfc9112
 */
export class Connection {
  /** By `performance.now()`; meaningful while it is idle. */
  idleUntilMs = 0;
  private readonly socket: Socket;
  private exchange: Exchange | undefined;
  private isClosed = false;
  private head: ResponseHead | undefined;
  private partialHead: Buffer = NOTHING;
  private chunked: ChunkedBody | undefined;
  private received = 0;

  constructor(
    origin: URL,
    private readonly owner: ConnectionOwner,
  ) {
    const host = origin.hostname.replace(/^\[(.*)\]$/, "$1");
    const onread = {
      buffer: READ_BUFFER,
      callback: (length: number, buffer: Uint8Array) => this.onRead(buffer, length),
    };
    if (origin.protocol === "https:") {
      this.socket = connectSecure({
        host,
        port: Number(origin.port || 443),
        servername: host,
        ALPNProtocols: ["http/1.1"],
      });
      this.socket.on("data", (chunk: Buffer) => this.onBytes(chunk, chunk.length));
    } else {
      this.socket = connectPlain({ host, port: Number(origin.port || 80), onread });
    }
    this.socket.setNoDelay(true);
    this.socket.on("error", (cause) => this.fail(new UpstreamFault("connection", "the connection failed", { cause })));
    this.socket.on("end", () => this.onEnd());
    this.socket.on("close", () => this.fail(new UpstreamFault("connection", "the connection was closed")));
  }

  send(exchange: Exchange): void {
    this.exchange = exchange;
    exchange.carrier = this;
    this.head = undefined;
    this.received = 0;
    const { head, body } = exchange;
    const length = Buffer.byteLength(body);
    const text = `${head}content-length: ${length}\r\n\r\n`;
    if (length === body.length) {
      // ASCII is the same in both encodings, and one write is quicker than two.
      this.socket.write(text + body, "latin1");
    } else {
      this.socket.cork();
      this.socket.write(text, "latin1");
      this.socket.write(body, "utf8");
      this.socket.uncork();
    }
  }

  /** Ends it in the middle of an exchange, or idle. */
  destroy(): void {
    if (this.isClosed) return;
    this.isClosed = true;
    this.exchange = undefined;
    this.socket.destroy();
    this.owner.onClosed(this);
  }

  private onRead(buffer: Uint8Array, length: number): boolean {
    this.onBytes(buffer as Buffer, length);
    return true;
  }

  private onBytes(bytes: Buffer, length: number): void {
    if (this.isClosed) return;
    // Nobody asked: what comes next could be taken for an answer to someone else's question.
    if (!this.exchange) return this.destroy();
    let at = 0;
    while (at < length && this.exchange && !this.isClosed) {
      at = this.head ? this.readBody(this.head, bytes, at, length) : this.readHead(bytes, at, length);
    }
    if (at < length && !this.isClosed) this.destroy();
  }

  /** @returns where the next unread byte is */
  private readHead(bytes: Buffer, from: number, length: number): number {
    const whole =
      this.partialHead.length === 0 ? bytes : Buffer.concat([this.partialHead, bytes.subarray(from, length)]);
    const start = whole === bytes ? from : 0;
    const end = whole === bytes ? length : whole.length;
    const mark = whole.indexOf(HEAD_END, start);
    // Behind the end are the remains of earlier reads.
    if (mark < 0 || mark + HEAD_END.length > end) {
      if (end - start > MAX_HEAD_BYTES) this.malformed("has too large a head");
      else this.partialHead = Buffer.from(whole.subarray(start, end));
      return length;
    }
    const before = this.partialHead.length;
    this.partialHead = NOTHING;
    const head = readResponseHead(whole.toString("latin1", start, mark));
    if (!head) {
      this.malformed("is not HTTP/1.1");
      return length;
    }
    const next = from + (mark - start) + HEAD_END.length - before;
    // An interim answer: the real one follows.
    if (head.status < 200) return next;
    this.head = head;
    this.chunked = head.framing.kind === "chunked" ? new ChunkedBody() : undefined;
    this.exchange?.onHead(head);
    if (head.framing.kind === "length" && head.framing.bytes === 0) this.complete(head);
    return next;
  }

  private readBody(head: ResponseHead, bytes: Buffer, from: number, length: number): number {
    const { exchange } = this;
    if (!exchange) return length;
    if (this.chunked) {
      const progress = this.chunked.read(bytes, from, length, (data) => exchange.onData(Buffer.from(data)));
      if (progress === "malformed") this.malformed("is not chunked as it says");
      else if (progress.isComplete) this.complete(head);
      return progress === "malformed" ? length : progress.at;
    }
    const { framing } = head;
    const left = framing.kind === "length" ? framing.bytes - this.received : Infinity;
    const end = Math.min(length, from + left);
    const data = bytes.subarray(from, end);
    this.received += data.length;
    const isComplete = framing.kind === "length" && this.received === framing.bytes;
    // Only what is used in this very turn may stay where it was read.
    exchange.onData(isComplete ? data : Buffer.from(data));
    if (isComplete) this.complete(head);
    return end;
  }

  private complete(head: ResponseHead): void {
    const { exchange } = this;
    if (!exchange) return;
    this.exchange = undefined;
    this.head = undefined;
    if (!head.isPersistent) this.destroy();
    exchange.onComplete();
    if (this.isClosed) return;
    const saidMs = head.keepAliveS === undefined ? KEEP_MS : head.keepAliveS * 1_000 - KEEP_MARGIN_MS;
    this.owner.onFree(this, saidMs);
  }

  private onEnd(): void {
    if (this.head?.framing.kind === "until-close") this.complete(this.head);
    else this.fail(new UpstreamFault("connection", "the connection was closed"));
  }

  private malformed(what: string): void {
    this.fail(new UpstreamFault("malformed", `the answer ${what}`));
  }

  private fail(fault: UpstreamFault): void {
    const { exchange } = this;
    this.destroy();
    exchange?.onFault(fault);
  }
}
