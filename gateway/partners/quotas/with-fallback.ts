import type { Logger } from "../../../kit/log";
import type { QuotaStore, Reservation } from "./quota";

/** A call waits no longer for the shared store. */
const PATIENCE_MS = 50;
/** After a failure nobody asks for so long; then one call tries. */
const PAUSE_MS = 500;

/**
 * The shared store, and while it does not answer in time the local one. Each gateway grants the whole quota then, to everybody anew: a quota that is
 * generous for a while is better than calls that are refused.
 * @param options.onFallback for every reservation that was made locally
 */
export function withFallback(options: {
  shared: QuotaStore;
  local: QuotaStore;
  log: Logger;
  onFallback: () => void;
  now?: () => number;
}): QuotaStore {
  const { shared, local, log, onFallback, now = () => performance.now() } = options;
  let isAway = false;
  let askAgainAt = 0;

  const reserveShared = async (...wanted: Parameters<QuotaStore["reserve"]>): Promise<Reservation | undefined> => {
    // The one who tries keeps the others from trying.
    if (isAway) askAgainAt = now() + PAUSE_MS;
    try {
      const reservation = await soon(Promise.resolve(shared.reserve(...wanted)));
      if (isAway) log.info("quotas are shared between gateways again");
      isAway = false;
      return reservation;
    } catch (err) {
      if (!isAway) log.warn({ err }, "quotas are not shared between gateways: redis does not answer");
      isAway = true;
      askAgainAt = now() + PAUSE_MS;
      return undefined;
    }
  };

  return {
    reserve: async (buckets, units) => {
      const reservation = isAway && now() < askAgainAt ? undefined : await reserveShared(buckets, units);
      if (reservation) return reservation;
      onFallback();
      return local.reserve(buckets, units);
    },
    close: async () => {
      await shared.close();
      await local.close();
    },
  };
}

/** An answer that is there already counts, even when this process was too busy to read it in time. One that comes too late is undone. */
function soon(promise: Promise<Reservation>): Promise<Reservation> {
  return new Promise((resolve, reject) => {
    let isLate = false;
    const giveUp = () => {
      isLate = true;
      reject(new Error(`no answer within ${PATIENCE_MS} ms`));
    };
    const timer = setTimeout(() => setImmediate(() => setImmediate(giveUp)), PATIENCE_MS);
    promise
      .then((reservation) => {
        if (isLate && reservation.isGranted) reservation.settle(0);
        resolve(reservation);
      }, reject)
      .finally(() => clearTimeout(timer));
  });
}
