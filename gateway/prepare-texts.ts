import type { Logger } from "../kit/log";
import type { Generation } from "./generation";
import { type DocumentChecker, isRefused } from "./operation/check-document";
import { conditionsOf } from "./operation/conditions";

/** Requests draw their labels by their ids; whoever prepares has none. */
const NO_REQUEST = "";

/**
 * Checks and plans operations that nobody has sent to this generation yet, so that the first who does need not wait. Those that do not fit are for
 * callers to hear of.
 * @param options.texts of one operation each
 * @param options.until milliseconds since 1970; what is not ready then is left
 * @returns how many are ready
 */
export async function prepareTexts(
  generation: Generation,
  options: { texts: readonly string[]; checker: DocumentChecker; until: number; log: Logger },
): Promise<number> {
  const { texts, checker, until, log } = options;
  let prepared = 0;
  for (const text of texts) {
    if (Date.now() > until) break;
    try {
      const checked = checker.check(generation.supergraph, text);
      if (isRefused(checked)) continue;
      const { document, key: documentKey } = checked;
      await generation.operations.prepare({
        document,
        documentKey,
        overrideLabels: generation.overrideLabels.chosenFor(NO_REQUEST),
        conditions: conditionsOf(document, undefined, {}),
      });
      prepared++;
    } catch (error) {
      log.debug({ err: error }, "a registered operation cannot be prepared");
    }
  }
  return prepared;
}
