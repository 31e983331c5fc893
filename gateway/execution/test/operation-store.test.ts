import { parse } from "graphql";
import { ClientError } from "../../../kit/errors";
import { conditionsOf } from "../../operation/conditions";
import { PlanLimitError } from "../../planning/planner";
import type { ExecutableOperation, Executor, OperationSource } from "../executor";
import { createOperationStore } from "../operation-store";

const VARIABLES = Array.from({ length: 10 }, (_, i) => `v${i}`);
const document = parse(
  `query (${VARIABLES.map((name) => `$${name}: Boolean!`).join(" ")}) {
    ${VARIABLES.map((name) => `${name}: a @include(if: $${name})`).join(" ")} }`,
);

const source = (documentKey: string, values = 0): OperationSource => ({
  document,
  documentKey,
  overrideLabels: [],
  conditions: conditionsOf(
    document,
    undefined,
    Object.fromEntries(VARIABLES.map((name, i) => [name, (values & (1 << i)) !== 0])),
  ),
});

/** An executor that prepares when the test says so. */
function create({ maxBytes = 1_000_000, isHeld = false } = {}) {
  const asked: string[] = [];
  const held: { readonly key: string; readonly end: (failure?: Error) => void }[] = [];
  const lookUps: boolean[] = [];
  const refused: unknown[] = [];
  const executor: Executor = {
    prepare: ({ documentKey }) =>
      new Promise((resolve, reject) => {
        asked.push(documentKey);
        const operation = { kind: "query", bytes: 100, hasDeferred: false } as ExecutableOperation;
        const end = (failure?: Error) => (failure ? reject(failure) : resolve(operation));
        if (isHeld) held.push({ key: documentKey, end });
        else end();
      }),
    close: () => Promise.resolve(),
  };
  const store = createOperationStore({
    executor,
    maxBytes,
    onLookUp: (isKnown) => void lookUps.push(isKnown),
    onRefused: (document) => void refused.push(document),
  });
  return { store, asked, held, lookUps, refused };
}

/** Lets whatever waits for nothing but its turn go on. */
const turns = () => new Promise((resolve) => setImmediate(resolve));

describe("prepared operations", () => {
  it("whoever keeps documents is told of one that exceeds a limit, and of no other failure", async () => {
    const { store, held, refused } = create({ isHeld: true });
    const first = store.prepare(source("a"));
    held[0]?.end(new Error("a fault"));
    await expect(first).rejects.toThrow("a fault");
    expect(refused).toEqual([]);
    const second = store.prepare(source("b"));
    held[1]?.end(new PlanLimitError("milliseconds of planning", 1));
    await expect(second).rejects.toThrow(PlanLimitError);
    expect(refused).toEqual([document]);
  });

  it("are prepared once, however many ask at once, and found afterwards", async () => {
    const { store, asked, held, lookUps } = create({ isHeld: true });
    const all = Array.from({ length: 5 }, () => store.prepare(source("a")));
    await turns();
    expect(store.find(source("a"))).toBeUndefined();
    held[0]?.end();
    const [first, ...others] = await Promise.all(all);
    expect(others.every((operation) => operation === first)).toBe(true);
    expect(store.find(source("a"))).toBe(first);
    expect(asked).toEqual(["a"]);
    expect(lookUps).toEqual([false, false, false, false, false, true]);
  });

  it("are told apart by name, labels and conditions", async () => {
    const { store, asked } = create();
    const sources = [
      source("a"),
      source("a", 1),
      { ...source("a"), operationName: "Q" },
      { ...source("a"), overrideLabels: ["l"] },
      { ...source("a"), overrideLabels: ["l", "m"] },
    ];
    for (const one of sources) await store.prepare(one);
    expect(asked).toHaveLength(sources.length);
    expect(new Set(sources.map((one) => store.find(one))).size).toBe(sources.length);
  });

  it("that were used least recently go when the bytes are spent", async () => {
    const { store } = create({ maxBytes: 300 });
    for (const key of ["a", "b", "c"]) await store.prepare(source(key));
    store.find(source("a"));
    await store.prepare(source("d"));
    expect(["a", "b", "c", "d"].map((key) => store.find(source(key)) !== undefined)).toEqual([true, false, true, true]);
    expect(store.recent(2).map(({ documentKey }) => documentKey)).toEqual(["d", "c"]);
  });

  it("one that is larger than everything is run and not kept", async () => {
    const { store } = create({ maxBytes: 50 });
    await store.prepare(source("a"));
    expect(store.find(source("a"))).toBeUndefined();
  });

  it("a thousand variants of one document displace each other, and no other document", async () => {
    const { store } = create();
    for (const key of ["a", "b"]) await store.prepare(source(key));
    for (let values = 0; values < 1_000; values++) await store.prepare(source("hostile", values));
    expect(["a", "b"].map((key) => store.find(source(key)) !== undefined)).toEqual([true, true]);
    const kept = Array.from({ length: 1_000 }, (_, values) => store.find(source("hostile", values)) !== undefined);
    expect(kept.filter(Boolean)).toHaveLength(64);
    expect(kept.at(-1)).toBe(true);
  });

  it("variants of one document are prepared one after the other, others beside them", async () => {
    const { store, asked, held } = create({ isHeld: true });
    const all = [0, 1, 2].map((values) => store.prepare(source("hostile", values)));
    all.push(store.prepare(source("honest")));
    await turns();
    expect(asked).toEqual(["hostile", "honest"]);
    held[1]?.end();
    await all[3];
    held[0]?.end();
    await turns();
    expect(asked).toEqual(["hostile", "honest", "hostile"]);
    held[2]?.end(new Error("a fault"));
    await expect(all[1]).rejects.toThrow("a fault");
    await turns();
    held[3]?.end();
    await all[2];
    expect(asked).toHaveLength(4);
  });

  it("that exceed a limit are refused again without being planned again", async () => {
    const { store, asked, held } = create({ isHeld: true });
    const refused = store.prepare(source("a"));
    held[0]?.end(new PlanLimitError("ways to fetch a field", 150));
    await expect(refused).rejects.toMatchObject({ code: "OPERATION_LIMIT_EXCEEDED" });
    await expect(store.prepare(source("a"))).rejects.toMatchObject({ code: "OPERATION_LIMIT_EXCEEDED", max: 150 });
    expect(asked).toEqual(["a"]);
  });

  it.each([new Error("a fault"), new ClientError("SERVICE_UNAVAILABLE", "Later.")])(
    "that fail otherwise are tried again: %s",
    async (failure) => {
      const { store, asked, held } = create({ isHeld: true });
      const failed = store.prepare(source("a"));
      held[0]?.end(failure);
      await expect(failed).rejects.toBe(failure);
      const second = store.prepare(source("a"));
      await turns();
      held[1]?.end();
      await expect(second).resolves.toMatchObject({ kind: "query" });
      expect(asked).toEqual(["a", "a"]);
    },
  );
});
