/** One connection, as far as its end goes. */
export interface Drainable {
  goAway(): void;
}

const STEP_MS = 20;
/** So many clients may come back at the same moment. */
const LEAST_IN_STEP = 100;

/**
 * Tells every connection to go away, in even steps: clients that are told at once come back at once.
 * @param connections those that close meanwhile leave it
 * @param spreadMs how long the telling may take, in milliseconds
 */
export async function drainConnections(connections: ReadonlySet<Drainable>, spreadMs: number): Promise<void> {
  const told = [...connections];
  const inStep = Math.max(LEAST_IN_STEP, Math.ceil((told.length * STEP_MS) / Math.max(spreadMs, STEP_MS)));
  for (let first = 0; first < told.length; first += inStep) {
    if (first > 0) await new Promise((resolve) => setTimeout(resolve, STEP_MS));
    for (const connection of told.slice(first, first + inStep)) connection.goAway();
  }
}
