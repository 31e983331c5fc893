import { readFile } from "node:fs/promises";
import type { Logger } from "../../kit/log";
import { type Served, serveText, type TextSource, UnreadableSourceError } from "./serve-text";
import { watchFileChanges } from "./watch-file";

export { UnreadableSourceError as UnreadableFileError };

/** `serveText` of a file, which is watched. @throws UnreadableSourceError, or what `build` throws, at the start */
export const serveFile = <T>(options: {
  file: string;
  what: string;
  build: (text: string) => Promise<T>;
  dispose?: ((last: T) => Promise<unknown> | unknown) | undefined;
  log: Logger;
}): Promise<Served<T>> => serveText({ ...options, source: fileSource(options.file, options.what) });

function fileSource(file: string, what: string): TextSource {
  return {
    kind: "file",
    name: file,
    read: async () => {
      try {
        return await readFile(file, "utf8");
      } catch (cause) {
        const code = (cause as NodeJS.ErrnoException).code ?? "unknown";
        throw new UnreadableSourceError(`The ${what} file ${file} cannot be read (${code}).`, { cause });
      }
    },
    watch: (onMaybeChanged) => watchFileChanges(file, onMaybeChanged),
  };
}
