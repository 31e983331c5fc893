import { type FSWatcher, type Stats, unwatchFile, watch, watchFile } from "node:fs";
import path from "node:path";

export interface FileWatch {
  close(): void;
}

const DEBOUNCE_MS = 50;
/** In a folder where others write all the time it is never quiet. */
const MAX_DEBOUNCE_MS = 500;
const POLL_MS = 1_000;

/**
 * Calls back some time after the file may have changed; the reader compares contents. It watches the folder rather than the file, since
 * editors, `mv` and Kubernetes replace files instead of writing them, and it polls besides, because not every file system tells.
 */
export function watchFileChanges(file: string, onMaybeChanged: () => void): FileWatch {
  let timer: NodeJS.Timeout | undefined;
  let latestAtMs: number | undefined;
  const soon = () => {
    const now = performance.now();
    latestAtMs ??= now + MAX_DEBOUNCE_MS;
    clearTimeout(timer);
    timer = setTimeout(tell, Math.max(0, Math.min(DEBOUNCE_MS, latestAtMs - now))).unref();
  };
  const tell = () => {
    latestAtMs = undefined;
    onMaybeChanged();
  };
  const onPoll = (now: Stats, before: Stats) => {
    if (now.mtimeMs !== before.mtimeMs || now.ino !== before.ino || now.size !== before.size) soon();
  };
  let watcher: FSWatcher | undefined;
  try {
    watcher = watch(path.dirname(file), { persistent: false }, soon);
    // A folder that goes away, or too many watches on this machine: polling goes on.
    watcher.on("error", () => watcher?.close());
  } catch {
    // File systems without notifications: polling alone.
    watcher = undefined;
  }
  watchFile(file, { persistent: false, interval: POLL_MS }, onPoll);
  return {
    close: () => {
      clearTimeout(timer);
      watcher?.close();
      unwatchFile(file, onPoll);
    },
  };
}
