import { BSON, Long } from "bson";
import { CommandError } from "../errors";
import { createDocument, type Document, maxDocumentBytes } from "../values/document";

interface OpenCursor {
  readonly namespace: string;
  readonly documents: readonly Document[];
  position: number;
  usedAtMs: number;
}

/** https://www.mongodb.com/docs/manual/tutorial/iterate-a-cursor/#cursor-batches */
const firstBatchSize = 101;
const idleLimitMs = 10 * 60_000;

/** Results that did not fit the first answer. A cursor shows the documents as they were when it was opened. */
export class CursorStore {
  private readonly open = new Map<bigint, OpenCursor>();
  private lastId = BigInt(Date.now()) << 16n;

  get size(): number {
    return this.open.size;
  }

  /** The answer of a command that opens a cursor. */
  start(namespace: string, documents: readonly Document[], batchSize = firstBatchSize, single = false): Document {
    const cursor: OpenCursor = { namespace, documents, position: 0, usedAtMs: Date.now() };
    const firstBatch = nextBatch(cursor, batchSize);
    let id = 0n;
    if (!single && cursor.position < documents.length) {
      id = ++this.lastId;
      this.open.set(id, cursor);
    }
    return createDocument({ cursor: createDocument({ firstBatch, id: Long.fromBigInt(id), ns: namespace }) });
  }

  next(id: bigint, collection: string, batchSize = Infinity): Document {
    const cursor = this.open.get(id);
    if (!cursor) throw new CommandError(43, `cursor id ${id} not found`);
    if (!cursor.namespace.endsWith(`.${collection}`)) {
      throw new CommandError(13, `Requested getMore on a namespace that is not the cursor's: ${cursor.namespace}`);
    }
    const batch = nextBatch(cursor, batchSize);
    const done = cursor.position >= cursor.documents.length;
    if (done) this.open.delete(id);
    const answer = { nextBatch: batch, id: Long.fromBigInt(done ? 0n : id), ns: cursor.namespace };
    return createDocument({ cursor: createDocument(answer) });
  }

  kill(id: bigint): boolean {
    return this.open.delete(id);
  }

  /** Closes cursors that nobody has asked for in ten minutes, as the server does. */
  closeIdle(nowMs: number): void {
    for (const [id, { usedAtMs }] of this.open) if (nowMs - usedAtMs > idleLimitMs) this.open.delete(id);
  }
}

/** A batch holds at most 16 MB, but always one document. */
function nextBatch(cursor: OpenCursor, batchSize: number): Document[] {
  const batch: Document[] = [];
  let bytes = 0;
  while (batch.length < batchSize) {
    const document = cursor.documents[cursor.position];
    if (!document) break;
    bytes += BSON.calculateObjectSize(document);
    if (batch.length > 0 && bytes > maxDocumentBytes) break;
    batch.push(document);
    cursor.position++;
  }
  cursor.usedAtMs = Date.now();
  return batch;
}
