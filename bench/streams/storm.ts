import { setTimeout as delay } from "node:timers/promises";
import { median } from "../median";
import type { Field, Started } from "./field";
import { deliver } from "./measures";
import type { Options } from "./options";
import type { QueryReport } from "./processes/messages";
import { QUERY, watch, WATCHED } from "./scenario";

const QUERIES_PER_SECOND = 100;
/** As long as a storm takes, about: of fewer answers the 95th percentile would be chance. */
const QUIET_MS = 5_000;
/** Planned and compiled by then. */
const WARM_UP_MS = 2_000;
/** Events while nobody is connected, which everybody has missed. */
const MISSED = 5;
/** The server has noticed that they are gone, and taken the events. */
const NOTICED_MS = 1_000;

/** Times are medians of the storms, the ratio too: what else a machine does meets one storm and the quiet before it alike. */
export interface StormResult {
  readonly subscribers: number;
  /** Until each had its first message again: what it missed, where cursors are known. */
  readonly absorbedMs: number;
  /** The longest. */
  readonly worstAbsorbedMs: number;
  readonly aloneP95Ms: number;
  readonly duringP95Ms: number;
  /** Of these, what the load itself was late with asking. */
  readonly aloneLateP95Ms: number;
  readonly duringLateP95Ms: number;
  /** Of the p95 in a storm to that in the quiet before it. */
  readonly ratio: number;
  /** Those who did not come back, of all storms. */
  readonly failed: number;
  /** How many of these for which reason. */
  readonly reasons: Readonly<Record<string, number>>;
  readonly failedQueries: number;
  readonly each: readonly Storm[];
}

/** One of them. */
export interface Storm {
  readonly absorbedMs: number;
  readonly failed: number;
  readonly reasons: Readonly<Record<string, number>>;
  readonly alone: Answers;
  readonly during: Answers;
}

type Answers = Extract<QueryReport, { type: "answers" }>;

/** All connections, which `measureIdle` has made, break and come back at once, while others ask queries; several times, with a quiet time before each. */
export async function measureStorm(field: Field, server: Started, options: Options): Promise<StormResult> {
  ask(server);
  await delay(WARM_UP_MS);
  await server.answers();
  const each: Storm[] = [];
  for (let i = 0; i < options.storms; i++) each.push(await measureOne(field, server, options));
  const middle = (valueOf: (storm: Storm) => number) => median(each.map(valueOf));
  const sum = (valueOf: (storm: Storm) => number) => each.reduce((before, storm) => before + valueOf(storm), 0);
  return {
    subscribers: options.subscribers,
    absorbedMs: middle(({ absorbedMs }) => absorbedMs),
    worstAbsorbedMs: Math.max(...each.map(({ absorbedMs }) => absorbedMs)),
    aloneP95Ms: middle(({ alone }) => alone.p95Ms),
    duringP95Ms: middle(({ during }) => during.p95Ms),
    aloneLateP95Ms: middle(({ alone }) => alone.lateP95Ms),
    duringLateP95Ms: middle(({ during }) => during.lateP95Ms),
    ratio: middle(({ alone, during }) => during.p95Ms / alone.p95Ms),
    failed: sum(({ failed }) => failed),
    reasons: sumOf(each.map(({ reasons }) => reasons)),
    failedQueries: sum(({ alone, during }) => alone.failed + during.failed),
    each,
  };
}

function sumOf(counts: readonly Storm["reasons"][]): Storm["reasons"] {
  const sums: Record<string, number> = {};
  for (const [reason, count] of counts.flatMap(Object.entries<number>)) sums[reason] = (sums[reason] ?? 0) + count;
  return sums;
}

const ask = (server: Started) =>
  server.queries({ type: "start", port: server.port, operation: QUERY, perSecond: QUERIES_PER_SECOND });

async function measureOne(field: Field, server: Started, { subscribers }: Options): Promise<Storm> {
  ask(server);
  await delay(QUIET_MS);
  const alone = await server.answers();

  // Everybody has a place in the log from which to go on.
  await deliver(field, server, subscribers);
  await server.sockets({ type: "cut" }, "cut");
  for (let i = 0; i < MISSED; i++) {
    await field.change();
    field.broker.publish(WATCHED);
  }
  await delay(NOTICED_MS);
  ask(server);
  const { elapsedMs, failed, reasons } = await server.sockets(
    {
      type: "open",
      port: server.port,
      operations: [watch()],
      count: subscribers,
      parallel: subscribers,
      resumes: server.contender.resumes,
    },
    "opened",
  );
  const during = await server.answers();
  return { absorbedMs: elapsedMs, failed, reasons, alone, during };
}
