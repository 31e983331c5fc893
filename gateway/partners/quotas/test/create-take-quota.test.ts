import { ClientError } from "../../../../kit/errors";
import type { Answer, Call } from "../../calls/call";
import { CallRefused } from "../../calls/call-refused";
import { createMemoryQuotas } from "../create-memory-quotas";
import { createTakeQuota, type TakeQuota } from "../create-take-quota";
import type { OwnQuotas } from "../quota";

const answered = (cost?: number): Answer => ({
  status: 200,
  headers: new Map(),
  body: { kind: "complete", string: "{}" },
  ...(cost === undefined ? {} : { cost }),
});

describe("the quota of calls", () => {
  let nowMs: number;
  let estimate: () => number;
  let refused: string[];
  let take: TakeQuota;
  const settingUp = (standard: Parameters<typeof createTakeQuota>[0]["standard"]) =>
    createTakeQuota({
      store: createMemoryQuotas(() => nowMs),
      standard,
      estimate: () => estimate(),
      onRefused: (policy) => refused.push(policy),
    });

  beforeEach(() => {
    nowMs = 0;
    refused = [];
    estimate = () => 10;
    take = settingUp({ partner: { units: 100, windowS: 50 }, key: { units: 60, windowS: 60 } });
  });

  async function call(
    answer: Answer | Error = answered(10),
    { keyId = "key1", quotas }: { keyId?: string; quotas?: OwnQuotas } = {},
  ) {
    const answerHeaders = new Map<string, string>();
    const partner = { id: "p1", keyId, ...(quotas ? { quotas } : {}) };
    let ran = 0;
    const run = async () => {
      const hold = await take({ partner, answerHeaders } as unknown as Call);
      ran++;
      hold?.settle(answer instanceof Error ? undefined : answer);
      if (answer instanceof Error) throw answer;
      return answer;
    };
    const outcome = await run().catch((error: unknown) => error);
    return { outcome, ran, limit: answerHeaders.get("ratelimit"), policy: answerHeaders.get("ratelimit-policy") };
  }

  it("tells the policies and what is left with every answer", async () => {
    expect(await call()).toEqual({
      outcome: answered(10),
      ran: 1,
      policy: '"partner";q=100;w=50, "key";q=60;w=60',
      limit: '"partner";r=90;t=5, "key";r=50;t=10',
    });
  });

  it("what was estimated too high is given back", async () => {
    estimate = () => 60;
    expect((await call(answered(4))).limit).toBe('"partner";r=96;t=2, "key";r=56;t=4');
    estimate = () => 1;
    expect((await call(answered(1))).limit).toContain('"key";r=55');
  });

  it("what was estimated too low is used all the same", async () => {
    estimate = () => 2;
    expect((await call(answered(50))).limit).toBe('"partner";r=50;t=25, "key";r=10;t=50');
  });

  it("holds what a call may cost for as long as it runs", async () => {
    estimate = () => 40;
    const answerHeaders = new Map<string, string>();
    const hold = await take({ partner: { id: "p1", keyId: "key1" }, answerHeaders } as unknown as Call);
    expect((await call()).outcome).toBeInstanceOf(CallRefused);
    hold?.settle(answered(1));
    expect((await call()).ran).toBe(1);
  });

  it.each<[string, Answer | Error]>([
    ["was answered without being run", answered()],
    ["was refused further on", new CallRefused(409, "IDEMPOTENCY_KEY_IN_USE", "Still running.")],
    ["failed", new Error("lost")],
    ["cost nothing", answered(0)],
  ])("a call that %s costs one unit", async (_what, answer) => {
    estimate = () => 60;
    expect((await call(answer)).limit).toContain('"key";r=59');
  });

  it("an answer in parts costs what was estimated", async () => {
    const body = { kind: "chunked", asyncIterator: (async function* () {})() } as const;
    expect((await call({ status: 200, headers: new Map(), body })).limit).toContain('"key";r=50');
  });

  it("refuses what there is no room for, says until when, and takes nothing for it", async () => {
    estimate = () => 50;
    await call(answered(50));
    const { outcome, ran, limit, policy } = await call();
    expect(ran).toBe(0);
    expect(outcome).toMatchObject({
      status: 429,
      code: "QUOTA_EXCEEDED",
      message: "The operation may cost 50, which is more than the quota of the key has left. Try again in 40 s.",
      type: "https://iana.org/assignments/http-problem-types#quota-exceeded",
      headers: { "retry-after": "40" },
      details: { "violated-policies": ["key"], cost: 50 },
    });
    expect(policy).toBe('"partner";q=100;w=50, "key";q=60;w=60');
    // Not beyond Retry-After, as the draft asks.
    expect(limit).toBe('"partner";r=50;t=25, "key";r=10;t=40');
    expect(refused).toEqual(["key"]);
    nowMs = 39_999;
    expect((await call()).ran).toBe(0);
    nowMs = 40_000;
    expect((await call()).ran).toBe(1);
  });

  it("keys of one partner share what the partner has", async () => {
    estimate = () => 50;
    expect((await call(answered(50), { keyId: "key1" })).ran).toBe(1);
    expect((await call(answered(50), { keyId: "key2" })).limit).toBe('"partner";r=0;t=50, "key";r=10;t=50');
    const { outcome } = await call(answered(50), { keyId: "key3" });
    expect(outcome).toMatchObject({ details: { "violated-policies": ["partner"] }, headers: { "retry-after": "25" } });
  });

  it.each([
    ["more than the quota", 61],
    ["the most there is", Number.MAX_VALUE],
    ["endlessly much", Infinity],
    ["what is no number", NaN],
  ])("an operation that may cost %s is refused for good: no waiting helps", async (_what, cost) => {
    estimate = () => cost;
    const { outcome, ran, limit } = await call();
    expect(ran).toBe(0);
    expect(outcome).toMatchObject({
      status: 400,
      code: "OPERATION_LIMIT_EXCEEDED",
      headers: {},
      details: { limit: "quota", max: 60 },
    });
    expect(limit).toBe('"partner";r=100;t=1, "key";r=60;t=1');
  });

  it.each([
    ["negative", -5],
    ["nothing", 0],
    ["a part of a unit", 0.2],
  ])("a cost that is %s counts as one unit", async (_what, cost) => {
    estimate = () => cost;
    expect((await call(answered(cost))).limit).toContain('"key";r=59');
  });

  it("variables from which the cost cannot be told are the caller's mistake", async () => {
    estimate = () => {
      throw new ClientError("BAD_USER_INPUT", 'The field "page" needs one of the arguments "first", "last".');
    };
    const { outcome, policy } = await call();
    expect(outcome).toMatchObject({ status: 400, code: "BAD_USER_INPUT" });
    expect(policy).toBeDefined();
  });

  it("a partner's and a key's own quota stand in place of the settings'", async () => {
    const quotas = { partner: { units: 1_000, windowS: 10 }, key: { units: 20, windowS: 1 } };
    expect((await call(answered(10), { quotas })).policy).toBe('"partner";q=1000;w=10, "key";q=20;w=1');
  });

  it("without quotas every call runs, and nothing is told", async () => {
    take = settingUp({ partner: undefined, key: undefined });
    estimate = () => Infinity;
    expect(await call()).toEqual({ outcome: answered(10), ran: 1, limit: undefined, policy: undefined });
  });
});
