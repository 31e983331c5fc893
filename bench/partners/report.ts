import type { Round } from "../gateway/field";
import { median } from "../median";

export interface MeasuredRow {
  readonly id: string;
  readonly label: string;
  readonly rounds: readonly Round[];
}

/** Rows that the others are compared with: what a stranger pays, and what somebody pays whom the gateway knows. */
const REFERENCES = ["text", "text-token"] as const;

/** One table: CPU time of the gateway for a request, as a multiple of what the rows of texts took in the same round. */
export function asMarkdown(query: string, measured: readonly MeasuredRow[]): string {
  const references = REFERENCES.map((reference) => measured.find(({ id }) => id === reference)?.rounds ?? []);
  const cells = measured.map(({ label, rounds }) => {
    const micros = rounds.flatMap(({ cpuMicrosPerRequest }) => cpuMicrosPerRequest ?? []);
    const ratios = references.map((reference) =>
      rounds.flatMap(({ cpuMicrosPerRequest }, i) => {
        const other = reference[i]?.cpuMicrosPerRequest;
        return cpuMicrosPerRequest === undefined || other === undefined ? [] : [cpuMicrosPerRequest / other];
      }),
    );
    const faults = rounds.reduce((sum, { load }) => sum + load.wrongAnswers + load.failures.length, 0);
    return [
      faults > 0 ? `${label} (${faults} faults)` : label,
      ...ratios.map((some) => shown(median(some), 2)),
      shown(median(micros), 0),
      shown(median(rounds.map(({ load }) => load.p50Ms)), 2),
      shown(median(rounds.map(({ load }) => load.p99Ms)), 1),
    ];
  });
  const header = ["request", "× text", "× token", "CPU µs", "p50 ms", "p99 ms"];
  const line = (row: readonly string[]) => `| ${row.join(" | ")} |`;
  return [`## ${query}`, "", line(header), "| --- | ---: | ---: | ---: | ---: | ---: |", ...cells.map(line)].join("\n");
}

const shown = (value: number, digits: number) => (Number.isNaN(value) ? "–" : value.toFixed(digits));
