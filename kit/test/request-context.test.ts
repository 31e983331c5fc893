import { isId } from "../ids";
import { createRequestContext, givenTraceparent, headersOfTrace } from "../request-context";

const TRACEPARENT = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

describe("the ids of a request", () => {
  it("are the caller's when they are well-formed", () => {
    expect(createRequestContext("req-1", TRACEPARENT)).toEqual({ requestId: "req-1", traceparent: TRACEPARENT });
  });

  it.each([
    ["missing", undefined],
    ["twice", ["a", "b"]],
    ["empty", ""],
    ["too long", "x".repeat(129)],
    ["two lines", "a\nb"],
  ])("are made anew when the request id is %s", (_what, given) => {
    expect(isId(createRequestContext(given, undefined).requestId)).toBe(true);
  });

  it.each([
    ["missing", undefined],
    ["of another version", TRACEPARENT.replace("00-", "01-")],
    ["without a trace", TRACEPARENT.replace(/0af7[0-9a-f]+/, "0".repeat(32))],
    ["without a parent", TRACEPARENT.replace("b7ad6b7169203331", "0".repeat(16))],
    ["in capitals", TRACEPARENT.toUpperCase()],
  ])("are made anew when the trace context is %s", (_what, given) => {
    const { traceparent } = createRequestContext("req-1", given);
    expect(traceparent).toMatch(/^00-[0-9a-f]{32}-[0-9a-f]{16}-01$/);
    expect(traceparent).not.toBe(given);
  });

  it("never repeat, over many times the random bytes that are kept", () => {
    const made = Array.from({ length: 5_000 }, () => createRequestContext(undefined, undefined));
    const parts = made.flatMap(({ traceparent }) => traceparent.split("-").slice(1, 3));
    expect(new Set(parts).size).toBe(10_000);
    expect(new Set(made.map(({ requestId }) => requestId)).size).toBe(5_000);
  });
});

describe("the state of a trace", () => {
  const state = "vendor=a:1;b:2,tenant@system=x y";

  it("goes with the trace context, as one text, and leaves as two headers", () => {
    const { traceparent } = createRequestContext("req-1", TRACEPARENT, ` vendor=a:1;b:2 ,,tenant@system=x y`);
    expect(traceparent).toBe(`${TRACEPARENT} ${state}`);
    expect(headersOfTrace(traceparent)).toEqual({ traceparent: TRACEPARENT, tracestate: state });
    // As it is handed on inside.
    expect(createRequestContext("req-1", traceparent).traceparent).toBe(traceparent);
    expect(headersOfTrace(TRACEPARENT)).toEqual({ traceparent: TRACEPARENT });
  });

  it.each([
    ["missing", undefined],
    ["empty", " , "],
    ["twice", ["a=1", "b=2"]],
    ["no members", "vendor"],
    ["a header in disguise", "a=1\r\nx-admin: yes"],
    ["of other letters", "Vendor=1"],
    ["without a value", "vendor="],
    ["of too many members", Array.from({ length: 33 }, (_, i) => `v${i}=1`).join(",")],
    ["too long", `a=${"x".repeat(250)},b=${"x".repeat(250)},c=${"x".repeat(250)}`],
  ])("is left out when it is %s", (_what, tracestate) => {
    expect(givenTraceparent(TRACEPARENT, tracestate)).toBe(TRACEPARENT);
  });

  it("is nothing without a trace context", () => {
    expect(givenTraceparent(undefined, state)).toBeUndefined();
    expect(givenTraceparent("00-zz", state)).toBeUndefined();
  });
});
