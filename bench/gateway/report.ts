import { median } from "../median";
import type { Round } from "./field";
import type { OperationName } from "./scenario/operations";

export interface RowResult {
  readonly id: string;
  readonly label: string;
  /** Where it was measured. */
  readonly idleRssBytes?: number | undefined;
  readonly rounds: readonly Round[];
}

/** One query with one number of connections. */
export interface Heat {
  readonly query: OperationName;
  readonly connections: number;
  readonly answerBytes: number;
  readonly rows: readonly RowResult[];
}

export interface Report {
  readonly machine: string;
  readonly pinned: boolean;
  readonly rounds: number;
  readonly seconds: number;
  readonly heats: readonly Heat[];
  readonly refusals: readonly RowResult[];
  /** Rows that could not be run: label and reason. */
  readonly skipped: readonly { readonly label: string; readonly reason: string }[];
}

export interface RowSummary {
  readonly id: string;
  readonly ratio: number | undefined;
  readonly requestsPerSecond: number;
  readonly lowestRequestsPerSecond: number;
  readonly highestRequestsPerSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly cpuMicrosPerRequest: number | undefined;
  readonly idleRssBytes: number | undefined;
  readonly loadRssBytes: number | undefined;
  readonly subgraphRequestsPerRequest: number;
  /** Of one core; about 1 when the gateway is what limits the row. */
  readonly gatewayCpuShare: number | undefined;
  readonly subgraphCpuShare: number;
  readonly loadCpuShare: number;
  /** Answers of another size or status, and lost connections: must be 0. */
  readonly faults: number;
}

const MEBIBYTE = 1_048_576;
/** Below this share of a core the gateway was waiting: for the load, the subgraphs or other processes of the machine. */
const BUSY_SHARE = 0.85;

export const requestsPerSecond = ({ load }: Round) => (load.answers / load.elapsedMs) * 1_000;

const medianOf = (rounds: readonly Round[], value: (round: Round) => number | undefined): number | undefined => {
  const values = rounds.map(value).filter((found) => found !== undefined);
  return values.length > 0 ? median(values) : undefined;
};

/** @param reference the row that ratios are of; each round is compared with the reference's round beside it */
export function summarise(row: RowResult, reference: RowResult | undefined): RowSummary {
  const { rounds } = row;
  const rates = rounds.map(requestsPerSecond);
  const ratios = rounds.flatMap((round, i) => {
    const other = reference?.rounds[i];
    return other ? [requestsPerSecond(round) / requestsPerSecond(other)] : [];
  });
  return {
    id: row.id,
    ratio: ratios.length > 0 ? median(ratios) : undefined,
    requestsPerSecond: median(rates),
    lowestRequestsPerSecond: Math.min(...rates),
    highestRequestsPerSecond: Math.max(...rates),
    p50Ms: median(rounds.map(({ load }) => load.p50Ms)),
    p99Ms: median(rounds.map(({ load }) => load.p99Ms)),
    cpuMicrosPerRequest: medianOf(rounds, (round) => round.cpuMicrosPerRequest),
    idleRssBytes: row.idleRssBytes,
    loadRssBytes: medianOf(rounds, (round) => round.peakRssBytes),
    subgraphRequestsPerRequest: median(rounds.map((round) => round.subgraphRequests / round.load.answers)),
    gatewayCpuShare: medianOf(rounds, (round) =>
      round.cpuMicrosPerRequest === undefined
        ? undefined
        : (round.cpuMicrosPerRequest * round.load.answers) / 1_000 / round.load.elapsedMs,
    ),
    subgraphCpuShare: median(rounds.map((round) => round.subgraphCpuMicros / 1_000 / round.load.elapsedMs)),
    loadCpuShare: median(rounds.map(({ load }) => load.cpuMicros / 1_000 / load.elapsedMs)),
    faults: rounds.reduce((sum, { load }) => sum + load.wrongAnswers + load.failures.length, 0),
  };
}

export function summariseHeat(heat: Heat): RowSummary[] {
  const reference = heat.rows.find(({ id }) => id === "stock");
  return heat.rows.map((row) => summarise(row, reference));
}

const count = (value: number) => value.toLocaleString("en", { maximumFractionDigits: value < 10 ? 1 : 0 });
const orDash = (value: number | undefined, show: (value: number) => string) =>
  value === undefined || Number.isNaN(value) ? "–" : show(value);
const millis = (value: number) => value.toFixed(value < 10 ? 2 : value < 100 ? 1 : 0);
const mebibytes = (value: number | undefined) => orDash(value, (bytes) => String(Math.round(bytes / MEBIBYTE)));
const percent = (share: number) => `${Math.round(share * 100)}`;

function table(header: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = header.map((title, i) => Math.max(title.length, 3, ...rows.map((row) => row[i]!.length)));
  const line = (cells: readonly string[]) =>
    `| ${cells.map((cell, i) => (i === 0 ? cell.padEnd(widths[i]!) : cell.padStart(widths[i]!))).join(" | ")} |`;
  const rule = `| ${widths.map((width, i) => (i === 0 ? "-".repeat(width) : `${"-".repeat(width - 1)}:`)).join(" | ")} |`;
  return [line(header), rule, ...rows.map(line)].join("\n");
}

const wasWaiting = ({ gatewayCpuShare }: RowSummary) => gatewayCpuShare !== undefined && gatewayCpuShare < BUSY_SHARE;

export function heatAsMarkdown(heat: Heat): string {
  const labels = new Map(heat.rows.map(({ id, label }) => [id, label]));
  const summaries = summariseHeat(heat);
  const rows = summaries.map((row) => [
    `${labels.get(row.id)!}${wasWaiting(row) ? " †" : ""}${row.faults > 0 ? ` (${row.faults} faults)` : ""}`,
    orDash(row.ratio, (ratio) => ratio.toFixed(ratio < 10 ? 2 : 1)),
    `${count(row.requestsPerSecond)} (${count(row.lowestRequestsPerSecond)}-${count(row.highestRequestsPerSecond)})`,
    millis(row.p50Ms),
    millis(row.p99Ms),
    orDash(row.cpuMicrosPerRequest, count),
    `${mebibytes(row.idleRssBytes)}/${mebibytes(row.loadRssBytes)}`,
    row.subgraphRequestsPerRequest.toFixed(row.subgraphRequestsPerRequest < 1 ? 2 : 1),
    orDash(row.gatewayCpuShare, percent),
    percent(row.subgraphCpuShare),
    percent(row.loadCpuShare),
  ]);
  const header = [
    "gateway",
    "× stock",
    "requests/s (lowest-highest)",
    "p50 ms",
    "p99 ms",
    "CPU µs",
    "MB idle/load",
    "calls",
    "CPU % gateway",
    "subgraphs",
    "load",
  ];
  const title = `## ${heat.query}: ${heat.answerBytes.toLocaleString("en")} bytes, ${heat.connections} connections`;
  const note = summaries.some(wasWaiting)
    ? "\n\n† The gateway did not have a whole core's work: the load, the subgraphs or other processes limited this row. Compare its CPU per request, not its requests per second."
    : "";
  return `${title}\n\n${table(header, rows)}${note}`;
}

/** What a refused request costs beside one that is served by the same gateway. */
export function refusalsAsMarkdown(report: Report): string {
  const served = report.heats.flatMap((heat) => {
    const row = summariseHeat(heat).find(({ id }) => id === "ours");
    return row?.cpuMicrosPerRequest === undefined
      ? []
      : [{ title: `of ${heat.query} at ${heat.connections}`, micros: row.cpuMicrosPerRequest }];
  });
  const rows = report.refusals.map((row) => {
    const summary = summarise(row, undefined);
    const micros = summary.cpuMicrosPerRequest;
    return [
      `${row.label}${summary.faults > 0 ? ` (${summary.faults} faults)` : ""}`,
      count(summary.requestsPerSecond),
      orDash(micros, count),
      ...served.map((one) => orDash(micros, (own) => `${percent(own / one.micros)} %`)),
    ];
  });
  return `## Refused requests\n\n${table(["refused", "requests/s", "CPU µs", ...served.map(({ title }) => title)], rows)}`;
}

export function asMarkdown(report: Report): string {
  const skipped = report.skipped.map(({ label, reason }) => `- ${label}: ${reason}`);
  return [
    "# Gateway benchmark",
    `${report.machine}. ${report.rounds} rounds of ${report.seconds} s each, medians. ${
      report.pinned
        ? "The gateway has core 0 for itself; subgraphs and load share core 1."
        : "Nothing is pinned to a core here (no taskset, or one core only): compare CPU per request, not requests per second."
    }`,
    ...report.heats.map(heatAsMarkdown),
    ...(report.refusals.length > 0 ? [refusalsAsMarkdown(report)] : []),
    ...(skipped.length > 0 ? [`## Left out\n\n${skipped.join("\n")}`] : []),
  ].join("\n\n");
}
