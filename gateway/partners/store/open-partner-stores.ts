import type { DataSource } from "typeorm";
import type { Logger } from "../../../kit/log";
import { awaitPartnersDatabase } from "./open-partners-database";
import { seedDemoOperations } from "./seed-demo-operations";
import { seedDemoPartner } from "./seed-demo-partner";

/** What the stores of the partner API share. The database may be away: then queries fail, and calls are refused because their key cannot be checked. */
export interface PartnerStores {
  /** Can be queried once it is open. */
  readonly source: DataSource;
  /** Fulfilled once it is; rejected when the gateway ends before. */
  readonly opened: Promise<void>;
  /** True for ever once the tables were up to date, also while the database is away again. */
  readonly isOpen: () => boolean;
  close(): Promise<void>;
}

/** @param options.seedDemo puts the demo partner into an empty store, and publishes its operations */
export function openPartnerStores(options: {
  url: string;
  keyPepper: string;
  seedDemo: boolean;
  log: Logger;
}): PartnerStores {
  const { url, keyPepper, seedDemo, log } = options;
  const { source, opened, close } = awaitPartnersDatabase({
    url,
    log,
    ...(seedDemo ? { prepare: (source) => seed({ source, keyPepper, log }) } : {}),
  });
  let isOpen = false;
  opened.then(
    () => (isOpen = true),
    () => undefined,
  );
  return { source, opened, isOpen: () => isOpen, close };
}

async function seed(options: Parameters<typeof seedDemoPartner>[0]): Promise<void> {
  await seedDemoPartner(options);
  await seedDemoOperations(options);
}
