import { type LatencyHistogram, latencyAt } from "./latency-histogram";
import type { UsageEntry } from "./usage-entry";

type Counts = Readonly<Record<string, number>>;

/** Figures of one key, operation and day, or of several together, as a partner sees them. */
interface Figures {
  readonly calls: number;
  readonly failedCalls: number;
  readonly errors: Counts;
  readonly latencyMs: { readonly p50: number | null; readonly p95: number | null; readonly p99: number | null };
  readonly cost: number;
  readonly answerBytes: number;
  readonly deprecatedFields: Counts;
  readonly doors: Counts;
}

export interface UsageReport {
  readonly from: string;
  readonly to: string;
  readonly total: Figures;
  readonly usage: readonly (Figures & {
    readonly day: string;
    readonly operation: string;
    readonly keyId: string;
    readonly client: UsageEntry["client"];
    readonly lastCallAt: string;
  })[];
}

export const usageReport = (range: { from: string; to: string }, entries: readonly UsageEntry[]): UsageReport => ({
  from: range.from,
  to: range.to,
  total: figuresOf(entries),
  usage: entries.map((entry) => ({
    day: entry.day,
    operation: entry.operation,
    keyId: entry.keyId,
    ...figuresOf([entry]),
    client: entry.client,
    lastCallAt: entry.lastCallAt.toISOString(),
  })),
});

function figuresOf(entries: readonly UsageEntry[]): Figures {
  const total = (name: "calls" | "failedCalls" | "cost" | "answerBytes") =>
    entries.reduce((sum, entry) => sum + entry[name], 0);
  const counts = (name: "errors" | "deprecatedFields" | "doors") =>
    Object.fromEntries([...added(entries.map((entry) => entry[name]))].sort(([a], [b]) => (a < b ? -1 : 1)));
  const latency = added(entries.map((entry) => entry.latency));
  return {
    calls: total("calls"),
    failedCalls: total("failedCalls"),
    errors: counts("errors"),
    latencyMs: { p50: quantile(latency, 0.5), p95: quantile(latency, 0.95), p99: quantile(latency, 0.99) },
    cost: total("cost"),
    answerBytes: total("answerBytes"),
    deprecatedFields: counts("deprecatedFields"),
    doors: counts("doors"),
  };
}

const quantile = (latency: LatencyHistogram, at: number) => latencyAt(latency, at) ?? null;

function added<Key>(all: readonly ReadonlyMap<Key, number>[]): ReadonlyMap<Key, number> {
  const sums = new Map<Key, number>();
  for (const counts of all) for (const [key, count] of counts) sums.set(key, (sums.get(key) ?? 0) + count);
  return sums;
}
