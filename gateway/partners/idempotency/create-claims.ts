import { setTimeout as delay } from "node:timers/promises";
import type { Logger } from "../../../kit/log";
import type { IdempotencyStore } from "./idempotency-store";

/** The claims that this process holds. */
export interface Claims {
  /** Keeps a claim alive for as long as `work` goes on, whoever still waits for it. */
  hold<Result>(claim: string, work: () => Promise<Result>): Promise<Result>;
  /**
   * Writes what came of a claim. While the database is away it is tried again in the background.
   * @returns false when the claim was lost to another gateway; true when it was written, or will be
   */
  settle(write: () => Promise<boolean>): Promise<boolean>;
  /** The database did not say whether it took a key under this claim. Nothing runs under it, so if it did, the key is freed once that is possible. */
  disown(claim: string): void;
  /** Waits for everything that is held or written. */
  close(): Promise<void>;
}

const RETRY_MS = 250;
/** Whoever waits for an answer that cannot be written is given it after this. */
const PATIENCE_MS = 2_000;
const MAX_DISOWNED = 10_000;
/** After the last chance of a claim nobody asks for its outcome any more in this way. */
const GIVE_UP_MS = 60_000;

/** @param options.renewMs well under the time after which a claim counts as abandoned */
export function createClaims(options: {
  store: Pick<IdempotencyStore, "renew" | "free">;
  renewMs: number;
  log: Logger;
}): Claims {
  const { store, renewMs, log } = options;
  const held = new Set<string>();
  const disowned = new Set<string>();
  const working = new Set<Promise<unknown>>();
  let isClosing = false;

  const freeDisowned = async () => {
    const some = [...disowned];
    try {
      await store.free(some);
      for (const claim of some) disowned.delete(claim);
    } catch {
      // Told already, by every call that could not take its key.
    }
  };
  const renew = () => {
    if (disowned.size > 0) void freeDisowned();
    if (held.size === 0) return;
    store
      .renew([...held])
      .catch((err: unknown) =>
        log.warn({ err, claims: held.size }, "idempotency keys of running calls were not renewed"),
      );
  };
  const timer = setInterval(renew, renewMs).unref();

  const track = <Result>(work: Promise<Result>): Promise<Result> => {
    working.add(work);
    const end = () => void working.delete(work);
    work.then(end, end);
    return work;
  };

  const writeInTheEnd = async (write: () => Promise<boolean>): Promise<boolean> => {
    const until = Date.now() + GIVE_UP_MS;
    for (let isFirst = true; ; isFirst = false) {
      try {
        return await write();
      } catch (err) {
        if (isFirst) log.error({ err }, "the outcome of an idempotent call cannot be written yet");
        if (isClosing || Date.now() > until) {
          log.error({ err }, "the outcome of an idempotent call was not written");
          return true;
        }
        await delay(RETRY_MS);
      }
    }
  };

  return {
    hold: (claim, work) => {
      held.add(claim);
      return track(work().finally(() => held.delete(claim)));
    },
    settle: async (write) => {
      const patience = new AbortController();
      const written = track(writeInTheEnd(write)).finally(() => patience.abort());
      const tired = delay(PATIENCE_MS, true, { signal: patience.signal, ref: false }).catch(() => true);
      return Promise.race([written, tired]);
    },
    disown: (claim) => {
      if (disowned.size < MAX_DISOWNED) disowned.add(claim);
    },
    close: async () => {
      isClosing = true;
      while (working.size > 0) await Promise.allSettled([...working]);
      clearInterval(timer);
      if (disowned.size > 0) await freeDisowned();
    },
  };
}
