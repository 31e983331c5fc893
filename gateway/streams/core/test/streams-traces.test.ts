import { type SpanAttributes, useTracer } from "../../../../kit/tracing/tracer";
import { CHANGED, createCore } from "./fakes/core-harness";

interface RecordedSpan {
  readonly name: string;
  readonly parent: string | undefined;
  readonly traceparent: string;
  isEnded: boolean;
}

const spans: RecordedSpan[] = [];
const CAUSE = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

beforeEach(() => {
  spans.length = 0;
  useTracer({
    start: (_kind, name, parent) => {
      const number = String(spans.length + 1).padStart(16, "0");
      const span = { name, parent, traceparent: `${CAUSE.slice(0, 36)}${number}-01`, isEnded: false };
      spans.push(span);
      return {
        traceparent: span.traceparent,
        set: (_attributes: SpanAttributes) => undefined,
        end: () => void (span.isEnded = true),
      };
    },
  });
});
afterEach(() => useTracer(undefined));

const named = (name: string) => spans.filter((span) => span.name === name);

test("an event that is executed again for who comes back is told in its own trace", async () => {
  const core = createCore();
  const first = await core.begun({ args: { of: "a" } });
  core.change("a", "seen");
  await core.clock.settle();
  const { cursor } = first.sink.messages[0]!;
  first.subscription.leave();
  core.events.publish(CHANGED, { of: "a", id: "missed" }, { traceparent: CAUSE });
  spans.length = 0;

  const again = await Promise.all([1, 2].map(() => core.begun({ args: { of: "a" }, cursor })));
  await core.clock.settle();
  expect(again.map(({ sink }) => sink.messages.length)).toEqual([1, 1]);
  // Both share it.
  const [replay, ...more] = named(`replay ${CHANGED}`);
  expect(more).toEqual([]);
  expect(replay).toMatchObject({ parent: CAUSE, isEnded: true });
  expect(named("execute things")).toEqual([expect.objectContaining({ parent: replay!.traceparent, isEnded: true })]);
  expect(core.executions.at(-1)?.change.traceparent).toBe(named("execute things")[0]!.traceparent);
});

test("an event that nobody had missed is told once, as it is taken", async () => {
  const core = createCore();
  await core.begun({ args: { of: "a" } });
  core.events.publish(CHANGED, { of: "a", id: "new" }, { traceparent: CAUSE });
  await core.clock.settle();
  const [taken] = named(`process ${CHANGED}`);
  expect(taken).toMatchObject({ parent: CAUSE, isEnded: true });
  expect(named("execute things")[0]).toMatchObject({ parent: taken!.traceparent });
  expect(named(`replay ${CHANGED}`)).toEqual([]);
});
