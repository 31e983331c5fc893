import type { Histogram, Registry } from "../../../kit/metrics";

/** Counts one observation. @param seconds how long it took */
export type Observe<Value extends string> = (value: Value, seconds: number) => void;

/**
 * A histogram with one label whose values are known, for what is observed with every execution: prom-client finds each series by a text that it puts together from
 * checked labels, which costs more than parsing the answer of a subgraph. This one adds to an array, and is written like any other.
 */
export function createTalliedHistogram<Value extends string>(options: {
  readonly name: string;
  readonly help: string;
  readonly label: string;
  readonly values: readonly Value[];
  /** Upper bounds, rising. */
  readonly buckets: readonly number[];
  readonly registry: Registry;
}): Observe<Value> {
  const { name, help, label, values, buckets, registry } = options;
  const tallies = new Map(values.map((value): [Value, Tally] => [value, new Tally(buckets.length + 1)]));

  const series = ([value, { counts, sum }]: [Value, Tally]) => {
    let count = 0;
    const below = counts.map((own, i) => {
      count += own;
      return { metricName: `${name}_bucket`, labels: { le: buckets[i] ?? "+Inf", [label]: value }, value: count };
    });
    return [
      ...below,
      { metricName: `${name}_sum`, labels: { [label]: value }, value: sum },
      { metricName: `${name}_count`, labels: { [label]: value }, value: count },
    ];
  };
  const metric = {
    name,
    get: () =>
      Promise.resolve({
        name,
        help,
        type: "histogram",
        aggregator: "sum",
        // Of what never happened there is no series.
        values: [...tallies].filter(([, { counts }]) => counts.some((count) => count > 0)).flatMap(series),
      }),
    reset: () => tallies.forEach((tally) => tally.reset()),
  };
  registry.registerMetric(metric as unknown as Histogram);

  return (value, seconds) => {
    const tally = tallies.get(value);
    if (!tally) return;
    let i = 0;
    while (i < buckets.length && seconds > (buckets[i] ?? 0)) i++;
    tally.add(i, seconds);
  };
}

class Tally {
  readonly counts: number[];
  sum = 0;

  constructor(buckets: number) {
    this.counts = Array<number>(buckets).fill(0);
  }

  add(bucket: number, seconds: number): void {
    this.counts[bucket]!++;
    this.sum += seconds;
  }

  reset(): void {
    this.counts.fill(0);
    this.sum = 0;
  }
}
