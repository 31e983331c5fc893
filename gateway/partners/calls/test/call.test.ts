import { CallRefused } from "../call-refused";
import { type Answer, type Call, type CallStage, keeping, onAnswer, type RunCall, throughStages } from "../call";

const call = { requestId: "r" } as Call;
const answer: Answer = { status: 200, headers: new Map(), body: { kind: "complete", string: "{}" } };
const refusal = new CallRefused(429, "QUOTA_EXCEEDED", "Not now.");

/** A stage that tells what it saw. */
const watching =
  (name: string, seen: string[]): CallStage =>
  (asked, next) =>
    onAnswer(
      asked,
      next,
      (given) => {
        seen.push(`${name} ${given.status}`);
        return { ...given, status: given.status + 1 };
      },
      (error) => seen.push(`${name} ${(error as CallRefused).code}`),
    );

const outcomeOf = (run: RunCall) => {
  const seen: string[] = [];
  return { seen, run: throughStages([watching("outer", seen), watching("inner", seen)], run) };
};

describe("a call through stages", () => {
  it("that is answered at once is answered at once, by way of every stage", () => {
    const { run, seen } = outcomeOf(() => answer);
    expect(run(call)).toEqual({ ...answer, status: 202 });
    expect(seen).toEqual(["inner 200", "outer 201"]);
  });

  it("that is answered later takes the same way", async () => {
    const { run, seen } = outcomeOf(() => Promise.resolve(answer));
    const answering = run(call);
    expect(answering).toBeInstanceOf(Promise);
    expect(seen).toEqual([]);
    expect(await answering).toEqual({ ...answer, status: 202 });
    expect(seen).toEqual(["inner 200", "outer 201"]);
  });

  it("that is refused at once is refused at once, and every stage is told", () => {
    const { run, seen } = outcomeOf(() => {
      throw refusal;
    });
    expect(() => run(call)).toThrow(refusal);
    expect(seen).toEqual(["inner QUOTA_EXCEEDED", "outer QUOTA_EXCEEDED"]);
  });

  it("that is refused later takes the same way", async () => {
    const { run, seen } = outcomeOf(() => Promise.reject(refusal));
    await expect(run(call)).rejects.toBe(refusal);
    expect(seen).toEqual(["inner QUOTA_EXCEEDED", "outer QUOTA_EXCEEDED"]);
  });
});

describe("what is found out of a call", () => {
  let asked = 0;
  const nameOf = keeping(({ requestId }) => ({ text: `${requestId} ${++asked}` }));
  const other = keeping(() => ({ text: "other" }));

  it("is kept for calls that are alike, each thing for itself, and for no others", () => {
    const [kept, keptElsewhere] = [[], []];
    const first = nameOf({ ...call, kept });
    expect(nameOf({ ...call, kept })).toBe(first);
    expect(other({ ...call, kept }).text).toBe("other");
    expect(nameOf({ ...call, kept }).text).toBe("r 1");
    expect(nameOf({ ...call, kept: keptElsewhere }).text).toBe("r 2");
  });

  it("is found out each time for a call that is like no other", () => {
    asked = 0;
    expect([nameOf(call).text, nameOf(call).text]).toEqual(["r 1", "r 2"]);
  });
});
