import fs from "node:fs";
import path from "node:path";
import { decodeMessage, encodeMessage, type Message } from "../message";
import { frameRecord, readRecords, recordHeaderBytes } from "./record-file";
import { writeWhole } from "./write-whole";

/** One message of a stream. `timestampMs` is when the broker took it. */
export interface StreamEntry {
  offset: number;
  timestampMs: number;
  message: Message;
}

/** One index entry per this many messages: a seek reads at most that many records too far in front. */
const indexEvery = 64;

/**
 * One file of a stream, named by the offset of its first message. Only the last segment of a stream is written to; the
 * position index of an older one is built when a reader first comes by.
 */
export class StreamSegment {
  readonly file: string;
  count = 0;
  /** Including what is still buffered. */
  bytes = 0;
  firstTimestampMs = 0;
  lastTimestampMs = 0;
  /** Position in the file of the messages base, base + 64, base + 128 ... */
  private positions: number[] = [];
  private buffered: Buffer[] = [];
  private fd: number | undefined;

  constructor(
    directory: string,
    readonly baseOffset: number,
  ) {
    this.file = path.join(directory, `${String(baseOffset).padStart(16, "0")}.segment`);
  }

  get nextOffset(): number {
    return this.baseOffset + this.count;
  }

  /** Reads an existing file; a torn tail, possible in the last segment only, is cut off. */
  load(): this {
    const wholeBytes = readRecords(this.file, (payload, position) => this.note(payload.readDoubleBE(0), position));
    this.bytes = wholeBytes;
    if (fs.statSync(this.file).size > wholeBytes) fs.truncateSync(this.file, wholeBytes);
    return this;
  }

  /** The file must exist before older segments go: its name is what remembers the stream's offset. */
  create(): this {
    this.fd = fs.openSync(this.file, "a");
    return this;
  }

  append(timestampMs: number, message: Message): void {
    const stamp = Buffer.allocUnsafe(8);
    stamp.writeDoubleBE(timestampMs);
    const record = frameRecord(Buffer.concat([stamp, encodeMessage(message)]));
    this.note(timestampMs, this.bytes);
    this.bytes += record.length;
    this.buffered.push(record);
  }

  flush(): void {
    if (!this.buffered.length) return;
    this.fd ??= fs.openSync(this.file, "a");
    const bytes = Buffer.concat(this.buffered);
    this.buffered = [];
    writeWhole(this.fd, bytes);
  }

  /** Up to `limit` messages from `offset` on; fewer once their records come to `maxBytes`. */
  read(offset: number, limit: number, maxBytes: number): StreamEntry[] {
    this.flush();
    const entries: StreamEntry[] = [];
    const indexed = Math.floor((offset - this.baseOffset) / indexEvery);
    const start = this.positions[indexed];
    if (start === undefined || offset >= this.nextOffset) return entries;
    let at = this.baseOffset + indexed * indexEvery;
    let bytes = 0;
    const visit = (payload: Buffer): boolean => {
      if (at >= offset) {
        bytes += payload.length + recordHeaderBytes;
        entries.push({
          offset: at,
          timestampMs: payload.readDoubleBE(0),
          message: decodeMessage(Buffer.from(payload.subarray(8))),
        });
      }
      at++;
      return entries.length < limit && bytes < maxBytes;
    };
    readRecords(this.file, visit, start);
    return entries;
  }

  close(): void {
    this.flush();
    if (this.fd !== undefined) fs.closeSync(this.fd);
    this.fd = undefined;
  }

  remove(): void {
    this.buffered = [];
    this.close();
    fs.rmSync(this.file, { force: true });
  }

  private note(timestampMs: number, position: number): void {
    if (this.count % indexEvery === 0) this.positions.push(position);
    if (this.count === 0) this.firstTimestampMs = timestampMs;
    this.lastTimestampMs = timestampMs;
    this.count++;
  }
}
