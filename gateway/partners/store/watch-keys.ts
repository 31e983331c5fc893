import type { Logger } from "../../../kit/log";
import { watchChannel } from "./watch-channel";

/**
 * Hears from the database which keys change; see the triggers of the migration.
 * @param options.opened from then on
 * @param options.onChange told the id of a key, or undefined when changes may have been missed
 */
export const watchKeys = (options: {
  url: string;
  opened: Promise<void>;
  onChange: (keyId?: string) => void;
  log: Logger;
}): { close(): Promise<void> } =>
  watchChannel({
    ...options,
    channel: "api_key_changed",
    heard: "changes of partners' keys are heard of",
    deaf: "changes of partners' keys are not heard of, they hold within a second",
  });
