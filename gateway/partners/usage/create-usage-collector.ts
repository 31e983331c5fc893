import type { Logger } from "../../../kit/log";
import { newId } from "../../../kit/ids";
import { type CallRecord, createUsageBook } from "./usage-entry";
import type { UsageBatch, UsageStore } from "./usage-store";

export interface UsageCollector {
  record(call: CallRecord): void;
  /** Writes what there is now. @returns false when it could not be written; it is kept then */
  flush(): Promise<boolean>;
  /** Writes the rest, if that can be done in time. */
  close(): Promise<void>;
}

const EVERY_MS = 1_000;
const CLOSE_MS = 2_500;

/**
 * Counts calls in memory and adds them to the store each second, so what a process that is killed loses is the calls of its last second. While the store
 * is away the figures wait; they are no more for that. A batch that may or may not have been written is sent again as it was.
 */
export function createUsageCollector(options: { store: UsageStore; log: Logger; everyMs?: number }): UsageCollector {
  const { store, log, everyMs = EVERY_MS } = options;
  const writer = newId();
  let number = 0;
  let book = createUsageBook();
  let batch: (UsageBatch & { readonly calls: number }) | undefined;
  let writing: Promise<boolean> | undefined;
  let isAway = false;

  const write = async (): Promise<boolean> => {
    if (!batch) {
      if (book.size === 0) return true;
      batch = { writer, number: ++number, entries: book.entries(), calls: book.calls };
      book = createUsageBook();
    }
    try {
      await store.write(batch);
      batch = undefined;
      if (isAway) log.info("usage figures are written again");
      isAway = false;
      return true;
    } catch (err) {
      if (!isAway) log.error({ err }, "usage figures cannot be written and wait");
      isAway = true;
      return false;
    }
  };
  const flush = (): Promise<boolean> =>
    (writing ??= write().finally(() => {
      writing = undefined;
    }));

  let timer: NodeJS.Timeout | undefined;
  const schedule = () => {
    timer = setTimeout(() => void flush().then(() => timer && schedule()), everyMs).unref();
  };
  schedule();

  return {
    record: (call) => book.record(call),
    flush,
    close: async () => {
      clearTimeout(timer);
      timer = undefined;
      const giveUpAt = performance.now() + CLOSE_MS;
      // What waits behind a batch on its way is another one.
      while ((batch || book.size > 0) && performance.now() < giveUpAt) {
        const pause = new Promise<boolean>((resolve) =>
          setTimeout(resolve, giveUpAt - performance.now(), false).unref(),
        );
        if (!(await Promise.race([flush(), pause]))) break;
      }
      const lost = (batch?.calls ?? 0) + book.calls;
      if (lost > 0) log.error({ calls: lost }, "usage figures of the last calls are lost: they could not be written");
    },
  };
}
