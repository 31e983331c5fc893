import { mkdirSync, readdirSync, readFileSync, rmSync, truncateSync } from "node:fs";
import { type FileHandle, open, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import type { Document } from "../values/document";
import { encodeFrame, readFrames } from "./frames";

export interface JournalOptions {
  readonly directory: string;
  /** Called for every entry found on disk, oldest first, before `openJournal` returns. */
  readonly onEntry: (entry: Document) => void;
  /** Everything needed to start from nothing; taken at one moment, written later. */
  readonly history: () => Document[];
  /** The disk refused a write: what is in memory can no longer be promised, so the server must stop. */
  readonly onFailure: (error: Error) => void;
  /** The journal is replaced by a snapshot once it has grown this much, and more than the snapshot itself. */
  readonly compactAfterBytes: number;
}

interface Waiter {
  readonly durable: boolean;
  readonly resolve: () => void;
  readonly reject: (error: Error) => void;
}

/**
 * An append-only log that outlives kill -9. `snapshot-N` holds the state when `journal-N` began; a start reads the newest
 * snapshot and every journal since. Entries of many commands are written together, and a command is answered when
 * its entries are with the operating system (`j: true`: on the disk), as a standalone server does.
 * https://www.mongodb.com/docs/manual/core/journaling/
 */
export class Journal {
  private pending: Buffer[] = [];
  private waiters: Waiter[] = [];
  private writing: Promise<void> | undefined;
  private compaction: Promise<void> = Promise.resolve();
  private compacting = false;
  private journalBytes: number;
  private snapshotBytes: number;

  private constructor(
    private readonly options: JournalOptions,
    private generation: number,
    private file: FileHandle,
    sizes: { journalBytes: number; snapshotBytes: number },
  ) {
    this.journalBytes = sizes.journalBytes;
    this.snapshotBytes = sizes.snapshotBytes;
  }

  /** Replays what is on disk, drops a torn tail, and opens the last journal for appending. */
  static async open(options: JournalOptions): Promise<Journal> {
    const found = recover(options);
    const file = await open(pathOf(options.directory, "journal", found.generation), "a");
    return new Journal(options, found.generation, file, found);
  }

  append(entry: Document): void {
    this.pending.push(encodeFrame(entry));
    this.writing ??= this.writeAll();
  }

  /** Resolves when all entries so far are written, and with `durable` when they survive a power cut. */
  async flush(durable: boolean): Promise<void> {
    if (!this.writing && !durable) return;
    await new Promise<void>((resolve, reject) => {
      this.waiters.push({ durable, resolve, reject });
      this.writing ??= this.writeAll();
    });
  }

  async close(): Promise<void> {
    await this.flush(true);
    await this.compaction;
    await this.file.close();
  }

  /** One loop at a time; whatever arrives while a batch is written makes the next batch. */
  private async writeAll(): Promise<void> {
    await new Promise(setImmediate);
    try {
      while (this.pending.length > 0 || this.waiters.length > 0) await this.writeBatch();
    } catch (error) {
      for (const { reject } of this.waiters.splice(0)) reject(error as Error);
      this.options.onFailure(error as Error);
    } finally {
      this.writing = undefined;
    }
  }

  private async writeBatch(): Promise<void> {
    const batch = this.pending.splice(0);
    const waiters = this.waiters.splice(0);
    const { file } = this;
    // The history contains the effects of this batch, which still goes to the old journal: later entries go to the new one.
    const next = this.isDue() ? this.beginCompaction() : undefined;
    try {
      if (batch.length > 0) {
        const { bytesWritten } = await file.writev(batch);
        const bytes = batch.reduce((total, { byteLength }) => total + byteLength, 0);
        if (bytesWritten !== bytes) throw new Error(`the disk took ${bytesWritten} of ${bytes} bytes`);
        this.journalBytes += bytes;
      }
      if (next || waiters.some(({ durable }) => durable)) await file.datasync();
      if (next) {
        await file.close();
        this.file = await open(pathOf(this.options.directory, "journal", next.generation), "a");
        this.generation = next.generation;
        this.journalBytes = 0;
        this.compaction = this.writeSnapshot(next.generation, next.history);
      }
    } catch (error) {
      for (const { reject } of waiters) reject(error as Error);
      throw error;
    }
    for (const { resolve } of waiters) resolve();
  }

  private isDue(): boolean {
    return !this.compacting && this.journalBytes > Math.max(this.options.compactAfterBytes, this.snapshotBytes);
  }

  private beginCompaction(): { generation: number; history: Document[] } {
    this.compacting = true;
    return { generation: this.generation + 1, history: this.options.history() };
  }

  /** Writes beside the running journal. Until the rename a start reads the older snapshot and both journals. */
  private async writeSnapshot(generation: number, history: readonly Document[]): Promise<void> {
    const { directory } = this.options;
    const path = pathOf(directory, "snapshot", generation);
    try {
      const file = await open(`${path}.tmp`, "w");
      let bytes = 0;
      try {
        for (let i = 0; i < history.length; i += 500) {
          const batch = history.slice(i, i + 500).map(encodeFrame);
          await file.writev(batch);
          bytes += batch.reduce((total, { byteLength }) => total + byteLength, 0);
        }
        await file.sync();
      } finally {
        await file.close();
      }
      await rename(`${path}.tmp`, path);
      await syncDirectory(directory);
      for (const old of generationsIn(directory)) {
        if (old.generation < generation) await rm(join(directory, old.name), { force: true });
      }
      this.snapshotBytes = bytes;
      this.compacting = false;
    } catch (error) {
      this.options.onFailure(error as Error);
    }
  }
}

function recover(options: JournalOptions): { generation: number; journalBytes: number; snapshotBytes: number } {
  const { directory, onEntry } = options;
  mkdirSync(directory, { recursive: true });
  for (const name of readdirSync(directory)) if (name.endsWith(".tmp")) rmSync(join(directory, name), { force: true });
  const files = generationsIn(directory);
  const start = Math.max(1, ...files.filter(({ kind }) => kind === "snapshot").map(({ generation }) => generation));
  let snapshotBytes = 0;
  for (const { name, kind, generation } of files) {
    if (generation < start) rmSync(join(directory, name), { force: true });
    else if (kind === "snapshot") {
      const bytes = readFileSync(join(directory, name));
      if (readFrames(bytes, onEntry) < bytes.length) throw damaged(join(directory, name));
      snapshotBytes = bytes.length;
    }
  }
  const journals = files.filter(({ kind, generation }) => kind === "journal" && generation >= start);
  let journalBytes = 0;
  let torn: string | undefined;
  for (const { name } of journals) {
    const path = join(directory, name);
    const bytes = readFileSync(path);
    // Only the last batch ever written can be torn: nothing may follow it.
    if (torn !== undefined && bytes.length > 0) throw damaged(torn);
    journalBytes = readFrames(bytes, onEntry);
    if (journalBytes < bytes.length) {
      torn = path;
      truncateSync(path, journalBytes);
    }
  }
  const generation = Math.max(start, ...journals.map((file) => file.generation));
  return { generation, journalBytes, snapshotBytes };
}

function damaged(path: string): Error {
  return new Error(
    `${path} is damaged: restore it from a copy, or remove its directory to start with an empty database`,
  );
}

function pathOf(directory: string, kind: "journal" | "snapshot", generation: number): string {
  return join(directory, `${kind}-${String(generation).padStart(8, "0")}.bson`);
}

function generationsIn(directory: string): { name: string; kind: string; generation: number }[] {
  return readdirSync(directory)
    .flatMap((name) => {
      const [, kind, generation] = /^(journal|snapshot)-(\d{8})\.bson$/.exec(name) ?? [];
      return kind && generation ? [{ name, kind, generation: Number(generation) }] : [];
    })
    .sort((a, b) => a.generation - b.generation);
}

/** Makes a rename last; Windows cannot open directories and does not need it. */
async function syncDirectory(directory: string): Promise<void> {
  if (process.platform === "win32") return;
  const handle = await open(directory, "r");
  await handle.sync().finally(() => handle.close());
}
