import { printPlan } from "../execution/plan/print-plan";
import type { DescribedCall } from "./describe-calls";
import type { ExplainedOperation } from "./explain-operation";

/** For people, in a terminal. */
export function printExplanation(explained: ExplainedOperation): string {
  const { kind, name, version, plan, calls, guarded, limits, overrideLabels, conditions, accessMode } = explained;
  const levels = new Set(calls.map(({ level }) => level)).size;
  return [
    `${kind} ${name ?? "without a name"}, on supergraph ${version}`,
    section("Query plan", [printPlan(plan)]),
    section(`Calls: ${calls.length} at ${levels} ${levels === 1 ? "level" : "levels"}`, table(calls.map(callCells))),
    section(`Cost: ${printCost(explained)}`, []),
    section(
      guarded.length === 0 ? "Access rules: none apply" : `Access rules (mode ${accessMode})`,
      table(
        guarded.map(({ path, demands, onlyObjectsOf }) => [
          path,
          demands.join("; "),
          onlyObjectsOf === undefined ? "" : `for objects of ${onlyObjectsOf}`,
        ]),
      ),
    ),
    section(
      "Limits",
      table(
        limits.map((limit) => [limit.name, String(limit.value), `of ${limit.max}`]),
        [1],
      ),
    ),
    section(
      overrideLabels.length === 0 ? "Override labels: none in this supergraph" : "Override labels",
      table(overrideLabels.map(({ label, holds }) => [label, holds ? "holds" : "does not hold"])),
    ),
    ...(Object.keys(conditions).length === 0
      ? []
      : [
          section(
            "Conditions",
            table(Object.entries(conditions).map(([variable, value]) => [`$${variable}`, String(value)])),
          ),
        ]),
  ].join("\n\n");
}

const section = (heading: string, lines: readonly string[]): string =>
  [heading, ...lines.flatMap((line) => line.split("\n")).map((line) => `  ${line}`.trimEnd())].join("\n");

const callCells = ({ number, level, subgraph, kind, after, rootFields, entities, isDeferred }: DescribedCall) => [
  `#${number}`,
  `level ${level}`,
  subgraph,
  rootFields.length > 0 ? `${kind}: ${rootFields.join(", ")}` : `entities at ${[...new Set(entities)].join(", ")}`,
  [
    ...(kind === "subscription" ? ["answered by the event"] : []),
    ...(isDeferred ? ["deferred"] : []),
    ...(after.length > 0 ? [`after ${after.map((other) => `#${other}`).join(", ")}`] : []),
  ].join(", "),
];

function printCost({ cost: { value, reason, max, listSize } }: ExplainedOperation): string {
  const limit =
    max === undefined
      ? "no limit: MAX_COST is not set"
      : `limit ${max}${value !== undefined && value > max ? ", REFUSED" : ""}`;
  const cost = value ?? `not known. ${reason ?? ""}`;
  return `${cost} (${limit}; lists of unknown length count ${listSize})`;
}

/** @param toTheRight columns of numbers */
function table(rows: readonly (readonly string[])[], toTheRight: readonly number[] = []): readonly string[] {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  return rows.map((row) =>
    row
      .map((cell, column) =>
        toTheRight.includes(column) ? cell.padStart(widths[column] ?? 0) : cell.padEnd(widths[column] ?? 0),
      )
      .join("  ")
      .trimEnd(),
  );
}
