import type { Round } from "../gateway/field";
import { median } from "../median";

export interface MeasuredRow {
  readonly id: string;
  readonly label: string;
  readonly rounds: readonly Round[];
}

const REFERENCE = "text";

/** One table: CPU time of the gateway for a request, as a multiple of what the row of texts took in the same round. */
export function asMarkdown(query: string, measured: readonly MeasuredRow[]): string {
  const reference = measured.find(({ id }) => id === REFERENCE)?.rounds ?? [];
  const cells = measured.map(({ label, rounds }) => {
    const micros = rounds.flatMap(({ cpuMicrosPerRequest }) => cpuMicrosPerRequest ?? []);
    const ratios = rounds.flatMap(({ cpuMicrosPerRequest }, i) => {
      const other = reference[i]?.cpuMicrosPerRequest;
      return cpuMicrosPerRequest === undefined || other === undefined ? [] : [cpuMicrosPerRequest / other];
    });
    const faults = rounds.reduce((sum, { load }) => sum + load.wrongAnswers + load.failures.length, 0);
    return [
      faults > 0 ? `${label} (${faults} faults)` : label,
      shown(median(ratios), 2),
      shown(median(micros), 0),
      shown(median(rounds.map(({ load }) => load.p50Ms)), 2),
      shown(median(rounds.map(({ load }) => load.p99Ms)), 1),
    ];
  });
  const header = ["request", "× text", "CPU µs", "p50 ms", "p99 ms"];
  const line = (row: readonly string[]) => `| ${row.join(" | ")} |`;
  return [`## ${query}`, "", line(header), "| --- | ---: | ---: | ---: | ---: |", ...cells.map(line)].join("\n");
}

const shown = (value: number, digits: number) => (Number.isNaN(value) ? "–" : value.toFixed(digits));
