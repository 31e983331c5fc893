import { parseArgs } from "node:util";
import { type OperationName, operationNames } from "./scenario/operations";

export interface Options {
  readonly rows: readonly string[];
  readonly queries: readonly OperationName[];
  readonly connections: readonly number[];
  readonly rounds: number;
  /** Measured in each round. */
  readonly seconds: number;
  readonly warmUpSeconds: number;
}

/** What was typed cannot be run; the message says why. */
export class UsageError extends Error {
  override readonly name = "UsageError";
}

const usual = { rounds: 5, seconds: 4, warmUpSeconds: 5 };
const quick = { rounds: 3, seconds: 2, warmUpSeconds: 2 };

/** @throws UsageError */
export function readOptions(argv: readonly string[], knownRows: readonly string[]): Options {
  const values = parse(argv);
  const rows = values.rows === undefined ? knownRows : listOf(values.rows, "--rows", knownRows);
  const durations = values.quick ? quick : usual;
  return {
    rows,
    queries: values.query === undefined ? operationNames : listOf(values.query, "--query", operationNames),
    connections: (values.connections ?? "50").split(",").map((text) => numberOf(text, "--connections")),
    rounds: values.rounds === undefined ? durations.rounds : numberOf(values.rounds, "--rounds"),
    seconds: values.seconds === undefined ? durations.seconds : numberOf(values.seconds, "--seconds"),
    warmUpSeconds: durations.warmUpSeconds,
  };
}

function parse(argv: readonly string[]) {
  try {
    const text = { type: "string" } as const;
    const { values } = parseArgs({
      args: [...argv],
      options: { rows: text, query: text, connections: text, rounds: text, seconds: text, quick: { type: "boolean" } },
    });
    return values;
  } catch (error) {
    throw new UsageError((error as Error).message);
  }
}

function listOf<T extends string>(text: string, flag: string, known: readonly T[]): T[] {
  return text.split(",").map((entry) => {
    if (!known.includes(entry as T)) throw new UsageError(`${flag} knows no "${entry}"; there are ${known.join(", ")}`);
    return entry as T;
  });
}

function numberOf(text: string, flag: string): number {
  const value = Number(text);
  if (!(value > 0)) throw new UsageError(`${flag} takes numbers above 0, not "${text}"`);
  return value;
}
