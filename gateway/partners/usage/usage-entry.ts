import type { Call } from "../calls/call";
import { latencyBucket } from "./latency-histogram";

/** Of what caller a call was, and of what. */
export interface UsageKey {
  readonly partnerId: string;
  readonly keyId: string;
  /** The name of a registered operation. */
  readonly operation: string;
  /** `YYYY-MM-DD`, UTC. */
  readonly day: string;
}

/** What a client says of itself. */
export interface Client {
  readonly name?: string;
  readonly version?: string;
  readonly userAgent?: string;
}

/** One call, when it was answered. */
export interface CallRecord {
  readonly partnerId: string;
  readonly keyId: string;
  readonly operation: string;
  readonly door: Call["door"];
  readonly endedAtMs: number;
  readonly durationMs: number;
  /** Codes of its errors, each once; none for a call that was answered without errors. */
  readonly errorCodes: readonly string[];
  readonly cost: number;
  readonly answerBytes: number;
  /** Coordinates such as `Product.price`. */
  readonly deprecatedFields: readonly string[];
  /** Asked only of the last call, since reading it takes as long as all of the counting. */
  client(): Client;
}

/** What all calls of one key to one operation on one day come to. */
export interface UsageFigures {
  readonly calls: number;
  readonly failedCalls: number;
  /** Calls by the codes of their errors; a call may have several. */
  readonly errors: ReadonlyMap<string, number>;
  readonly latency: ReadonlyMap<number, number>;
  readonly cost: number;
  readonly answerBytes: number;
  readonly deprecatedFields: ReadonlyMap<string, number>;
  readonly doors: ReadonlyMap<string, number>;
  /** Of the last call. */
  readonly client: Client;
  readonly lastCallAt: Date;
}

export type UsageEntry = UsageKey & UsageFigures;

/** Adds calls up by key, operation and day; so it is as large as there are of these, however many calls there are. */
export interface UsageBook {
  record(call: CallRecord): void;
  readonly size: number;
  readonly calls: number;
  entries(): readonly UsageEntry[];
}

/** Services make up codes; more kinds of one operation count as one. */
const MAX_CODES = 50;
const OTHER_CODES = "OTHER";
const CODE = /^[A-Za-z][\w.-]{0,63}$/;
/** Keeps sums exact. */
const MAX_COST = 1e9;

/** Figures while they are added up. */
type Sums = Changing<Omit<UsageFigures, "client" | "lastCallAt">> & { last: Pick<CallRecord, "client" | "endedAtMs"> };

type Changing<Figures> = {
  -readonly [Name in keyof Figures]: Figures[Name] extends ReadonlyMap<infer Key, number>
    ? Map<Key, number>
    : Figures[Name];
};

export function createUsageBook(): UsageBook {
  const entries: Entry[] = [];
  /** By key, operation and day; putting the three into one text would cost more than the rest. */
  const found = new Map<string, Map<string, Map<string, Entry>>>();
  let calls = 0;
  /** Often it is the next call's as well. */
  let latest: Entry | undefined;

  const entryOf = (call: CallRecord): Entry => {
    const day = dayOf(call.endedAtMs);
    if (latest?.keyId === call.keyId && latest.operation === call.operation && latest.day === day) return latest;
    return (latest = find(call, day));
  };
  const find = (call: CallRecord, day: string): Entry => {
    const known = found.get(call.keyId)?.get(call.operation)?.get(day);
    if (known) return known;
    const { partnerId, keyId, operation } = call;
    const entry = { partnerId, keyId, operation, day, ...nothing(), last: call };
    const ofKey = found.get(keyId) ?? new Map<string, Map<string, Entry>>();
    const ofOperation = ofKey.get(operation) ?? new Map<string, Entry>();
    found.set(keyId, ofKey.set(operation, ofOperation.set(day, entry)));
    entries.push(entry);
    return entry;
  };

  return {
    record: (call) => {
      addCall(entryOf(call), call);
      calls++;
    },
    get size() {
      return entries.length;
    },
    get calls() {
      return calls;
    },
    entries: () =>
      entries.map(({ last, ...sums }) => ({ ...sums, client: last.client(), lastCallAt: new Date(last.endedAtMs) })),
  };
}

type Entry = UsageKey & Sums;

const DAY_MS = 86_400_000;
let today = { number: NaN, text: "" };

/** Of a call as of the one before it, but for one a day. */
function dayOf(atMs: number): string {
  const number = Math.floor(atMs / DAY_MS);
  if (today.number !== number) today = { number, text: new Date(atMs).toISOString().slice(0, 10) };
  return today.text;
}

const nothing = (): Omit<Sums, "last"> => ({
  calls: 0,
  failedCalls: 0,
  errors: new Map(),
  latency: new Map(),
  cost: 0,
  answerBytes: 0,
  deprecatedFields: new Map(),
  doors: new Map(),
});

function addCall(entry: Sums, call: CallRecord): void {
  entry.calls++;
  if (call.errorCodes.length > 0) entry.failedCalls++;
  for (const code of call.errorCodes) count(entry.errors, codeIn(entry.errors, code));
  count(entry.latency, latencyBucket(call.durationMs));
  entry.cost += Math.min(MAX_COST, Math.max(0, Math.ceil(call.cost)));
  entry.answerBytes += call.answerBytes;
  for (const field of call.deprecatedFields) count(entry.deprecatedFields, field);
  count(entry.doors, call.door);
  entry.last = call;
}

const codeIn = (known: ReadonlyMap<string, number>, code: string): string =>
  known.has(code) || (known.size < MAX_CODES && CODE.test(code)) ? code : OTHER_CODES;

const count = <Key>(counts: Map<Key, number>, key: Key) => counts.set(key, (counts.get(key) ?? 0) + 1);
