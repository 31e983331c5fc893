import { Redis } from "ioredis";
import type { QuotaBucket, QuotaStore } from "./quota";

/**
 * Takes ARGV[2] units out of every bucket of KEYS, or out of none, unless ARGV[3] says that it must be. For each bucket follow its units and its window in
 * milliseconds. Time is the server's, the same for all gateways, but for tests, which give milliseconds in ARGV[1]. A bucket that is not there is full,
 * so it may go when it is. The arithmetic is that of quota.ts.
 */
const TAKE = `
local now = tonumber(ARGV[1])
if not now then
  local time = redis.call("TIME")
  now = tonumber(time[1]) * 1000 + tonumber(time[2]) / 1000
end
local wanted, forced = tonumber(ARGV[2]), ARGV[3] == "1"
local buckets, granted = {}, 1
for i, key in ipairs(KEYS) do
  local units, window = tonumber(ARGV[2 + 2 * i]), tonumber(ARGV[3 + 2 * i])
  local bucket = { units = units, window = window, level = units, at = now }
  local known = redis.call("HMGET", key, "level", "at")
  if known[1] then
    local at = tonumber(known[2])
    bucket.level = math.min(units, tonumber(known[1]) + math.max(0, now - at) * units / window)
    bucket.at = math.max(now, at)
  end
  if bucket.level < wanted then granted = 0 end
  buckets[i] = bucket
end
local answer = { granted }
for i, key in ipairs(KEYS) do
  local bucket = buckets[i]
  if (granted == 1 or forced) and wanted ~= 0 then
    bucket.level = math.max(-bucket.units, math.min(bucket.units, bucket.level - wanted))
    redis.call("HSET", key, "level", string.format("%.17g", bucket.level), "at", string.format("%.17g", bucket.at))
    redis.call("PEXPIRE", key, math.ceil((bucket.units - bucket.level) * bucket.window / bucket.units) + 1000)
  end
  answer[i + 1] = string.format("%.17g", bucket.level)
end
return answer
`;

interface QuotaCommands {
  takeUnits(numberOfKeys: number, ...keysAndArguments: (string | number)[]): Promise<[number, ...string[]]>;
}

const PREFIX = "tributary:quota:";
const CONNECT_TIMEOUT_MS = 2_000;
/** A connection that says nothing for so long when it was asked is replaced: one that a firewall forgot would stay silent for a quarter of an hour. */
const SILENCE_MS = 1_000;
const QUIT_MS = 500;

/**
 * Counts in Redis, for all gateways together: one round trip to reserve, one that nobody waits for to settle. What cannot be settled is lost, and comes
 * back with time like all that was used.
 * @param options.now milliseconds, in place of the server's time
 */
export function createRedisQuotas(options: { url: string; now?: () => number }): QuotaStore {
  const { now } = options;
  const redis = new Redis(options.url, {
    maxRetriesPerRequest: 0,
    // Sent again, a reservation might count twice.
    autoResendUnfulfilledCommands: false,
    enableOfflineQueue: false,
    connectTimeout: CONNECT_TIMEOUT_MS,
    disconnectTimeout: 0,
  });
  // Each command that fails says so.
  redis.on("error", () => undefined);
  redis.defineCommand("takeUnits", { lua: TAKE });
  const { takeUnits } = redis as unknown as QuotaCommands;

  let waiting = 0;
  let silence: NodeJS.Timeout | undefined;
  const listen = () => {
    clearTimeout(silence);
    silence = waiting > 0 ? setTimeout(() => redis.disconnect(true), SILENCE_MS).unref() : undefined;
  };
  const heard = async <Result>(command: Promise<Result>): Promise<Result> => {
    if (waiting++ === 0) listen();
    try {
      return await command;
    } finally {
      waiting--;
      listen();
    }
  };

  const take = (buckets: readonly QuotaBucket[], units: number, isForced: boolean) =>
    heard(
      takeUnits.call(
        redis,
        buckets.length,
        ...buckets.map(({ id }) => PREFIX + id),
        now?.() ?? "",
        units,
        isForced ? 1 : 0,
        ...buckets.flatMap(({ units: quota, windowS }) => [quota, windowS * 1_000]),
      ),
    );

  return {
    reserve: async (buckets, units) => {
      const [granted, ...left] = await take(buckets, units, false);
      return {
        isGranted: granted === 1,
        left: left.map(Number),
        settle: (used) => {
          if (used !== units) take(buckets, used - units, true).catch(() => undefined);
        },
      };
    },
    close: async () => {
      const timer = setTimeout(() => redis.disconnect(), QUIT_MS);
      await redis.quit().catch(() => undefined);
      clearTimeout(timer);
      redis.disconnect();
    },
  };
}
