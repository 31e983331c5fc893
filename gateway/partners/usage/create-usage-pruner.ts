import type { Logger } from "../../../kit/log";
import type { UsageStore } from "./usage-store";

const EVERY_MS = 3_600_000;

/**
 * Deletes figures that nobody keeps any more, soon after the start and each hour.
 * @param options.opened the store can be used since then
 */
export function createUsagePruner(options: {
  store: Pick<UsageStore, "prune">;
  keepDays: number;
  opened: Promise<void>;
  log: Logger;
  everyMs?: number;
}): { close(): Promise<void> } {
  const { store, keepDays, opened, log, everyMs = EVERY_MS } = options;
  let isClosed = false;
  let pruning: Promise<void> | undefined;

  const prune = async (): Promise<void> => {
    let total = 0;
    try {
      for (let pruned = 1; pruned > 0 && !isClosed; total += pruned) pruned = await store.prune(keepDays);
      if (total > 0) log.info({ figures: total, keepDays }, "old usage figures are deleted");
    } catch (err) {
      if (!isClosed) log.warn({ err }, "old usage figures could not be deleted");
    }
  };
  const begin = () => {
    if (!isClosed) {
      pruning ??= prune().finally(() => {
        pruning = undefined;
      });
    }
  };
  const timer = setInterval(begin, everyMs).unref();
  // Rejected when the gateway ends before.
  opened.then(begin, () => undefined);

  return {
    close: async () => {
      isClosed = true;
      clearInterval(timer);
      await pruning;
    },
  };
}
