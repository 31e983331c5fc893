import fs from "node:fs";
import path from "node:path";

/** Turns a line of a log into what a person wants to see of it on the terminal: nothing, mostly. */
export type Shorten = (line: string) => string | undefined;

export interface ProgramLog {
  /** Takes output as it comes, in pieces of any size. */
  write(text: string): void;
  /** The last lines that were not routine, for when the program has failed. */
  lastWords(): string[];
  close(): void;
}

export interface ProgramLogOptions {
  readonly folder: string;
  readonly name: string;
  readonly shorten: Shorten;
  readonly show: (sentence: string) => void;
  readonly maxBytes?: number;
  readonly now?: () => number;
}

const repeatAfterMs = 10_000;
const keptWords = 8;

/**
 * The output of one program: all of it to `<name>.log`, warnings and errors in short form to the terminal as well. A
 * sentence that comes again and again is shown once in ten seconds. The log of the start before stays as
 * `<name>.1.log`, and a log that grows past its bound becomes that.
 */
export function createProgramLog(options: ProgramLogOptions): ProgramLog {
  const { folder, name, shorten, show, maxBytes = 50_000_000, now = Date.now } = options;
  const file = path.join(folder, `${name}.log`);
  const shown = new Map<string, { at: number; more: number }>();
  let words: string[] = [];
  let rest = "";
  let bytes = 0;
  let descriptor = begin();

  function begin(): number {
    if (fs.existsSync(file)) fs.renameSync(file, path.join(folder, `${name}.1.log`));
    bytes = 0;
    return fs.openSync(file, "a", 0o600);
  }

  function onLine(line: string): void {
    const sentence = shorten(line);
    const isJson = line.startsWith("{");
    if (sentence !== undefined || (!isJson && line.trim() !== ""))
      words = [...words, sentence ?? line].slice(-keptWords);
    if (sentence === undefined) return;
    const last = shown.get(sentence);
    if (last && now() - last.at < repeatAfterMs) {
      last.more++;
      return;
    }
    show(`${name}: ${sentence}${last?.more ? ` (and ${last.more} more like it before)` : ""}`);
    if (shown.size > 1_000) shown.clear();
    shown.set(sentence, { at: now(), more: 0 });
  }

  return {
    write: (text) => {
      // Written at once, so that the last line before a crash is in the file.
      bytes += fs.writeSync(descriptor, text);
      if (bytes > maxBytes) {
        fs.closeSync(descriptor);
        descriptor = begin();
      }
      const lines = (rest + text).split("\n");
      rest = (lines.pop() ?? "").slice(-maxBytes);
      for (const line of lines) onLine(line);
    },
    lastWords: () => words,
    close: () => fs.closeSync(descriptor),
  };
}

/** Lines of our own services: pino's JSON with the level as a word. */
export const shortenPino: Shorten = (line) => {
  const entry = parseObject(line);
  if (!entry || !["warn", "error", "fatal"].includes(String(entry.level))) return undefined;
  const cause = (entry.err as { message?: unknown } | undefined)?.message ?? "";
  return `${String(entry.msg ?? "")}${cause === "" ? "" : ` (${String(cause)})`}`;
};

/** PostgreSQL: what ends a connection or the server. An ERROR is an answer to a client, who logs it in context. */
export const shortenPostgres: Shorten = (line) => {
  const match = /\b(?:FATAL|PANIC): +(.*)/.exec(line);
  return match?.[1]?.startsWith("terminating connection due to") ? undefined : match?.[1];
};

/** mongod: JSON with a severity letter. */
export const shortenMongod: Shorten = (line) => {
  const entry = parseObject(line);
  return entry && ["E", "F"].includes(String(entry.s)) ? String(entry.msg ?? "") : undefined;
};

function parseObject(line: string): Record<string, unknown> | undefined {
  if (!line.startsWith("{")) return undefined;
  try {
    return JSON.parse(line) as Record<string, unknown>;
  } catch {
    return undefined;
  }
}
