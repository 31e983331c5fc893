import path from "node:path";
import type { Store } from "../storage/store";
import { StreamLog } from "../storage/stream-log";
import { MessageQueue, type QueueSurroundings } from "./message-queue";
import type { Queue, QueueDeclaration } from "./queue";
import { StreamQueue } from "./stream-queue";

/**
 * The queue a declaration asks for. `id` names it on disk, `where` ("queue 'name' in vhost '/'") in error texts. A stream
 * opens its files here and throws when it cannot.
 */
export function createQueue(
  declaration: QueueDeclaration,
  id: number,
  where: string,
  store: Store,
  around: Pick<QueueSurroundings, "die" | "expire">,
): Queue {
  const { settings, durable, owner } = declaration;
  if (settings.type === "stream") {
    const { maxLengthBytes: maxBytes, maxAgeMs, segmentBytes } = settings;
    const directory = path.join(store.directory, "streams", String(id));
    return new StreamQueue(
      declaration,
      where,
      new StreamLog(directory, { maxBytes, maxAgeMs, segmentBytes }, store.commit),
    );
  }
  const disk = durable && !owner ? { journal: store.journal, queueId: id } : undefined;
  return new MessageQueue(declaration, { ...around, where, disk });
}
