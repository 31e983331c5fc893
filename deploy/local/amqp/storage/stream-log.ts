import fs from "node:fs";
import type { Message } from "../message";
import type { Flushable, GroupCommit } from "./group-commit";
import { StreamSegment, type StreamEntry } from "./stream-segment";

export interface Retention {
  maxBytes: number | undefined;
  maxAgeMs: number | undefined;
  segmentBytes: number;
}

/** The newest messages stay in memory up to this size, so that live readers never touch the disk. */
const tailBytes = 1024 * 1024;

/**
 * The messages of one stream queue: an append-only sequence of segment files. Offsets count from 0 and are never used
 * twice, also after a restart. Memory is bounded: an index of one number per 64 messages and the newest megabyte.
 *
 * Retention drops whole segments, never the one being written, and looks when a segment is full and when the stream is
 * opened: a stream may hold up to one segment more than its limits say. RabbitMQ does the same.
 */
export class StreamLog implements Flushable {
  private readonly segments: StreamSegment[];
  private tail: StreamEntry[] = [];
  private tailSizeBytes = 0;

  constructor(
    private readonly directory: string,
    private readonly retention: Retention,
    private readonly commit: GroupCommit,
  ) {
    fs.mkdirSync(directory, { recursive: true });
    const bases = fs.readdirSync(directory).map((file) => Number.parseInt(file, 10));
    this.segments = bases.sort((a, b) => a - b).map((base) => new StreamSegment(directory, base).load());
    if (!this.segments.length) this.segments.push(new StreamSegment(directory, 0).create());
    this.enforceRetention();
  }

  get firstOffset(): number {
    return this.segments[0]!.baseOffset;
  }

  get nextOffset(): number {
    return this.active.nextOffset;
  }

  append(message: Message): void {
    if (this.active.bytes >= this.retention.segmentBytes) this.roll();
    const entry = { offset: this.nextOffset, timestampMs: Date.now(), message };
    this.active.append(entry.timestampMs, message);
    this.commit.join(this);
    this.tail.push(entry);
    this.tailSizeBytes += sizeOf(entry);
    if (this.tailSizeBytes > 2 * tailBytes) this.shortenTail();
  }

  /** Messages from `offset` on (or from the oldest kept one, when that is later); empty at the end of the stream. */
  read(offset: number, limit: number): StreamEntry[] {
    const from = Math.max(offset, this.firstOffset);
    const tailStart = this.tail[0]?.offset;
    if (tailStart !== undefined && from >= tailStart)
      return this.tail.slice(from - tailStart, from - tailStart + limit);
    const segment = this.segments.findLast((candidate) => candidate.baseOffset <= from);
    return segment ? segment.read(from, limit, tailBytes) : [];
  }

  /** The first offset whose message was taken at `timestampMs` or later; the end of the stream when there is none. */
  offsetAt(timestampMs: number): number {
    const segment = this.segments.find((candidate) => candidate.count > 0 && candidate.lastTimestampMs >= timestampMs);
    if (!segment) return this.nextOffset;
    if (segment.firstTimestampMs >= timestampMs) return segment.baseOffset;
    let low = segment.baseOffset;
    let high = segment.nextOffset - 1;
    while (low < high) {
      const middle = Math.floor((low + high) / 2);
      const [entry] = segment.read(middle, 1, 1);
      if (entry!.timestampMs >= timestampMs) high = middle;
      else low = middle + 1;
    }
    return low;
  }

  flush(): void {
    for (const segment of this.segments.slice(-2)) segment.flush();
  }

  close(): void {
    this.commit.leave(this);
    for (const segment of this.segments) segment.close();
  }

  remove(): void {
    this.commit.leave(this);
    for (const segment of this.segments) segment.remove();
    fs.rmSync(this.directory, { recursive: true, force: true });
  }

  private get active(): StreamSegment {
    return this.segments.at(-1)!;
  }

  private roll(): void {
    const full = this.active;
    full.close();
    this.segments.push(new StreamSegment(this.directory, full.nextOffset).create());
    this.enforceRetention();
  }

  private enforceRetention(): void {
    const { maxBytes, maxAgeMs } = this.retention;
    const tooOld = maxAgeMs === undefined ? -Infinity : Date.now() - maxAgeMs;
    let bytes = this.segments.reduce((sum, segment) => sum + segment.bytes, 0);
    while (this.segments.length > 1) {
      const oldest = this.segments[0]!;
      if (!(maxBytes !== undefined && bytes > maxBytes) && oldest.lastTimestampMs >= tooOld) break;
      this.segments.shift();
      bytes -= oldest.bytes;
      oldest.remove();
    }
    while (this.tail.length && this.tail[0]!.offset < this.firstOffset) {
      this.tailSizeBytes -= sizeOf(this.tail.shift()!);
    }
  }

  private shortenTail(): void {
    let drop = 0;
    while (this.tailSizeBytes > tailBytes && drop < this.tail.length - 1) {
      this.tailSizeBytes -= sizeOf(this.tail[drop++]!);
    }
    this.tail = this.tail.slice(drop);
  }
}

function sizeOf({ message }: StreamEntry): number {
  return message.body.length + message.encodedProperties.length + 100;
}
