import type { DeliveryResult, IdleResult, StalledResult } from "./measures";
import type { StormResult } from "./storm";

export interface Row {
  readonly id: string;
  readonly label: string;
  idle?: IdleResult;
  fanOut?: DeliveryResult;
  groups?: DeliveryResult;
  storm?: StormResult;
  stalled?: StalledResult;
  /** Measures that could not be made, and why. */
  readonly failures: string[];
}

export interface Report {
  readonly machine: string;
  readonly broker: string;
  readonly pinned: boolean;
  readonly rows: readonly Row[];
}

interface Figure {
  readonly name: string;
  readonly target?: string;
  value(row: Row): number | undefined;
  readonly unit: string;
  /** More is better. */
  readonly rising?: boolean;
}

const MEGABYTE = 1_000_000;
const per = (part: number | undefined, whole: number) => (part === undefined ? undefined : part / whole);

/** Targets are those of 10,000 subscribers and 5,000 groups on two cores. */
const FIGURES: readonly Figure[] = [
  {
    name: "idle subscriptions: memory above the idle server",
    target: "< 200",
    unit: "MB",
    value: ({ idle }) => per(idle?.addedBytes, MEGABYTE),
  },
  {
    name: "idle subscriptions: memory of each",
    unit: "KB",
    value: ({ idle }) => idle && per(idle.addedBytes, idle.subscribers * 1_000),
  },
  { name: "connecting all of them, 200 at a time", unit: "s", value: ({ idle }) => idle && idle.connectMs / 1_000 },
  { name: "one event to one group: p50", unit: "ms", value: ({ fanOut }) => fanOut?.p50Ms },
  { name: "one event to one group: p99", target: "< 250", unit: "ms", value: ({ fanOut }) => fanOut?.p99Ms },
  {
    name: "messages per second of the server's CPU",
    target: "≥ 50,000",
    unit: "",
    rising: true,
    value: ({ fanOut }) => fanOut?.messagesPerCpuSecond,
  },
  { name: "one event to as many groups as subscribers: p50", unit: "ms", value: ({ groups }) => groups?.p50Ms },
  { name: "one event to as many groups as subscribers: p99", unit: "ms", value: ({ groups }) => groups?.p99Ms },
  {
    name: "messages per second of the server's CPU, each of its own group",
    unit: "",
    rising: true,
    value: ({ groups }) => groups?.messagesPerCpuSecond,
  },
  {
    name: "reconnect storm: everybody is back",
    target: "< 10",
    unit: "s",
    value: ({ storm }) => storm && storm.absorbedMs / 1_000,
  },
  { name: "the longest of the storms", unit: "s", value: ({ storm }) => storm && storm.worstAbsorbedMs / 1_000 },
  { name: "queries, p95, in the quiet before", unit: "ms", value: ({ storm }) => storm?.aloneP95Ms },
  { name: "queries, p95, in the storm", unit: "ms", value: ({ storm }) => storm?.duringP95Ms },
  {
    name: "the second to the first, median of the storms",
    target: "as in the quiet",
    unit: "",
    value: ({ storm }) => storm?.ratio,
  },
  {
    name: "how late the load was with asking, p95: in the quiet before",
    unit: "ms",
    value: ({ storm }) => storm?.aloneLateP95Ms,
  },
  { name: "the same in the storm", unit: "ms", value: ({ storm }) => storm?.duringLateP95Ms },
  { name: "1,000 subscribers: p99", unit: "ms", value: ({ stalled }) => stalled?.aloneP99Ms },
  { name: "the same beside one that never reads", unit: "ms", value: ({ stalled }) => stalled?.besideP99Ms },
  {
    name: "change of that p99",
    target: "< 20",
    unit: "%",
    value: ({ stalled }) => stalled && (stalled.besideP99Ms / stalled.aloneP99Ms - 1) * 100,
  },
];

const shown = (value: number | undefined, unit: string) =>
  value === undefined || Number.isNaN(value)
    ? "–"
    : `${value.toLocaleString("en", { maximumFractionDigits: Math.abs(value) < 100 ? 1 : 0 })}${unit === "" ? "" : ` ${unit}`}`;

/** How many times better the first row is than another; below 1 it is worse. */
function ratio({ value, rising }: Figure, ours: Row, other: Row): string {
  const [a, b] = [value(ours), value(other)];
  if (a === undefined || b === undefined || a <= 0 || b <= 0) return "";
  const times = rising ? a / b : b / a;
  return `${times.toFixed(1)}×`;
}

export function asMarkdown({ machine, broker, pinned, rows }: Report): string {
  const [ours, ...others] = rows;
  if (!ours) return "";
  const head = ["", "target", ours.label, ...others.flatMap(({ label }) => [label, "ratio"])];
  const lines = FIGURES.filter((figure) => rows.some((row) => figure.value(row) !== undefined)).map((figure) => [
    figure.name,
    figure.target === undefined
      ? ""
      : `${figure.target}${/\d/.test(figure.target) && figure.unit ? ` ${figure.unit}` : ""}`,
    shown(figure.value(ours), figure.unit),
    ...others.flatMap((row) => [shown(figure.value(row), figure.unit), ratio(figure, ours, row)]),
  ]);
  const row = (cells: readonly string[]) => `| ${cells.join(" | ")} |`;
  const faults = rows.flatMap((each) => faultsOf(each).map((fault) => `- ${each.label}: ${fault}`));
  return [
    `${machine}; ${broker}; ${pinned ? "the server on a core of its own, everything else on the other" : "processes share the cores"}`,
    "",
    row(head),
    row(head.map(() => "---")),
    ...lines.map(row),
    ...(faults.length > 0 ? ["", "Faults:", ...faults] : []),
  ].join("\n");
}

function faultsOf({ fanOut, groups, storm, stalled, failures }: Row): string[] {
  return [
    ...failures,
    ...(fanOut?.missing ? [`${fanOut.missing} messages to one group did not arrive`] : []),
    ...(groups?.missing ? [`${groups.missing} messages to many groups did not arrive`] : []),
    ...(storm?.failed ? [`${storm.failed} of the storm did not come back: ${told(storm.reasons)}`] : []),
    ...(storm?.failedQueries ? [`${storm.failedQueries} queries failed`] : []),
    ...(stalled?.missing ? [`${stalled.missing} messages beside the stalled one did not arrive`] : []),
  ];
}

const told = (reasons: Readonly<Record<string, number>>) =>
  Object.entries(reasons)
    .map(([reason, count]) => `${count} × ${reason}`)
    .join("; ");
