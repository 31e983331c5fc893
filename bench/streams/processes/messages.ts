/** What the benchmark's processes say to each other; times are milliseconds of the machine's monotonic clock, equal in all of them. */
import type { Operation } from "../scenario";

export const nowMs = (): number => Number(process.hrtime.bigint()) / 1e6;

export interface OpenOrder {
  readonly type: "open";
  readonly port: number;
  readonly operations: readonly Operation[];
  /** One socket for each number: the operation of that index, modulo the number of operations. */
  readonly count: number;
  /** Handshakes under way at the same time. */
  readonly parallel: number;
  /** Resumes behind what was received last. */
  readonly resumes: boolean;
}

/** Counts and times the messages that arrive from now on. */
export interface ExpectOrder {
  readonly type: "expect";
  readonly messages: number;
  readonly timeoutMs: number;
}

/** When the event was given to the broker that the expected messages come of. */
export interface SentOrder {
  readonly type: "sent";
  readonly atMs: number;
}

export type SocketOrder =
  | OpenOrder
  | ExpectOrder
  | SentOrder
  /** Cuts every connection without a word. */
  | { readonly type: "cut" }
  /** One more socket that watches two orders and never reads on after it has begun. */
  | { readonly type: "stall"; readonly port: number; readonly operations: readonly Operation[] }
  /** Cuts that one. */
  | { readonly type: "unstall" };

export interface Arrivals {
  readonly arrived: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly lastMs: number;
}

export interface Opening {
  /** From the first handshake to the last first message. */
  readonly elapsedMs: number;
  readonly failed: number;
  /** How many of these for which reason. */
  readonly reasons: Readonly<Record<string, number>>;
}

export type SocketReport =
  | { readonly type: "ready" }
  | ({ readonly type: "opened" } & Opening)
  | { readonly type: "expecting" }
  | ({ readonly type: "arrivals" } & Arrivals)
  | { readonly type: "cut" }
  | { readonly type: "stalled" }
  | { readonly type: "unstalled" };

export type QueryOrder =
  | { readonly type: "start"; readonly port: number; readonly operation: Operation; readonly perSecond: number }
  | { readonly type: "stop" };

export type QueryReport =
  | { readonly type: "ready" }
  | {
      readonly type: "answers";
      readonly answers: number;
      readonly failed: number;
      readonly p50Ms: number;
      readonly p95Ms: number;
      /** How late this process asked: part of the times above that is not the server's. */
      readonly lateP95Ms: number;
    };
