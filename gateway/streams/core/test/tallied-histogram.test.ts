import { Histogram, Registry } from "prom-client";
import { createTalliedHistogram } from "../tallied-histogram";

test("it reads like a histogram of prom-client", async () => {
  const [own, theirs] = [new Registry(), new Registry()];
  const shape = { name: "some_seconds", help: "Some time.", buckets: [0.1, 1, 2.5] };
  const observe = createTalliedHistogram({ ...shape, label: "stage", values: ["a", "b", "c"], registry: own });
  const histogram = new Histogram({ ...shape, labelNames: ["stage"], registers: [theirs] });
  const observations = [
    ["a", 0.05],
    ["a", 0.1],
    ["b", 0.5],
    ["a", 2],
    ["b", 60],
  ] as const;
  for (const [stage, seconds] of observations) {
    observe(stage, seconds);
    histogram.labels(stage).observe(seconds);
  }
  expect(await own.metrics()).toBe(await theirs.metrics());
  own.setDefaultLabels({ service: "test" });
  expect(await own.metrics()).toMatch(
    /^some_seconds_bucket\{(?=.*le="0.1")(?=.*stage="a")(?=.*service="test").*\} 2$/m,
  );
});
