import { median } from "../median";
import type { Asked } from "./turns";

export interface MeasuredRow {
  readonly id: string;
  readonly label: string;
  readonly asked: Asked;
}

/** Rows that the others are compared with: what a stranger pays, and what somebody pays whom the gateway knows. */
const REFERENCES = ["text", "text-token"] as const;

/** One table: CPU time of the gateway for a request, as a multiple of what the rows of texts took in their turn of the same sweep. */
export function asMarkdown(query: string, measured: readonly MeasuredRow[]): string {
  const references = REFERENCES.map((reference) => measured.find(({ id }) => id === reference)?.asked.cpuMicros ?? []);
  const cells = measured.map(({ label, asked: { cpuMicros, wrongAnswers, latencyMs } }) => [
    wrongAnswers > 0 ? `${label} (${wrongAnswers} wrong answers)` : label,
    ...references.map((reference) => ratioOf(cpuMicros, reference)),
    shown(median(cpuMicros), 0),
    shown(latencyMs(0.5), 2),
    shown(latencyMs(0.99), 1),
  ]);
  const header = ["request", "× text", "× token", "CPU µs", "p50 ms", "p99 ms"];
  const line = (row: readonly string[]) => `| ${row.join(" | ")} |`;
  return [`## ${query}`, "", line(header), "| --- | ---: | ---: | ---: | ---: | ---: |", ...cells.map(line)].join("\n");
}

/** The median, and in which range it lies nine times of ten: order statistics of a binomial distribution, approximated as normal. */
function ratioOf(micros: readonly number[], others: readonly number[]): string {
  const ratios = micros.map((own, i) => own / (others[i] ?? Number.NaN)).sort((a, b) => a - b);
  if (ratios.length === 0) return shown(Number.NaN, 2);
  const around = (ratios.length - 1) / 2;
  const margin = 1.645 * (Math.sqrt(ratios.length) / 2);
  const at = (place: number) => ratios[Math.min(ratios.length - 1, Math.max(0, Math.round(place)))] as number;
  return `${shown(median(ratios), 3)} ±${shown((at(around + margin) - at(around - margin)) / 2, 3)}`;
}

const shown = (value: number, digits: number) => (Number.isNaN(value) ? "–" : value.toFixed(digits));
