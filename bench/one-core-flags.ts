/** Of V8, where the gateway has a single core: docs/guides/running-in-production.md tells why. */
export const ONE_CORE_FLAGS: readonly string[] = ["--v8-pool-size=1", "--single-threaded-gc"];
