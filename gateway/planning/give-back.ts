import { youngCollection } from "../../kit/young-collection";

/** V8 looks at what was allocated in the last five seconds. */
const IDLE_MS = 6_000;

/** At the first, most of what was allocated before the idle seconds counts as allocated in them. */
const COLLECTIONS = 2;

/**
 * Gives back the memory that the calling thread needs to work, while it does not. A young generation grows to its full size while a supergraph is loaded, 16 MB of a
 * thread that may have nothing to do for days. V8 makes it small at a collection after which little was allocated for a while (`Heap::ReduceNewSpaceSize`), but who allocates
 * nothing has no collection. So there is one after six idle seconds, and another after six more.
 *
 * @returns what says that the thread works
 */
export function giveBackWhenIdle(collect: () => void = youngCollection()): () => void {
  let left = COLLECTIONS;
  const timer = setTimeout(() => {
    collect();
    if (--left > 0) timer.refresh();
  }, IDLE_MS).unref();
  return () => {
    left = COLLECTIONS;
    timer.refresh();
  };
}
