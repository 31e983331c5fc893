import { setTimeout as delay } from "node:timers/promises";
import { describeExit, type RunningProcess } from "./running-process";

export interface Program {
  readonly name: string;
  /**
   * Starts it once and resolves when it listens. `onSpawn` is called as soon as there is a process, so that it can be
   * ended while it is still starting. Rejects when it cannot start, or ends before it listens.
   */
  start(onSpawn: (process: RunningProcess) => void): Promise<void>;
}

export interface SuperviseOptions {
  /** Tries before the very first start counts as failed. Once started, it is restarted for ever. */
  readonly firstAttempts: number;
  readonly backOffMs?: { readonly first: number; readonly max: number };
  /** Told of each process; the returned function is called when that process has ended. */
  readonly onSpawn?: (pid: number) => () => void;
  /** Told why it is started again and when; a sentence for the terminal. */
  readonly onRestart: (sentence: string) => void;
}

export interface Supervised {
  readonly name: string;
  /** Settles when it listens for the first time, or cannot. */
  readonly started: Promise<void>;
  /** The pid of the moment, for tests and measurements; undefined between two lives. */
  readonly pid: number | undefined;
  close(): Promise<void>;
  /** Ends it without asking, for when `close` takes too long. */
  kill(): void;
}

/** A process that lived this long was well: the next failure is a new story with a short wait. */
const healthyAfterMs = 10_000;

/** Keeps a program running until `close`: whatever ends it, it is started again, on the same port, with back-off. */
export function supervise(program: Program, options: SuperviseOptions): Supervised {
  const { first, max } = options.backOffMs ?? { first: 100, max: 5_000 };
  const closing = new AbortController();
  let current: RunningProcess | undefined;
  let resolveStarted: () => void;
  let rejectStarted: (reason: unknown) => void;
  const started = new Promise<void>((resolve, reject) => {
    resolveStarted = resolve;
    rejectStarted = reject;
  });
  // It is awaited by whoever needs the program; a close before that is not a failure.
  started.catch(() => {});

  /** @returns why it ended, as the end of a sentence */
  const liveOnce = async (): Promise<{ reason: string; error?: unknown }> => {
    let forget = () => {};
    const spawned = (process: RunningProcess) => {
      current = process;
      forget = options.onSpawn?.(process.pid) ?? forget;
      if (closing.signal.aborted) void process.close();
    };
    try {
      await program.start(spawned);
      resolveStarted();
      return { reason: current ? `ended (${describeExit(await current.exited)})` : "ended" };
    } catch (error) {
      await current?.exited;
      return { reason: `could not start (${(error as Error).message})`, error };
    } finally {
      current = undefined;
      forget();
    }
  };

  const live = async () => {
    let waitMs = first;
    let attempts = 0;
    let everStarted = false;
    void started.then(
      () => (everStarted = true),
      () => {},
    );
    while (!closing.signal.aborted) {
      const startedAt = Date.now();
      const { reason, error } = await liveOnce();
      if (closing.signal.aborted) return;
      attempts++;
      if (!everStarted && attempts >= options.firstAttempts) return rejectStarted(error ?? new Error(reason));
      if (Date.now() - startedAt > healthyAfterMs) waitMs = first;
      options.onRestart(`${program.name} ${reason}; starting it again in ${waitMs / 1_000} s`);
      // Rejects when we are closed meanwhile.
      await delay(waitMs, undefined, { signal: closing.signal }).catch(() => {});
      waitMs = Math.min(waitMs * 2, max);
    }
  };
  const ended = live();

  return {
    name: program.name,
    started,
    get pid() {
      return current?.pid;
    },
    close: async () => {
      closing.abort();
      await current?.close();
      await ended;
      rejectStarted(new Error(`${program.name} was stopped`));
    },
    kill: () => current?.kill(),
  };
}
