/** What is stopped: a supervised program, or anything that ends like one. */
export interface Stoppable {
  close(): Promise<void>;
  kill(): void;
}

/** After this the stragglers are killed: together with the kill everything has ended within ten seconds. */
const killAfterMs = 8_000;

/**
 * Stops stages one after the other, last started first: the gateway, then the subgraphs, then the stores they write
 * to. A stage that is slow holds up the next one only for its share of the time, so that the stores are always asked.
 */
export async function stopInOrder(stages: readonly (readonly Stoppable[])[], killMs = killAfterMs): Promise<void> {
  const all = stages.flat();
  const shareMs = killMs / (stages.length + 1);
  const killer = setTimeout(() => {
    for (const each of all) each.kill();
  }, killMs);
  const closed: Promise<unknown>[] = [];
  for (const stage of [...stages].reverse()) {
    const stageClosed = Promise.allSettled(stage.map((each) => each.close()));
    closed.push(stageClosed);
    await withinMs(stageClosed, shareMs);
  }
  await Promise.all(closed);
  clearTimeout(killer);
}

async function withinMs(promise: Promise<unknown>, ms: number): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  await Promise.race([promise, new Promise((resolve) => (timer = setTimeout(resolve, ms)))]);
  clearTimeout(timer);
}
