import type { Logger } from "../../kit/log";

/** What is made of a text now, and made anew when the text changes. */
export interface Served<T> {
  current(): T;
  /** @returns stops listening */
  onChange(listener: (next: T, previous: T) => void): () => void;
  close(): Promise<void>;
}

/** Where a text comes from: a file, a URL. */
export interface TextSource {
  /** One word for log lines: "file". */
  readonly kind: string;
  /** Says in log lines which one it is. */
  readonly name: string;
  /**
   * @returns the text, or undefined when it is known to be what was read last
   * @throws UnreadableSourceError
   */
  read(): Promise<string | undefined>;
  /** Calls back whenever the text may have changed. @returns stops that, and what is being read */
  watch(onMaybeChanged: () => void): { close(): void };
}

/** The message is one sentence for the operator: what cannot be read, and why. */
export class UnreadableSourceError extends Error {
  override readonly name = "UnreadableSourceError";
}

/**
 * Serves what `build` makes of a source's text. A new one is built completely beside the running one and then takes its place in one
 * step; a text that cannot be read or built is reported once, by its reason, and the running one stays.
 *
 * @param options.what names the content in log lines and errors, such as "supergraph"
 * @param options.build throws to refuse a text
 * @param options.dispose ends what was built last, at closing; what was replaced before is the listeners' to end
 * @throws UnreadableSourceError, or what `build` throws, at the start
 */
export async function serveText<T>(options: {
  source: TextSource;
  what: string;
  build: (text: string) => Promise<T>;
  dispose?: ((last: T) => Promise<unknown> | unknown) | undefined;
  log: Logger;
}): Promise<Served<T>> {
  const { source, what, build, dispose } = options;
  const { kind } = source;
  const log = options.log.child({ [kind]: source.name, what });
  const listeners = new Set<(next: T, previous: T) => void>();
  let servedText = (await source.read()) ?? "";
  let current = await build(servedText);
  let refusedText: string | undefined;
  let unreadReason: string | undefined;
  let work: Promise<void> | undefined;
  let again = false;
  let closed = false;

  const read = async (): Promise<string | undefined> => {
    try {
      const text = await source.read();
      unreadReason = undefined;
      return text;
    } catch (error) {
      const reason = (error as Error).message;
      if (closed || reason === unreadReason) return undefined;
      unreadReason = reason;
      // Between an unlink and a rename a file is away for a moment; if it stays away the graph that runs is the best there is.
      log.warn({ reason }, `a ${kind} cannot be read, what was read before stays`);
      return undefined;
    }
  };

  const reload = async (): Promise<void> => {
    const text = await read();
    if (closed || text === undefined || text === servedText || text === refusedText) return;
    try {
      const next = await build(text);
      if (closed) return void (await dispose?.(next));
      const previous = current;
      current = next;
      servedText = text;
      refusedText = undefined;
      for (const listener of listeners) listener(next, previous);
      log.info(`a changed ${kind} is served`);
    } catch (error) {
      refusedText = text;
      log.error({ reason: (error as Error).message }, `a changed ${kind} cannot be served, what was read before stays`);
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

  const watcher = source.watch(onMaybeChanged);
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
      await dispose?.(current);
    },
  };
}
