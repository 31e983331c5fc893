import type { Catalog } from "./storage/catalog";
import { isNumeric, toNumber } from "./values/number";
import { order, valueKey } from "./values/value-key";

/** Deletes what TTL indexes say is too old. https://www.mongodb.com/docs/manual/core/index-ttl/ @returns how many. */
export function expireDocuments(catalog: Catalog, nowMs: number): number {
  let deleted = 0;
  for (const collection of catalog.allCollections()) {
    for (const index of collection.indexes.values()) {
      const { expireAfterSeconds } = index.spec;
      if (!isNumeric(expireAfterSeconds)) continue;
      const limit = new Date(nowMs - toNumber(expireAfterSeconds) * 1000);
      // Only dates expire. Of an array of dates the earliest counts, which any matching entry is evidence of.
      const [first, last] = [order.date, valueKey(limit)];
      const [low, high] = index.directions[0] === -1 ? [last, first] : [first, last];
      const interval = { low: { key: [low], after: false }, high: { key: [high], after: true } };
      const ids = new Set([...index.entries.scan(interval)].map(({ id }) => id));
      for (const id of ids) {
        const document = collection.documents.get(id);
        if (document) collection.remove(document);
        deleted++;
      }
    }
  }
  return deleted;
}
