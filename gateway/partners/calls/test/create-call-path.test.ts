import type { Answer, Call, CheckCall, RunCall } from "../call";
import { CallRefused } from "../call-refused";
import { createCallPath } from "../create-call-path";

const call = { requestId: "r" } as Call;
const answer: Answer = { status: 200, headers: new Map(), body: { kind: "complete", string: "{}" } };
const refusal = new CallRefused(429, "QUOTA_EXCEEDED", "Not now.");

const answering = () => answer;
const refusing = () => {
  throw refusal;
};

/** A path whose parts tell what they saw, in place of which some do as they are told. */
function pathThat(
  parts: { check?: CheckCall; graph?: RunCall; takesLater?: boolean; hasQuota?: boolean; refusesQuota?: boolean } = {},
) {
  const {
    check = () => undefined,
    graph = answering,
    takesLater = false,
    hasQuota = true,
    refusesQuota = false,
  } = parts;
  const seen: string[] = [];
  const hold = { settle: (given: Answer | undefined) => void seen.push(`settle ${given?.status}`) };
  const run = createCallPath({
    usage: {
      answered: (_call, beganAtMs, given) => {
        expect(beganAtMs).toBeLessThanOrEqual(performance.now());
        seen.push(`count ${given.status}`);
        return { ...given, status: given.status + 1 };
      },
      failed: (_call, _beganAtMs, error) => void seen.push(`count ${(error as CallRefused).code}`),
    },
    checks: [
      () => void seen.push("check"),
      (asked) => {
        seen.push("check");
        check(asked);
      },
    ],
    takeQuota: () => {
      seen.push("take");
      if (refusesQuota) return takesLater ? Promise.reject(refusal) : refusing();
      if (!hasQuota) return undefined;
      return takesLater ? Promise.resolve(hold) : hold;
    },
    stages: [
      (asked, next) => {
        seen.push("outer");
        return next(asked);
      },
      (asked, next) => {
        seen.push("inner");
        return next(asked);
      },
    ],
    graph: (asked) => {
      seen.push("graph");
      return graph(asked);
    },
  });
  const outcome = async (): Promise<unknown> => {
    try {
      return (await run(call)).status;
    } catch (error) {
      return error;
    }
  };
  return { seen, outcome };
}

describe("a call", () => {
  it.each([
    ["at once", false, answering],
    ["later", true, () => Promise.resolve(answer)],
  ])("that is answered %s passes everything in order and is counted last", async (_when, takesLater, graph) => {
    const { seen, outcome } = pathThat({ takesLater, graph });
    expect(await outcome()).toBe(201);
    expect(seen).toEqual(["check", "check", "take", "outer", "inner", "graph", "settle 200", "count 200"]);
  });

  it("that a check refuses takes nothing, and is counted", async () => {
    const { seen, outcome } = pathThat({ check: refusing });
    expect(await outcome()).toBe(refusal);
    expect(seen).toEqual(["check", "check", "count QUOTA_EXCEEDED"]);
  });

  it.each([false, true])("that has no quota left does not run, and is counted (told later: %s)", async (takesLater) => {
    const { seen, outcome } = pathThat({ refusesQuota: true, takesLater });
    expect(await outcome()).toBe(refusal);
    expect(seen).toEqual(["check", "check", "take", "count QUOTA_EXCEEDED"]);
  });

  it.each([
    ["at once", refusing],
    ["later", () => Promise.reject(refusal)],
  ])("that is refused %s after it took of its quotas gives back and is counted, once each", async (_when, graph) => {
    const { seen, outcome } = pathThat({ graph });
    expect(await outcome()).toBe(refusal);
    expect(seen).toEqual([
      "check",
      "check",
      "take",
      "outer",
      "inner",
      "graph",
      "settle undefined",
      "count QUOTA_EXCEEDED",
    ]);
  });

  it("without a quota passes everything else", async () => {
    const { seen, outcome } = pathThat({ hasQuota: false });
    expect(await outcome()).toBe(201);
    expect(seen).toEqual(["check", "check", "take", "outer", "inner", "graph", "count 200"]);
  });
});
