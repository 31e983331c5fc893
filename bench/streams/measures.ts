import { median } from "../median";
import { setTimeout as delay } from "node:timers/promises";
import type { Field, Started } from "./field";
import type { Options } from "./options";
import type { Arrivals } from "./processes/messages";
import { LARGE, type Operation, watch, WATCHED, watchAs } from "./scenario";

/** Handshakes at the same time when nothing is measured by them. */
const PARALLEL = 200;
/** Memory is read when what connecting left behind has been collected. */
const SETTLE_MS = 5_000;
const EVENT_TIMEOUT_MS = 60_000;
/** Code is compiled by then. */
const WARM_UP_EVENTS = 3;
const NEIGHBOURS = 1_000;
const STALLED_ROUNDS = 4;
/** The first fills the socket; the others find it full. */
const LARGE_EVENTS = 8;

/** Of one measure of one row; what the platform cannot tell (no /proc) is undefined. */
export interface IdleResult {
  readonly subscribers: number;
  readonly baseBytes: number | undefined;
  readonly addedBytes: number | undefined;
  readonly connectMs: number;
}

export interface DeliveryResult {
  readonly subscribers: number;
  readonly events: number;
  /** Medians over the events. */
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly lastMs: number;
  readonly messagesPerCpuSecond: number | undefined;
  readonly missing: number;
}

export interface StalledResult {
  readonly neighbours: number;
  readonly aloneP99Ms: number;
  readonly besideP99Ms: number;
  readonly missing: number;
}

async function open(server: Started, operations: readonly Operation[], count: number): Promise<number> {
  const order = { type: "open", port: server.port, operations, count, parallel: PARALLEL, resumes: false } as const;
  const { elapsedMs, failed, reasons } = await server.sockets(order, "opened");
  if (failed > 0) {
    const why = Object.keys(reasons).join("; ");
    throw new Error(`${failed} of ${count} subscriptions of ${server.contender.label} did not open: ${why}`);
  }
  return elapsedMs;
}

/** One event, until everybody has it. */
export async function deliver(field: Field, server: Started, subscribers: number): Promise<Arrivals> {
  await field.change();
  await server.sockets({ type: "expect", messages: subscribers, timeoutMs: EVENT_TIMEOUT_MS }, "expecting");
  const atMs = field.broker.publish(WATCHED);
  return server.sockets({ type: "sent", atMs }, "arrivals");
}

/** Several, and a few before that are not counted. */
async function deliverMany(field: Field, server: Started, subscribers: number, events: number): Promise<Arrivals[]> {
  for (let i = 0; i < WARM_UP_EVENTS; i++) await deliver(field, server, subscribers);
  const all: Arrivals[] = [];
  for (let i = 0; i < events; i++) all.push(await deliver(field, server, subscribers));
  return all;
}

async function deliverAll(field: Field, server: Started, subscribers: number, events: number): Promise<DeliveryResult> {
  await deliverMany(field, server, subscribers, 0);
  const before = server.usage();
  const all: Arrivals[] = [];
  for (let i = 0; i < events; i++) all.push(await deliver(field, server, subscribers));
  const after = server.usage();
  const arrived = all.reduce((sum, { arrived }) => sum + arrived, 0);
  const cpuSeconds = before && after && (after.cpuMicros - before.cpuMicros) / 1e6;
  return {
    subscribers,
    events,
    p50Ms: median(all.map(({ p50Ms }) => p50Ms)),
    p99Ms: median(all.map(({ p99Ms }) => p99Ms)),
    lastMs: median(all.map(({ lastMs }) => lastMs)),
    messagesPerCpuSecond: cpuSeconds && arrived / cpuSeconds,
    missing: subscribers * events - arrived,
  };
}

/** Subscriptions of one group to which nothing happens. */
export async function measureIdle(server: Started, { subscribers }: Options): Promise<IdleResult> {
  const base = server.usage();
  const connectMs = await open(server, [watch()], subscribers);
  await delay(SETTLE_MS);
  const loaded = server.usage();
  return {
    subscribers,
    connectMs,
    baseBytes: base?.rssBytes,
    addedBytes: base && loaded && loaded.rssBytes - base.rssBytes,
  };
}

/** One event to all subscribers of one group, whom `measureIdle` has connected. */
export const measureFanOut = (field: Field, server: Started, { subscribers, events }: Options) =>
  deliverAll(field, server, subscribers, events);

/** One event that each subscriber sees otherwise. */
export async function measureGroups(field: Field, server: Started, { groups, events }: Options) {
  const operations = Array.from({ length: groups }, (_, n) => watchAs(n));
  await open(server, operations, groups);
  return deliverAll(field, server, groups, Math.max(3, Math.floor(events / 4)));
}

/**
 * One client that never reads, among many. Alone and beside it by turns: what else the machine does meets both alike.
 */
export async function measureStalled(field: Field, server: Started, { events }: Options): Promise<StalledResult> {
  await open(server, [watch()], NEIGHBOURS);
  const [alone, beside]: [Arrivals[], Arrivals[]] = [[], []];
  for (let round = 0; round < STALLED_ROUNDS; round++) {
    alone.push(...(await deliverMany(field, server, NEIGHBOURS, events)));
    await server.sockets({ type: "stall", port: server.port, operations: [watch(), watch(LARGE)] }, "stalled");
    for (let i = 0; i < LARGE_EVENTS; i++) {
      await field.change();
      field.broker.publish(LARGE);
    }
    await delay(1_000);
    beside.push(...(await deliverMany(field, server, NEIGHBOURS, events)));
    await server.sockets({ type: "unstall" }, "unstalled");
  }
  const arrived = [...alone, ...beside].reduce((sum, { arrived }) => sum + arrived, 0);
  return {
    neighbours: NEIGHBOURS,
    aloneP99Ms: median(alone.map(({ p99Ms }) => p99Ms)),
    besideP99Ms: median(beside.map(({ p99Ms }) => p99Ms)),
    missing: NEIGHBOURS * (alone.length + beside.length) - arrived,
  };
}
