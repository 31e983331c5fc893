import type { ServerResponse } from "node:http";
import type { Sink, StreamMessage, Subscription } from "../stream";
import type { Delivery } from "./delivery";
import type { StreamObserver } from "./http-metrics";
import type { Pulse } from "./pulse";

/** Times of a connection, in milliseconds. */
export interface StreamTimes {
  /** Silence after which a heartbeat is sent. */
  readonly heartbeatMs: number;
  /** How long a client may take nothing of what waits for it; counted anew whenever the system takes a part. */
  readonly stalledMs: number;
  /** The same of the last bytes. */
  readonly closingMs: number;
}

export const STREAM_TIMES: StreamTimes = { heartbeatMs: 10_000, stalledMs: 30_000, closingMs: 2_000 };

export interface HttpSink extends Sink {
  /** The subscription runs: the head of the answer leaves, if it has not yet. */
  begin(subscription: Subscription): void;
}

/** What keeps caches and proxies from holding events back or changing them (nginx reads `x-accel-buffering`). */
export const STREAM_HEADERS = {
  "cache-control": "no-store, no-transform",
  "x-accel-buffering": "no",
} as const;

/**
 * The answer of one request as the end of one subscription. Nothing is written before the core calls or `begin` is called, so until then
 * the request can be answered otherwise.
 *
 * A client that reads too slowly stops the core, a client that takes nothing at all for too long is cut off, and one that has gone is noticed
 * when its connection closes.
 */
export function createHttpSink(
  res: ServerResponse,
  {
    delivery,
    pulse,
    times,
    observer,
  }: { delivery: Delivery; pulse: Pulse; times: StreamTimes; observer: StreamObserver },
): HttpSink {
  const bytesOf = encoderOf(delivery);
  let subscription: Subscription | undefined;
  let hasBegun = false;
  let hasEnded = false;
  /** The core was asked for no more. */
  let isPaused = false;
  /** The connection takes nothing more for now. */
  let isFull = false;
  let wroteAtMs = 0;
  let stopBeating: (() => void) | undefined;

  const write = (bytes: Buffer | string): boolean => {
    wroteAtMs = performance.now();
    const takesMore = res.write(bytes);
    if (!takesMore && !isFull) {
      isFull = true;
      res.setTimeout(times.stalledMs);
    }
    return takesMore;
  };

  const beat = (nowMs: number) => {
    if (!isFull && !hasEnded && nowMs - wroteAtMs >= times.heartbeatMs) write(delivery.heartbeat);
  };

  const beginOnce = () => {
    if (hasBegun || res.destroyed) return;
    hasBegun = true;
    // Of a connection that had a stream nothing is left when it ends: a process that ends waits for none.
    res.writeHead(200, { ...STREAM_HEADERS, "content-type": delivery.contentType, connection: "close" });
    write(delivery.opening);
    observer.opened();
    stopBeating = pulse.add(beat);
  };

  res.on("drain", () => {
    isFull = false;
    if (hasEnded) return;
    res.setTimeout(0);
    if (!isPaused) return;
    isPaused = false;
    subscription?.drained();
  });
  res.on("timeout", () => {
    observer.stalled();
    res.destroy();
  });
  res.once("close", () => {
    stopBeating?.();
    if (hasBegun) observer.closed();
    if (!hasEnded) subscription?.leave();
  });

  return {
    begin: (running) => {
      subscription = running;
      // Gone while the subscription was opened.
      if (res.destroyed || res.closed) {
        if (!hasEnded) running.leave();
        return;
      }
      beginOnce();
    },
    write: (message) => {
      if (hasEnded || res.destroyed) return true;
      beginOnce();
      const takesMore = write(bytesOf(message));
      isPaused = !takesMore;
      return takesMore;
    },
    end: (ending) => {
      if (hasEnded || res.destroyed) return;
      beginOnce();
      hasEnded = true;
      res.setTimeout(times.closingMs);
      res.end(delivery.ending(ending));
    },
  };
}

/** The bytes of the last message of each kind are kept: the members of a group get the same message one after the other. */
function encoderOf(delivery: Delivery): (message: StreamMessage) => Buffer {
  const found = encoders.get(delivery);
  if (found) return found;
  let last: StreamMessage | undefined;
  let bytes = Buffer.alloc(0);
  const encode = (message: StreamMessage) => {
    if (message !== last) {
      bytes = Buffer.from(delivery.message(message));
      last = message;
    }
    return bytes;
  };
  encoders.set(delivery, encode);
  return encode;
}

const encoders = new WeakMap<Delivery, (message: StreamMessage) => Buffer>();
