import { randomUUID } from "node:crypto";
import type { Collection, Db, Document } from "mongodb";
import type { EventMessage } from "../amqp/event-message";
import type { OutboxSource } from "../outbox/outbox-source";

/**
 * The outbox inside the document that changes: state and event are one single-document update, which MongoDB makes atomic on a standalone
 * server too (https://www.mongodb.com/docs/manual/core/write-operations-atomicity/). Leave `outbox` out of everything a client reads.
 */
export interface WithOutbox {
  outbox: EventMessage[];
}

/** For a service's first index step: finds documents with waiting events without looking at the others. */
export const OUTBOX_INDEX = { key: { "outbox.id": 1 }, name: "outbox_id", sparse: true } as const;

/**
 * Renewed with every look at the outbox. For so long nothing is published after the leader was killed; longer than the relay's longest
 * pause between two looks, so that a living leader stays one.
 */
const LEASE_MS = 6_000;
const LEASES = "leases";
const LEASE_ID = "outbox-relay";

interface Lease extends Document {
  _id: string;
  owner: string;
  until: Date;
}

/** The embedded outboxes of some collections as the relay reads them; a lease document makes one process the leader. */
export function createDocumentOutboxSource(options: {
  db: Db;
  collections: readonly string[];
  now?: () => Date;
}): OutboxSource {
  const { db, collections, now = () => new Date() } = options;
  const owner = randomUUID();
  const leases = db.collection<Lease>(LEASES);
  /** In which document each event of the last batch stands. */
  let places = new Map<string, { collection: Collection; documentId: unknown }>();

  return {
    lead: async () => {
      const at = now();
      try {
        await leases.updateOne(
          { _id: LEASE_ID, $or: [{ owner }, { until: { $lt: at } }] },
          { $set: { owner, until: new Date(at.getTime() + LEASE_MS) } },
          { upsert: true },
        );
        return true;
      } catch (error) {
        // The upsert found no lease it may take and met the one that another process holds.
        if ((error as { code?: unknown }).code === 11000) return false;
        throw error;
      }
    },
    read: async (limit) => {
      const found = new Map<string, { collection: Collection; documentId: unknown }>();
      const events: EventMessage[] = [];
      for (const name of collections) {
        const collection = db.collection(name);
        const documents = await collection
          .find<{ _id: unknown } & WithOutbox>({ "outbox.id": { $exists: true } }, { projection: { outbox: 1 } })
          .limit(limit)
          .toArray();
        for (const { _id, outbox } of documents) {
          for (const event of outbox) {
            found.set(event.id, { collection, documentId: _id });
            events.push(event);
          }
        }
      }
      places = found;
      return events.slice(0, limit);
    },
    markPublished: async (events) => {
      const byDocument = new Map<unknown, { collection: Collection; ids: string[] }>();
      for (const { id } of events) {
        const place = places.get(id);
        if (!place) continue;
        const entry = byDocument.get(place.documentId) ?? { collection: place.collection, ids: [] };
        entry.ids.push(id);
        byDocument.set(place.documentId, entry);
      }
      for (const [documentId, { collection, ids }] of byDocument) {
        await collection.updateOne({ _id: documentId as never }, { $pull: { outbox: { id: { $in: ids } } } as never });
      }
    },
    close: async () => {
      await leases.deleteOne({ _id: LEASE_ID, owner });
    },
  };
}
