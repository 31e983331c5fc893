import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";

/**
 * @returns what collects the young generation of the calling thread, in a millisecond or a few. It is the function that `--expose-gc` makes:
 *   https://nodejs.org/docs/latest-v20.x/api/cli.html#--expose-gc
 */
export function youngCollection(): () => void {
  setFlagsFromString("--expose-gc");
  const collect = runInNewContext("gc") as (options: { type: "minor" }) => void;
  setFlagsFromString("--no-expose-gc");
  return () => collect({ type: "minor" });
}
