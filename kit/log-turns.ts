import { type DestinationStream, pino } from "pino";

/** Written before the turn ends, so that a burst of lines takes no more memory. */
const MAX_CHARACTERS = 65_536;

/**
 * Standard output for a process that logs a line for each of many requests: the lines of one turn of the event loop are written at once, in
 * order, since a write takes longer than everything else about a line. Nothing stays behind when the process ends by itself, by
 * `process.exit` or by an error that nobody caught.
 *
 * @param out where they go; standard output by default
 */
export function createTurnDestination(
  out: { write(text: string): unknown; flushSync(): void } = standardOutput(),
): DestinationStream & { flushSync(): void } {
  let lines = "";
  let isDue = false;
  const write = () => {
    isDue = false;
    if (lines === "") return;
    const text = lines;
    lines = "";
    out.write(text);
  };
  const flushSync = () => {
    write();
    out.flushSync();
  };
  process.once("exit", flushSync);
  return {
    write: (line) => {
      lines += line;
      if (lines.length > MAX_CHARACTERS) return write();
      if (isDue) return;
      isDue = true;
      setImmediate(write);
    },
    flushSync,
  };
}

/** Takes bytes, so that a text is turned into them once: a destination of texts counts them before it writes, and again afterwards. */
function standardOutput() {
  const out = pino.destination({ fd: 1, sync: true, contentMode: "buffer" });
  // Its types know texts only.
  const write = out.write.bind(out) as unknown as (bytes: Buffer) => unknown;
  return { write: (text: string) => write(Buffer.from(text)), flushSync: () => out.flushSync() };
}
