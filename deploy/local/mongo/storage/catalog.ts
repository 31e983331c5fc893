import { CommandError } from "../errors";
import { createDocument, type Document } from "../values/document";
import { type Change, Collection, type CollectionOptions } from "./collection";
import type { IndexSpec } from "./collection-index";

/** All databases. Every change is told to `record` in a form that `replay` takes. */
export class Catalog {
  private readonly databases = new Map<string, Map<string, Collection>>();
  /** Changes read back from disk are on disk already. */
  private replaying = false;

  constructor(private readonly record: (entry: Document) => void) {}

  collection(database: string, name: string): Collection | undefined {
    return this.databases.get(database)?.get(name);
  }

  /** The collection, made if there is none: writing to a collection creates it. */
  ensure(database: string, name: string): Collection {
    return this.collection(database, name) ?? this.create(database, name, {});
  }

  create(database: string, name: string, options: CollectionOptions): Collection {
    const namespace = `${database}.${name}`;
    const collection = new Collection(namespace, (change) => this.write(changeEntry(namespace, change)));
    collection.setOptions(options);
    const collections = this.databases.get(database) ?? new Map<string, Collection>();
    this.databases.set(database, collections.set(name, collection));
    return collection;
  }

  drop(database: string, name: string): Collection {
    const collections = this.databases.get(database);
    const collection = collections?.get(name);
    if (!collections || !collection) throw new CommandError(26, "ns not found");
    collections.delete(name);
    if (collections.size === 0) this.databases.delete(database);
    this.write(createDocument({ op: "drop", ns: collection.namespace }));
    return collection;
  }

  databaseNames(): string[] {
    return [...this.databases.keys()].sort();
  }

  collections(database: string): [string, Collection][] {
    return [...(this.databases.get(database) ?? [])];
  }

  *allCollections(): Generator<Collection> {
    for (const collections of this.databases.values()) yield* collections.values();
  }

  /** Entries that make everything again from nothing. */
  history(): Document[] {
    return [...this.allCollections()].flatMap((collection) =>
      [...collection.history()].map((change) => changeEntry(collection.namespace, change)),
    );
  }

  replay(entry: Document): void {
    this.replaying = true;
    try {
      const namespace = String(entry.ns);
      const dot = namespace.indexOf(".");
      const [database, name] = [namespace.slice(0, dot), namespace.slice(dot + 1)];
      if (entry.op === "drop") {
        if (this.collection(database, name)) this.drop(database, name);
      } else this.ensure(database, name).replay(entryChange(entry));
    } finally {
      this.replaying = false;
    }
  }

  private write(entry: Document): void {
    if (!this.replaying) this.record(entry);
  }
}

function changeEntry(namespace: string, change: Change): Document {
  return createDocument({ ns: namespace, ...change });
}

function entryChange(entry: Document): Change {
  switch (entry.op) {
    case "put":
      return { op: "put", document: entry.document as Document };
    case "remove":
      return { op: "remove", id: entry.id };
    case "index":
      return { op: "index", spec: entry.spec as IndexSpec };
    case "dropIndex":
      return { op: "dropIndex", name: String(entry.name) };
    case "options":
      return { op: "options", options: entry.options as CollectionOptions };
    default:
      throw new Error(
        `the journal has an entry of the unknown kind '${String(entry.op)}': it was written by a newer version`,
      );
  }
}
