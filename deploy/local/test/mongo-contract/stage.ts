import type { Collection, Db, Document, MongoClient } from "mongodb";

/** Documents of the suite have readable ids. */
export type Row = Document & { _id: string };

/** What each part of the suite is given. */
export interface Stage {
  readonly client: () => MongoClient;
  readonly db: () => Db;
  /** A collection of its own for each call. */
  readonly collection: () => Collection<Row>;
}
