import type { Logger } from "../../../kit/log";
import type { KeyStore } from "./key-store";

/** Notes when keys are used, without making any call wait for it. */
export interface UseLog {
  note(keyId: string): void;
  /** Writes what is not yet written. */
  close(): Promise<void>;
}

/** A busy key is written this often. */
const PRECISION_MS = 60_000;
/** Keys used within this are written together. */
const GATHER_MS = 1_000;
const MAX_KEYS = 10_000;

export function createUseLog(options: { keys: Pick<KeyStore, "noteUses">; log: Logger; now: () => number }): UseLog {
  const { keys, log, now } = options;
  const noted = new Map<string, number>();
  let pending = new Map<string, Date>();
  let timer: NodeJS.Timeout | undefined;

  const write = async () => {
    clearTimeout(timer);
    timer = undefined;
    const uses = pending;
    pending = new Map();
    if (uses.size === 0) return;
    await keys.noteUses(uses).catch((err: unknown) => {
      for (const keyId of uses.keys()) noted.delete(keyId);
      log.warn({ err, keys: uses.size }, "the last use of keys could not be written");
    });
  };

  return {
    note: (keyId) => {
      const at = now();
      if (at - (noted.get(keyId) ?? -Infinity) < PRECISION_MS) return;
      // Forgetting costs a write too many, no more.
      if (noted.size >= MAX_KEYS) noted.clear();
      noted.set(keyId, at);
      pending.set(keyId, new Date(at));
      timer ??= setTimeout(() => void write(), GATHER_MS).unref();
    },
    close: write,
  };
}
