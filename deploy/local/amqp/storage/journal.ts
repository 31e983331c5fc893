import fs from "node:fs";
import path from "node:path";
import { decodeMessage, encodeMessage, type Message } from "../message";
import type { Flushable, GroupCommit } from "./group-commit";
import { frameRecord, readRecords } from "./record-file";
import { writeWhole } from "./write-whole";

/** A persistent message of a durable queue, as it is known to the disk. */
export interface StoredMessage {
  queueId: number;
  message: Message;
  expiresAtMs: number | undefined;
  deliveryCount: number;
}

/** Any plain JSON; the journal does not look into it. */
export type Definition = Record<string, unknown>;

const kinds = { definition: 1, message: 2, settled: 3, returned: 4 } as const;

/**
 * One append-only file with what must survive the process: definitions (by key, the last one counts) and messages (until
 * settled). What is alive is also held in memory, so the file can be written anew whenever most of it is history.
 */
export class Journal implements Flushable {
  readonly definitions = new Map<string, Definition>();
  readonly messages = new Map<number, StoredMessage>();
  private readonly file: string;
  private fd: number;
  private fileBytes: number;
  private compactedBytes = 0;
  private lastId = 0;
  private buffered: Buffer[] = [];

  /**
   * Reads what is there; a torn tail is cut off. `compactAboveBytes`: files smaller than this are never rewritten.
   */
  constructor(
    directory: string,
    private readonly commit: GroupCommit,
    private readonly compactAboveBytes: number,
  ) {
    this.file = path.join(directory, "journal");
    this.fileBytes = fs.existsSync(this.file) ? readRecords(this.file, (payload) => this.replay(payload)) : 0;
    this.fd = fs.openSync(this.file, "a");
    fs.ftruncateSync(this.fd, this.fileBytes);
  }

  define(key: string, definition: Definition): void {
    this.definitions.set(key, definition);
    this.append(definitionRecord(key, definition));
  }

  forget(key: string): void {
    if (this.definitions.delete(key)) this.append(definitionRecord(key, null));
  }

  /** Returns the id to settle the message by. */
  store(queueId: number, message: Message, expiresAtMs: number | undefined): number {
    const id = ++this.lastId;
    const stored = { queueId, message, expiresAtMs, deliveryCount: 0 };
    this.messages.set(id, stored);
    this.append(messageRecord(id, stored));
    return id;
  }

  settle(id: number): void {
    if (this.messages.delete(id)) this.append(idRecord(kinds.settled, id, 0));
  }

  /** How often the message has come back unprocessed: counts towards a quorum queue's delivery limit. */
  returned(id: number, deliveryCount: number): void {
    const stored = this.messages.get(id);
    if (!stored) return;
    stored.deliveryCount = deliveryCount;
    this.append(idRecord(kinds.returned, id, deliveryCount));
  }

  flush(): void {
    if (!this.buffered.length) return;
    const bytes = Buffer.concat(this.buffered);
    this.buffered = [];
    writeWhole(this.fd, bytes);
    this.fileBytes += bytes.length;
    if (this.fileBytes > Math.max(this.compactAboveBytes, 4 * this.compactedBytes)) this.compact();
  }

  /** Writes what is alive to a new file and puts it in the old one's place; a crash in between leaves the old one. */
  compact(): void {
    const temporary = `${this.file}.new`;
    const fd = fs.openSync(temporary, "w");
    let bytes = 0;
    const write = (record: Buffer): void => {
      bytes += writeWhole(fd, record);
    };
    for (const [key, definition] of this.definitions) write(definitionRecord(key, definition));
    for (const [id, stored] of this.messages) write(messageRecord(id, stored));
    fs.fsyncSync(fd);
    fs.renameSync(temporary, this.file);
    fs.closeSync(this.fd);
    this.fd = fd;
    this.fileBytes = this.compactedBytes = bytes;
  }

  close(): void {
    this.flush();
    fs.closeSync(this.fd);
  }

  private append(record: Buffer): void {
    this.buffered.push(record);
    this.commit.join(this);
  }

  private replay(payload: Buffer): void {
    const kind = payload.readUInt8(0);
    if (kind === kinds.definition) {
      const [key, definition] = JSON.parse(payload.toString("utf8", 1)) as [string, Definition | null];
      if (definition) this.definitions.set(key, definition);
      else this.definitions.delete(key);
      return;
    }
    const id = payload.readDoubleBE(1);
    this.lastId = Math.max(this.lastId, id);
    if (kind === kinds.settled) this.messages.delete(id);
    if (kind === kinds.returned) {
      const stored = this.messages.get(id);
      if (stored) stored.deliveryCount = payload.readUInt32BE(9);
    }
    if (kind !== kinds.message) return;
    const expiresAtMs = payload.readDoubleBE(13);
    this.messages.set(id, {
      queueId: payload.readUInt32BE(9),
      expiresAtMs: expiresAtMs || undefined,
      deliveryCount: payload.readUInt32BE(21),
      message: decodeMessage(Buffer.from(payload.subarray(25))),
    });
  }
}

function definitionRecord(key: string, definition: Definition | null): Buffer {
  return frameRecord(Buffer.concat([Buffer.from([kinds.definition]), Buffer.from(JSON.stringify([key, definition]))]));
}

function messageRecord(id: number, stored: StoredMessage): Buffer {
  const head = Buffer.allocUnsafe(25);
  head.writeUInt8(kinds.message, 0);
  head.writeDoubleBE(id, 1);
  head.writeUInt32BE(stored.queueId, 9);
  head.writeDoubleBE(stored.expiresAtMs ?? 0, 13);
  head.writeUInt32BE(stored.deliveryCount, 21);
  return frameRecord(Buffer.concat([head, encodeMessage(stored.message)]));
}

function idRecord(kind: number, id: number, count: number): Buffer {
  const payload = Buffer.allocUnsafe(13);
  payload.writeUInt8(kind, 0);
  payload.writeDoubleBE(id, 1);
  payload.writeUInt32BE(count, 9);
  return frameRecord(payload);
}
