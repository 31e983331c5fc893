import {
  awaitDatabase,
  type AwaitedDatabase,
  type Database,
  type DatabaseOptions,
  openDatabase,
} from "../../../kit/postgres/open-database";
import { Idempotency1795300000040 } from "./migrations/idempotency";
import { PartnersAndKeys1795300000000 } from "./migrations/partners-and-keys";
import { Quotas1795300000020 } from "./migrations/quotas";
import { Registry1795300000010 } from "./migrations/registry";
import { Usage1795300000030 } from "./migrations/usage";
import { UsageByDay1795300000060 } from "./migrations/usage-by-day";
import { Webhooks1795300000050 } from "./migrations/webhooks";

/** The tables of the partner API. The statements of each subject are in the file of this folder that is named for it. */
const TABLES: Pick<DatabaseOptions, "entities" | "migrations" | "connectTimeoutMs"> = {
  entities: [],
  migrations: [
    PartnersAndKeys1795300000000,
    Registry1795300000010,
    Quotas1795300000020,
    Usage1795300000030,
    Idempotency1795300000040,
    Webhooks1795300000050,
    UsageByDay1795300000060,
  ],
  // Calls that wait for the database are refused after this.
  connectTimeoutMs: 2_000,
};

type Options = Pick<DatabaseOptions, "url" | "log">;

/** Connects and brings the tables up to date. @throws when the database refuses */
export const openPartnersDatabase = (options: Options & Pick<DatabaseOptions, "patienceMs">): Promise<Database> =>
  openDatabase({ ...options, ...TABLES });

/** The same while the gateway serves its other doors already. @param options.prepare done before the database counts as opened */
export const awaitPartnersDatabase = (
  options: Options & { prepare?: NonNullable<Parameters<typeof awaitDatabase>[0]["prepare"]> },
): AwaitedDatabase => awaitDatabase({ ...options, ...TABLES });
