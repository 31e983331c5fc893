import { Writable } from "node:stream";
import { type Logger, pino } from "pino";

export interface LogRecord {
  readonly level: number;
  readonly msg: string;
  readonly [attribute: string]: unknown;
}

/** A logger that keeps its lines for the test to read. */
export function recordingLog(): { log: Logger; lines: LogRecord[] } {
  const lines: LogRecord[] = [];
  const stream = new Writable({
    write: (chunk: Buffer, _encoding, done) => {
      lines.push(JSON.parse(chunk.toString()) as LogRecord);
      done();
    },
  });
  return { log: pino({ level: "debug" }, stream), lines };
}
