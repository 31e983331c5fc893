import { createServer } from "node:net";
import type { AddressInfo } from "node:net";
import { newId } from "../../kit/ids";
import { createMemoryCache, createRedisCache, type PersistedQueryCache } from "../http/persisted-query-cache";
import { recordingLog } from "./harness/recording-log";

const redisUrl = process.env["TEST_REDIS_URL"];

const kinds: readonly (readonly [string, () => PersistedQueryCache])[] = [
  ["in memory", () => createMemoryCache(10_000)],
  ...(redisUrl === undefined ? [] : [["in Redis", () => createRedisCache(redisUrl, recordingLog().log)] as const]),
];

describe.each(kinds)("persisted queries %s", (_kind, create) => {
  let cache: PersistedQueryCache;
  beforeEach(() => {
    cache = create();
  });
  afterEach(() => cache.close());

  it("are found under their hash until they are deleted", async () => {
    const key = newId();
    expect(await cache.get(key)).toBeUndefined();
    // Redis is connected to in the background; until then nothing is kept.
    while ((await cache.get(key)) === undefined) {
      await new Promise((resolve) => setImmediate(resolve));
      await cache.set(key, "{ hello }");
    }
    expect(await cache.get(key)).toBe("{ hello }");
    expect(await cache.delete(key)).toBe(true);
    expect(await cache.get(key)).toBeUndefined();
    expect(await cache.delete(key)).toBe(false);
  });
});

it("memory is bounded by characters, the least used go first", async () => {
  const cache = createMemoryCache(1_000);
  for (let i = 0; i < 20; i++) {
    await cache.set(`key-${i}`, "x".repeat(94));
    await cache.get("key-0");
  }
  expect(await cache.get("key-0")).toBeDefined();
  expect(await cache.get("key-1")).toBeUndefined();
  expect(await cache.get("key-19")).toBeDefined();
});

it("a Redis that is away finds nothing and breaks nothing, and is reported once", async () => {
  const server = createServer((socket) => socket.destroy());
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  const { log, lines } = recordingLog();
  await new Promise((resolve) => server.close(resolve));
  const cache = createRedisCache(`redis://127.0.0.1:${port}`, log);
  try {
    for (let i = 0; i < 3; i++) {
      await cache.set("key", "{ hello }");
      expect(await cache.get("key")).toBeUndefined();
      expect(await cache.delete("key")).toBe(false);
    }
    const reported = () => lines.filter(({ msg }) => msg === "persisted queries are not shared: redis is away");
    while (reported().length === 0) await new Promise((resolve) => setImmediate(resolve));
    expect(reported()).toHaveLength(1);
  } finally {
    await cache.close();
  }
});
