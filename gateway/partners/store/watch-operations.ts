import type { Logger } from "../../../kit/log";
import { watchChannel } from "./watch-channel";

/**
 * Hears from the database that registered operations change; see the triggers of the migration.
 * @param options.opened from then on
 */
export const watchOperations = (options: {
  url: string;
  opened: Promise<void>;
  onChange: () => void;
  log: Logger;
}): { close(): Promise<void> } =>
  watchChannel({
    ...options,
    channel: "operations_changed",
    heard: "changes of registered operations are heard of",
    deaf: "changes of registered operations are not heard of, they are looked for",
  });
