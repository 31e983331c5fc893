import { Redis } from "ioredis";
import { LRUCache } from "lru-cache";
import type { Logger } from "../../kit/log";

/** Where automatic persisted queries are kept: hash to text. In the form Apollo Server asks for. */
export interface PersistedQueryCache {
  get(key: string): Promise<string | undefined>;
  /** What this process knows without asking anybody: a text that `get` would give or gave before. */
  known(key: string): string | undefined;
  set(key: string, text: string): Promise<void>;
  delete(key: string): Promise<boolean>;
  close(): Promise<void>;
}

/** Under which key Apollo Server keeps the text of a SHA-256. */
export const persistedQueryKey = (sha256Hex: string): string => `apq:${sha256Hex}`;

const createTexts = (maxCharacters: number) =>
  new LRUCache<string, string>({ maxSize: maxCharacters, sizeCalculation: (text, key) => text.length + key.length });

/** In this process, bounded by characters, least recently used first. */
export function createMemoryCache(maxCharacters: number): PersistedQueryCache {
  const texts = createTexts(maxCharacters);
  return {
    get: (key) => Promise.resolve(texts.get(key)),
    known: (key) => texts.get(key),
    set: (key, text) => Promise.resolve(void texts.set(key, text)),
    delete: (key) => Promise.resolve(texts.delete(key)),
    close: () => Promise.resolve(),
  };
}

const PREFIX = "tributary:apq:";
const TTL_S = 7 * 86_400;
const TIMEOUT_MS = 500;
/** Of texts that Redis gave; a hash never gets another text. */
const MAX_KNOWN_CHARACTERS = 8_000_000;

/** Shared by the replicas of the gateway. While Redis is away nothing is found: clients then send the text again. */
export function createRedisCache(url: string, log: Logger): PersistedQueryCache {
  const redis = new Redis(url, {
    maxRetriesPerRequest: 0,
    enableOfflineQueue: false,
    commandTimeout: TIMEOUT_MS,
    connectTimeout: 2_000,
  });
  const known = createTexts(MAX_KNOWN_CHARACTERS);
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
    get: async (key) => {
      const text = (await quietly(redis.get(PREFIX + key), null)) ?? undefined;
      if (text !== undefined) known.set(key, text);
      return text;
    },
    known: (key) => known.get(key),
    set: async (key, text) => void (await quietly(redis.set(PREFIX + key, text, "EX", TTL_S), null)),
    delete: async (key) => {
      known.delete(key);
      return (await quietly(redis.del(PREFIX + key), 0)) > 0;
    },
    close: () => Promise.resolve(redis.disconnect()),
  };
}
