import type { Logger } from "../../../kit/log";
import { createRegistry, type Registry } from "../registry/create-registry";
import type { RegisteredOperation } from "../registry/operation-registry";
import { createRegistryStore } from "./create-registry-store";
import type { PartnerStores } from "./open-partner-stores";
import { watchOperations } from "./watch-operations";

/** The registered operations of this gateway, which follow those in the database. @param options as `createRegistry` has them */
export function openRegistry(options: {
  stores: Pick<PartnerStores, "source" | "opened">;
  url: string;
  pollMs: number;
  prepare: (operations: readonly RegisteredOperation[]) => Promise<void>;
  log: Logger;
}): Registry {
  const { stores, url, pollMs, prepare, log } = options;
  const { source, opened } = stores;
  return createRegistry({
    store: createRegistryStore(source),
    storeOpened: opened,
    listen: (onChange) => watchOperations({ url, opened, onChange, log }),
    pollMs,
    prepare,
    log,
  });
}
