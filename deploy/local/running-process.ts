/** One program that we started, whatever it is. */
export interface RunningProcess {
  readonly pid: number;
  /** Settles when it has ended, for whatever reason. */
  readonly exited: Promise<Exit>;
  /** Asks it to end and waits until it has. */
  close(): Promise<void>;
  /** Ends it without asking. */
  kill(): void;
}

export interface Exit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

export function describeExit({ code, signal }: Exit): string {
  return signal ? `killed by ${signal}` : `exit code ${code}`;
}
