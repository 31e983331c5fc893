import { readFile } from "node:fs/promises";
import type { Logger } from "../../kit/log";
import { watchFileChanges } from "./watch-file";

export class UnreadableFileError extends Error {
  override readonly name = "UnreadableFileError";
}

/** What is made of the file now, and made anew when the file changes. */
export interface ServedFile<T> {
  current(): T;
  /** @returns stops listening */
  onChange(listener: (next: T, previous: T) => void): () => void;
  close(): Promise<void>;
}

/**
 * Serves what `build` makes of a file's text. A new one is built completely beside the running one and then takes its place in one
 * step; a text that cannot be built is reported once, by its reason, and the running one stays.
 *
 * @param options.what names the file's content in log lines and errors, such as "supergraph"
 * @param options.build throws to refuse a text
 * @throws UnreadableFileError, or what `build` throws, at the start
 */
export async function serveFile<T>(options: {
  file: string;
  what: string;
  build: (sdl: string) => Promise<T>;
  log: Logger;
}): Promise<ServedFile<T>> {
  const { file, what, build } = options;
  const log = options.log.child({ file, what });
  const listeners = new Set<(next: T, previous: T) => void>();
  let servedText = await read(file, what);
  let current = await build(servedText);
  let refusedText: string | undefined;
  let work: Promise<void> | undefined;
  let again = false;
  let closed = false;

  const reload = async (): Promise<void> => {
    let text: string;
    try {
      text = await read(file, what);
    } catch (error) {
      // Between an unlink and a rename the file is away for a moment; if it stays away the graph that runs is the best there is.
      log.warn({ reason: (error as Error).message }, "a file cannot be read, what was read before stays");
      return;
    }
    if (text === servedText || text === refusedText) return;
    try {
      const next = await build(text);
      const previous = current;
      current = next;
      servedText = text;
      refusedText = undefined;
      for (const listener of listeners) listener(next, previous);
      log.info("a changed file is served");
    } catch (error) {
      refusedText = text;
      log.error({ reason: (error as Error).message }, "a changed file cannot be served, what was read before stays");
    }
  };

  /** One reload at a time; a change during it is looked at afterwards. */
  const onMaybeChanged = () => {
    again = true;
    work ??= (async () => {
      while (again && !closed) {
        again = false;
        await reload();
      }
      work = undefined;
    })();
  };

  const watcher = watchFileChanges(file, onMaybeChanged);
  return {
    current: () => current,
    onChange: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    close: async () => {
      closed = true;
      watcher.close();
      await work;
    },
  };
}

async function read(file: string, what: string): Promise<string> {
  try {
    return await readFile(file, "utf8");
  } catch (cause) {
    const code = (cause as NodeJS.ErrnoException).code ?? "unknown";
    throw new UnreadableFileError(`The ${what} file ${file} cannot be read (${code}).`, { cause });
  }
}
