import type { Logger } from "../../../kit/log";
import { type Database, openDatabase } from "../../../kit/postgres/open-database";
import { PartnersAndKeys1795300000000 } from "./migrations/partners-and-keys";

/** Connects and brings the tables of the partner API up to date. The statements of each subject are in the file of this folder that is named for it. */
export const openPartnersDatabase = (options: { url: string; log: Logger }): Promise<Database> =>
  openDatabase({
    ...options,
    entities: [],
    migrations: [PartnersAndKeys1795300000000],
  });
