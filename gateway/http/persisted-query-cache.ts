import { Redis } from "ioredis";
import { LRUCache } from "lru-cache";
import type { Logger } from "../../kit/log";

/** Where automatic persisted queries are kept: hash to text. In the form Apollo Server asks for. */
export interface PersistedQueryCache {
  get(key: string): Promise<string | undefined>;
  set(key: string, text: string): Promise<void>;
  delete(key: string): Promise<boolean>;
  close(): Promise<void>;
}

/** In this process, bounded by characters, least recently used first. */
export function createMemoryCache(maxCharacters: number): PersistedQueryCache {
  const texts = new LRUCache<string, string>({
    maxSize: maxCharacters,
    sizeCalculation: (text, key) => text.length + key.length,
  });
  return {
    get: (key) => Promise.resolve(texts.get(key)),
    set: (key, text) => Promise.resolve(void texts.set(key, text)),
    delete: (key) => Promise.resolve(texts.delete(key)),
    close: () => Promise.resolve(),
  };
}

const PREFIX = "tributary:apq:";
const TTL_S = 7 * 86_400;
const TIMEOUT_MS = 500;

/** Shared by the replicas of the gateway. While Redis is away nothing is found: clients then send the text again. */
export function createRedisCache(url: string, log: Logger): PersistedQueryCache {
  const redis = new Redis(url, {
    maxRetriesPerRequest: 0,
    enableOfflineQueue: false,
    commandTimeout: TIMEOUT_MS,
    connectTimeout: 2_000,
  });
  let reported = false;
  redis.on("error", (err) => {
    if (!reported) log.warn({ err }, "persisted queries are not shared: redis is away");
    reported = true;
  });
  redis.on("ready", () => {
    reported = false;
  });
  const quietly = async <T>(command: Promise<T>, fallback: T): Promise<T> =>
    command.catch((err: unknown) => {
      log.debug({ err }, "a redis command failed");
      return fallback;
    });
  return {
    get: async (key) => (await quietly(redis.get(PREFIX + key), null)) ?? undefined,
    set: async (key, text) => void (await quietly(redis.set(PREFIX + key, text, "EX", TTL_S), null)),
    delete: async (key) => (await quietly(redis.del(PREFIX + key), 0)) > 0,
    close: () => Promise.resolve(redis.disconnect()),
  };
}
