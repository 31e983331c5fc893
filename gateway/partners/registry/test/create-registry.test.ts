import { recordingLog } from "../../../test/harness/recording-log";
import { createRegistry, type Registry } from "../create-registry";
import type { RegisteredOperation } from "../operation-registry";
import type { RegistryContent, RegistryRow } from "../registry-store";

const NOW = Date.parse("2027-01-01T00:00:00Z");

const row = (name: string, more: Partial<RegistryRow> = {}): RegistryRow => ({
  partner: "acme",
  version: 1,
  state: "active",
  publishedAt: new Date(NOW),
  deprecatedAt: null,
  sunsetAt: null,
  retiredAt: null,
  id: name,
  name,
  type: "query",
  body: `query ${name} { a }`,
  restMethod: null,
  restPath: null,
  ...more,
});

/** A store whose content is changed by the test, and which may be away. */
function fakeStore(rows: readonly RegistryRow[] = []) {
  let content: RegistryContent = { revision: "1", rows, deprecations: [] };
  let isAway = false;
  let reads = 0;
  const answer = <T>(value: () => T): Promise<T> =>
    isAway ? Promise.reject(new Error("connection terminated")) : Promise.resolve(value());
  return {
    revision: () => answer(() => content.revision),
    read: () =>
      answer(() => {
        reads++;
        return content;
      }),
    put: (...next: readonly RegistryRow[]) => {
      content = { revision: String(Number(content.revision) + 1), rows: next, deprecations: [] };
    },
    leave: () => (isAway = true),
    comeBack: () => (isAway = false),
    reads: () => reads,
  };
}

describe("the registry of a gateway", () => {
  const { log, lines } = recordingLog();
  let registry: Registry;
  afterEach(async () => {
    await registry.close();
    lines.length = 0;
  });

  const names = () =>
    registry
      .current()
      .ofPartner("acme")
      .map(({ name }) => name);
  const start = (
    store: ReturnType<typeof fakeStore>,
    more: Partial<Parameters<typeof createRegistry>[0]> = {},
  ): Promise<void> => {
    registry = createRegistry({
      store,
      pollMs: 3_600_000,
      prepare: () => Promise.resolve(),
      log,
      now: () => NOW,
      ...more,
    });
    return registry.opened;
  };
  const warnings = () => lines.filter(({ level }) => level === 40).map(({ msg }) => msg);

  it("has nothing before the store was opened, and does not ask it before", async () => {
    const store = fakeStore([row("A")]);
    store.leave();
    let open = () => {};
    const opened = start(store, { storeOpened: new Promise<void>((resolve) => (open = resolve)) });
    expect(names()).toEqual([]);
    store.comeBack();
    open();
    await opened;
    expect(names()).toEqual(["A"]);
    expect(warnings()).toEqual([]);
  });

  it("is told of changes; whoever has a snapshot keeps it", async () => {
    const store = fakeStore([row("A")]);
    let tell = () => {};
    await start(store, {
      listen: (onMaybeChanged) => {
        tell = onMaybeChanged;
        return { close: () => undefined };
      },
    });
    const before = registry.current();
    store.put(row("B"));
    tell();
    await registry.refresh();
    expect(names()).toEqual(["B"]);
    expect(before.find("acme", "A")?.name).toBe("A");
    expect(before.find("acme", "B")).toBeUndefined();
  });

  it("finds by looking what it was not told", async () => {
    const store = fakeStore([row("A")]);
    await start(store, { pollMs: 5 });
    store.put(row("B"));
    while (names()[0] !== "B") await new Promise((resolve) => setImmediate(resolve));
    expect(names()).toEqual(["B"]);
  });

  it("reads nothing while nothing changed", async () => {
    const store = fakeStore([row("A")]);
    await start(store);
    for (let i = 0; i < 5; i++) await registry.refresh();
    expect(store.reads()).toBe(1);
  });

  it("serves new operations when they are ready, and the old ones until then; what was ready is not prepared again", async () => {
    const store = fakeStore([row("A")]);
    const prepared: string[][] = [];
    let ready = () => {};
    let isSlow = false;
    await start(store, {
      prepare: async (operations: readonly RegisteredOperation[]) => {
        prepared.push(operations.map(({ name }) => name));
        if (isSlow) await new Promise<void>((resolve) => (ready = resolve));
      },
    });
    isSlow = true;
    store.put(row("A"), row("B"));
    const refreshed = registry.refresh();
    while (prepared.length < 2) await new Promise((resolve) => setImmediate(resolve));
    expect(names()).toEqual(["A"]);
    ready();
    await refreshed;
    expect(names()).toEqual(["A", "B"]);
    expect(prepared).toEqual([["A"], ["B"]]);
  });

  it("looks again when something changes while it looks", async () => {
    const store = fakeStore([row("A")]);
    let during = () => {};
    await start(store, {
      prepare: () => {
        during();
        return Promise.resolve();
      },
    });
    during = () => {
      during = () => undefined;
      store.put(row("C"));
      void registry.refresh();
    };
    store.put(row("B"));
    await registry.refresh();
    expect(names()).toEqual(["C"]);
  });

  it("goes on with what it has while the store is away, and says so once", async () => {
    const store = fakeStore([row("A")]);
    await start(store);
    store.leave();
    for (let i = 0; i < 3; i++) await registry.refresh();
    expect(names()).toEqual(["A"]);
    expect(warnings()).toEqual(["the registered operations cannot be read, what was read before stays"]);
    store.put(row("B"));
    store.comeBack();
    await registry.refresh();
    expect(names()).toEqual(["B"]);
    store.leave();
    await registry.refresh();
    expect(warnings()).toHaveLength(2);
  });

  it("lets go of an operation at its sunset although nothing was written", async () => {
    const sunsetAt = new Date(NOW + 1_000);
    const store = fakeStore([
      row("A"),
      row("Old", { version: 0, state: "deprecated", deprecatedAt: new Date(NOW), sunsetAt }),
    ]);
    let now = NOW;
    await start(store, { now: () => now });
    expect(names()).toEqual(["A", "Old"]);
    now = sunsetAt.getTime();
    await registry.refresh();
    expect(names()).toEqual(["A"]);
    expect(registry.current().retiredOf("acme")).toMatchObject([{ name: "Old", retiredAt: sunsetAt }]);
  });

  it("leaves a damaged row out and names it in the log", async () => {
    const store = fakeStore([row("A"), row("Bad", { body: "query {" })]);
    await start(store);
    expect(names()).toEqual(["A"]);
    expect(lines.find(({ msg }) => msg === "a registered operation is damaged")).toMatchObject({
      partner: "acme",
      version: 1,
      operation: "Bad",
    });
  });
});
