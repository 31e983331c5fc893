import { recordingLog } from "../../../test/harness/recording-log";
import type { Answer, Call } from "../../calls/call";
import { CallRefused } from "../../calls/call-refused";
import { createIdempotency } from "../create-idempotency";
import type { IdempotencyStore, TakenKey } from "../idempotency-store";
import { registeredOperation } from "../../test/registered-operation";

const operationOf = (body: string) => registeredOperation(body, { id: "id", name: "Do" });

/** Answers as it is told, and remembers what it was asked. */
function createScriptedStore(taken?: TakenKey) {
  const asked: string[] = [];
  let isAway = false;
  const change = (name: string) => () => {
    asked.push(name);
    return isAway ? Promise.reject(new Error("away")) : Promise.resolve(true);
  };
  const store: IdempotencyStore = {
    take: () => (isAway ? Promise.reject(new Error("away")) : Promise.resolve(taken)),
    takeOver: change("takeOver"),
    renew: () => Promise.resolve(void asked.push("renew")),
    keep: (_, answer) => change(answer ? "keep" : "keep nothing")(),
    free: change("free"),
    abandon: change("abandon"),
    prune: () => Promise.resolve(0),
  };
  return { store, asked, goAway: () => (isAway = true), comeBack: () => (isAway = false) };
}

const answerOf = (status: number, result: { data?: unknown; errors?: readonly object[] }): Answer => ({
  status,
  headers: new Map([["content-type", "application/json"]]),
  body: { kind: "complete", string: JSON.stringify(result) },
});
const UNAVAILABLE = { message: "m", path: ["do"], extensions: { code: "SUBGRAPH_UNAVAILABLE" } };

function callOf(more: Partial<Call> = {}, mode: "live" | "test" = "live"): Call {
  const partner = { id: "p", slug: "acme", name: "Acme", keyId: "k", mode, operations: undefined };
  return {
    partner: partner as unknown as Call["partner"],
    operation: operationOf("mutation Do { do }"),
    variables: {},
    door: "rest",
    requestId: "r",
    traceparent: "t",
    span: undefined,
    accept: undefined,
    header: (name) => (name === "idempotency-key" ? "key" : undefined),
    answerHeaders: new Map(),
    ...more,
  };
}

describe("a mutation under an idempotency key", () => {
  const { log } = recordingLog();
  const create = (store: IdempotencyStore, hasEffectsOnce = false) =>
    createIdempotency({ store, hasEffectsOnce: () => hasEffectsOnce, log, renewMs: 10, maxAnswerBytes: 1_000 });

  it.each([
    ["an answer", false, answerOf(200, { data: { do: 1 } }), ["keep"]],
    ["null and an error", false, answerOf(200, { data: { do: null }, errors: [{ message: "m" }] }), ["keep"]],
    ["a fault of the gateway", false, answerOf(500, { errors: [{ message: "m" }] }), ["keep"]],
    ["bad variables", false, answerOf(400, { errors: [{ message: "m" }] }), ["free"]],
    ["a gateway with too much to do", false, answerOf(503, { errors: [{ message: "m" }] }), ["free"]],
    ["a large answer", false, answerOf(200, { data: { do: "x".repeat(1_000) } }), ["keep nothing"]],
    ["no answer of a subgraph", false, answerOf(200, { data: { do: null }, errors: [UNAVAILABLE] }), ["keep"]],
    ["no answer of one that honours keys", true, answerOf(200, { data: null, errors: [UNAVAILABLE] }), ["abandon"]],
    [
      "a part that could not be read afterwards",
      true,
      answerOf(200, { data: { do: { a: null } }, errors: [{ ...UNAVAILABLE, path: ["do", "a"] }] }),
      ["keep"],
    ],
  ])("that ends with %s (repeatable: %s) is remembered as it must be", async (_what, isSafe, answer, expected) => {
    const { store, asked } = createScriptedStore();
    const { stage, close } = create(store, isSafe);
    expect(await stage(callOf(), () => Promise.resolve(answer))).toBe(answer);
    await close();
    expect(asked.filter((name) => name !== "renew")).toEqual(expected);
  });

  it("that a later stage refuses leaves its key free; one that fails leaves it in doubt", async () => {
    for (const [error, expected] of [
      [new CallRefused(429, "QUOTA_EXCEEDED", "m"), ["free"]],
      [new Error("x"), ["abandon"]],
    ] as const) {
      const { store, asked } = createScriptedStore();
      const { stage, close } = create(store);
      await expect(stage(callOf(), () => Promise.reject(error))).rejects.toBe(error);
      await close();
      expect(asked).toEqual(expected);
    }
  });

  it("is not run while its key cannot be looked up, and a key that was taken all the same is freed later", async () => {
    const { store, asked, goAway, comeBack } = createScriptedStore();
    const { stage, close } = create(store);
    goAway();
    const next = jest.fn();
    await expect(stage(callOf(), next)).rejects.toMatchObject({ status: 503, code: "SERVICE_UNAVAILABLE" });
    expect(next).not.toHaveBeenCalled();
    comeBack();
    await close();
    expect(asked).toEqual(expect.arrayContaining(["free"]));
  });

  it("has an answer also when that cannot be written, and it is written in the end", async () => {
    const { store, asked, goAway, comeBack } = createScriptedStore();
    const { stage, close } = create(store);
    const answer = answerOf(200, { data: { do: 1 } });
    const given = await stage(callOf(), () => {
      goAway();
      return Promise.resolve(answer);
    });
    expect(given).toBe(answer);
    const tries = asked.length;
    expect(tries).toBeGreaterThan(1);
    comeBack();
    while (asked.length === tries) await new Promise((resolve) => setImmediate(resolve));
    await close();
    expect(asked.at(-1)).toBe("keep");
  });

  it("is told apart from a deeply nested one before anything is made of that", async () => {
    let deep: unknown = 1;
    for (let i = 0; i < 100_000; i++) deep = [deep];
    const { store } = createScriptedStore();
    const { stage, close } = create(store);
    const refused = stage(callOf({ variables: { deep } }), () => Promise.reject(new Error("it must not run")));
    await expect(refused).rejects.toMatchObject({ status: 400, code: "OPERATION_LIMIT_EXCEEDED" });
    await close();
  });

  it("is renewed while it runs, and closing waits for it", async () => {
    const { store, asked } = createScriptedStore();
    const { stage, close } = create(store);
    let end!: (answer: Answer) => void;
    const running = stage(callOf(), () => new Promise((resolve) => (end = resolve)));
    while (!asked.includes("renew")) await new Promise((resolve) => setTimeout(resolve, 1));
    const closed = close();
    end(answerOf(200, { data: {} }));
    await Promise.all([closed, running]);
    expect(asked.at(-1)).toBe("keep");
  });

  it("knows nothing of the caller's going, and has a key for subgraphs that tells nothing of the caller's", async () => {
    const { store } = createScriptedStore();
    const { stage, close } = create(store);
    const seen: Call[] = [];
    const next = (call: Call) => {
      seen.push(call);
      return Promise.resolve(answerOf(200, { data: {} }));
    };
    const signal = { aborted: false, addEventListener: () => undefined, removeEventListener: () => undefined };
    await stage(callOf({ signal }), next);
    await stage(callOf({ signal, variables: { other: 1 } }), next);
    await stage(callOf({ header: () => "other" }), next);
    await stage(callOf({}, "test"), next);
    await close();
    expect(seen.every((call) => call.signal === undefined)).toBe(true);
    const [first, second, ...others] = seen.map(({ idempotencyKey }) => idempotencyKey);
    expect(first).toMatch(/^[\w-]{43}$/);
    expect(second).toBe(first);
    expect(new Set([first, ...others]).size).toBe(3);
  });

  it("with a test key is run again after its gateway was lost: it changes nothing", async () => {
    const fingerprints: string[] = [];
    const probe = createScriptedStore();
    const first = create({
      ...probe.store,
      take: (_, { fingerprint }) => Promise.resolve(void fingerprints.push(fingerprint)),
    });
    await first.stage(callOf(), () => Promise.resolve(answerOf(200, { data: {} })));
    await first.close();
    const lost = { fingerprint: fingerprints[0] ?? "", state: "abandoned", claim: "c" } as const;
    for (const [mode, code] of [
      ["live", "IDEMPOTENCY_OUTCOME_UNKNOWN"],
      ["test", undefined],
    ] as const) {
      const { store } = createScriptedStore(lost);
      const { stage, close } = create(store);
      const outcome = await Promise.resolve(
        stage(callOf({}, mode), () => Promise.resolve(answerOf(200, { data: {} }))),
      ).catch((error: unknown) => error as CallRefused);
      expect("code" in outcome ? outcome.code : undefined).toBe(code);
      await close();
    }
  });
});

it("a query passes without a key, and nothing is looked up for it", async () => {
  const { store } = createScriptedStore();
  const take = jest.spyOn(store, "take");
  const { log } = recordingLog();
  const { stage, close } = createIdempotency({ store, hasEffectsOnce: () => false, log });
  const call = callOf({ operation: operationOf("query Q { a }"), header: () => undefined });
  const answer = answerOf(200, { data: { a: 1 } });
  expect(await stage(call, () => Promise.resolve(answer))).toBe(answer);
  expect(take).not.toHaveBeenCalled();
  await close();
});
