import type { Logger } from "../../../kit/log";
import { type Database, openDatabase } from "../../../kit/postgres/open-database";
import { ApiKeyRow } from "./api-key-row";
import { InitialSchema1795219200000 } from "./migrations/initial-schema";
import { PartnerRow } from "./partner-row";
import { RefreshTokenRow } from "./refresh-token-row";
import { SessionRow } from "./session-row";
import { SigningKeyRow } from "./signing-key-row";
import { UserRow } from "./user-row";

/** Connects and brings the tables up to date. */
export const openUsersDatabase = (options: { url: string; log: Logger }): Promise<Database> =>
  openDatabase({
    ...options,
    entities: [UserRow, SessionRow, RefreshTokenRow, PartnerRow, ApiKeyRow, SigningKeyRow],
    migrations: [InitialSchema1795219200000],
  });
