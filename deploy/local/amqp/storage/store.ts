import fs from "node:fs";
import path from "node:path";
import { GroupCommit } from "./group-commit";
import { Journal, type Definition } from "./journal";

/** All that one broker keeps on disk: `journal` and `streams/<queue id>/` in its directory. */
export class Store {
  readonly commit: GroupCommit;
  readonly journal: Journal;
  private lastQueueId = 0;

  constructor(
    readonly directory: string,
    compactAboveBytes: number,
    onFailure: (error: Error) => void,
  ) {
    fs.mkdirSync(directory, { recursive: true });
    this.commit = new GroupCommit(onFailure);
    this.journal = new Journal(directory, this.commit, compactAboveBytes);
    this.dropOrphans();
  }

  define(key: string, definition: Definition): void {
    this.journal.define(key, definition);
  }

  forget(key: string): void {
    this.journal.forget(key);
  }

  definitions(keyPrefix: string): Definition[] {
    return [...this.journal.definitions].filter(([key]) => key.startsWith(keyPrefix)).map(([, value]) => value);
  }

  nextQueueId(): number {
    return ++this.lastQueueId;
  }

  close(): void {
    this.commit.run();
    this.journal.close();
  }

  /** A kill between two steps of declaring or deleting a queue may leave messages or a directory of no queue. */
  private dropOrphans(): void {
    const ids = new Set<number>();
    for (const definition of this.journal.definitions.values()) {
      if (typeof definition.id === "number") ids.add(definition.id);
    }
    this.lastQueueId = Math.max(0, ...ids);
    for (const [messageId, { queueId }] of this.journal.messages) {
      if (!ids.has(queueId)) this.journal.settle(messageId);
    }
    const streams = path.join(this.directory, "streams");
    if (!fs.existsSync(streams)) return;
    for (const name of fs.readdirSync(streams)) {
      if (!ids.has(Number(name))) fs.rmSync(path.join(streams, name), { recursive: true, force: true });
    }
  }
}
