import { parseArgs } from "node:util";
import { UsageError } from "../gateway/options";

export { UsageError };

export const measureNames = ["idle", "fan-out", "groups", "storm", "stalled"] as const;
export type MeasureName = (typeof measureNames)[number];

export interface Options {
  readonly rows: readonly string[];
  readonly measures: readonly MeasureName[];
  readonly subscribers: number;
  readonly groups: number;
  /** Events of a measure, one after the other. */
  readonly events: number;
  /** Times that everybody reconnects. */
  readonly storms: number;
  /** Of a running RabbitMQ; the embedded broker without it. */
  readonly amqpUrl: string | undefined;
  /** The main threads of whoever asks queries and whoever answers them go before everything else that the machine does, V8's other threads too. */
  readonly isFirst: boolean;
  /** Folder for a CPU profile of each server. */
  readonly profile: string | undefined;
}

const usual = { subscribers: 10_000, groups: 5_000, events: 20, storms: 5 };
const quick = { subscribers: 2_000, groups: 1_000, events: 10, storms: 2 };

/** @throws UsageError */
export function readOptions(
  argv: readonly string[],
  knownRows: readonly string[],
  amqpUrl: string | undefined,
): Options {
  const values = parse(argv);
  const sizes = values.quick ? quick : usual;
  return {
    rows: listOf(values.rows, "--rows", knownRows),
    measures: listOf(values.measures, "--measures", measureNames),
    subscribers: numberOf(values.subscribers, "--subscribers", sizes.subscribers),
    groups: numberOf(values.groups, "--groups", sizes.groups),
    events: numberOf(values.events, "--events", sizes.events),
    storms: numberOf(values.storms, "--storms", sizes.storms),
    amqpUrl,
    isFirst: values.first ?? false,
    profile: values.profile,
  };
}

function parse(argv: readonly string[]) {
  const text = { type: "string" } as const;
  try {
    const { values } = parseArgs({
      args: [...argv],
      options: {
        rows: text,
        measures: text,
        subscribers: text,
        groups: text,
        events: text,
        storms: text,
        profile: text,
        first: { type: "boolean" },
        quick: { type: "boolean" },
      },
    });
    return values;
  } catch (error) {
    throw new UsageError((error as Error).message);
  }
}

function listOf<T extends string>(text: string | undefined, flag: string, known: readonly T[]): readonly T[] {
  if (text === undefined) return known;
  return text.split(",").map((entry) => {
    if (!known.includes(entry as T)) throw new UsageError(`${flag} knows no "${entry}"; there are ${known.join(", ")}`);
    return entry as T;
  });
}

function numberOf(text: string | undefined, flag: string, standard: number): number {
  const value = text === undefined ? standard : Number(text);
  if (!Number.isInteger(value) || value < 1) throw new UsageError(`${flag} takes whole numbers above 0, not "${text}"`);
  return value;
}
