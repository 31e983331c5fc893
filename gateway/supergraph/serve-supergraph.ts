import path from "node:path";
import type { Logger } from "../../kit/log";
import { serveFile } from "./serve-file";
import { type Served, serveText } from "./serve-text";
import { urlSource } from "./url-source";

const WHAT = "supergraph";

/**
 * Serves what `build` makes of the supergraph, from a file, which is watched, or from an http or https URL, which is polled.
 * @param options.source a path, from the working directory, or a URL
 * @param options.dispose see `serveText`
 * @throws UnreadableSourceError, or what `build` throws, at the start
 */
export function serveSupergraph<T>(options: {
  source: string;
  pollMs: number;
  build: (sdl: string) => Promise<T>;
  dispose?: ((last: T) => Promise<unknown> | unknown) | undefined;
  log: Logger;
}): Promise<Served<T>> {
  const { source, pollMs, ...rest } = options;
  if (!isUrl(source)) return serveFile({ ...rest, file: path.resolve(source), what: WHAT });
  return serveText({ ...rest, source: urlSource({ url: source, what: WHAT, pollMs }), what: WHAT });
}

const isUrl = (source: string) => /^https?:\/\//i.test(source);
