import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";

/**
 * @returns what collects the young generation of the calling thread, in a millisecond or a few. It is the function that `--expose-gc` makes:
 *   https://nodejs.org/docs/latest-v20.x/api/cli.html#--expose-gc. The flag is the whole process's and stays: another thread may be about to make its own.
 */
export function youngCollection(): () => void {
  setFlagsFromString("--expose-gc");
  const collect = runInNewContext("gc") as (options: { type: "minor" }) => void;
  return () => collect({ type: "minor" });
}
