import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";

/**
 * Collects all garbage now, which takes some 30 ms. For the end of the start: what loading leaves behind, the texts of modules and of the
 * supergraph and what was made of them, would stay for as long as an idle process allocates nothing.
 *
 * The function is the one that `--expose-gc` makes: https://nodejs.org/docs/latest-v20.x/api/cli.html#--expose-gc
 */
export function collectGarbage(): void {
  setFlagsFromString("--expose-gc");
  const collect = runInNewContext("gc") as () => void;
  setFlagsFromString("--no-expose-gc");
  collect();
}
