import type { Logger } from "../../../kit/log";
import { type Database, openDatabase } from "../../../kit/postgres/open-database";
import { InitialSchema1795219200000 } from "./migrations/initial-schema";
import { PartnersMovedToTheGateway1795310000000 } from "./migrations/partners-moved-to-the-gateway";
import { RefreshTokenRow } from "./refresh-token-row";
import { SessionRow } from "./session-row";
import { SigningKeyRow } from "./signing-key-row";
import { UserRow } from "./user-row";

/** Connects and brings the tables up to date. */
export const openUsersDatabase = (options: { url: string; log: Logger }): Promise<Database> =>
  openDatabase({
    ...options,
    entities: [UserRow, SessionRow, RefreshTokenRow, SigningKeyRow],
    migrations: [InitialSchema1795219200000, PartnersMovedToTheGateway1795310000000],
  });
