import { setTimeout as pause } from "node:timers/promises";
import type { SeededRandom } from "./seeded-random";
import type { TcpProxy } from "./tcp-proxy";

/** One thing that happens to a network, and for how long. */
export interface Fault {
  readonly mode: "refuse" | "reset" | "blackhole" | "abandon" | "delay" | "drip" | "half-close";
  /** Of the good time before it. */
  readonly afterMs: number;
  readonly forMs: number;
  readonly detail: number;
}

const MODES: readonly Fault["mode"][] = ["refuse", "reset", "blackhole", "abandon", "delay", "drip", "half-close"];

/** @param random the same seed gives the same faults */
export function drawFault(random: SeededRandom, modes: readonly Fault["mode"][] = MODES): Fault {
  return {
    mode: random.pick(modes),
    afterMs: random.between(20, 400),
    forMs: random.between(20, 900),
    detail: random.between(1, 100),
  };
}

/** Lets the fault happen and be over: afterwards the network is healthy. */
export async function inflict(proxy: TcpProxy, { mode, afterMs, forMs, detail }: Fault): Promise<void> {
  await pause(afterMs);
  if (mode === "refuse") await proxy.refuse();
  else if (mode === "reset") proxy.reset();
  else if (mode === "blackhole") proxy.hold();
  else if (mode === "abandon") proxy.abandon();
  else if (mode === "delay") proxy.delay(detail, detail);
  else if (mode === "drip") proxy.drip(detail, 1 + (detail % 5));
  else proxy.halfClose(detail % 2 === 0 ? "client" : "server");
  await pause(forMs);
  // Half of the black holes swallow what is in them, as one does that lasts longer than a connection.
  if (mode === "blackhole" && detail % 2 === 0) proxy.reset();
  await proxy.heal();
}

export const tell = ({ mode, afterMs, forMs, detail }: Fault) => `${mode}(${detail}) +${afterMs} ms for ${forMs} ms`;
