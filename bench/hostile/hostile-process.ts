import { once } from "node:events";
import type { ChildProcess } from "node:child_process";
import { type HostileClient, type HostileReport, sendHostileDocuments } from "./hostile-client";

/** Begins to send, or ends and answers with a `HostileAnswer`. */
export type HostileOrder = { readonly port: number; readonly rate: number } | "stop";

interface HostileAnswer {
  readonly times: readonly (readonly [what: string, ms: readonly number[]])[];
  readonly failures: readonly string[];
}

/** The client in a process of its own: making ten thousand aliases takes milliseconds in which nobody else's answer is read. */
export function orderHostileDocuments(child: ChildProcess, port: number, rate: number): HostileClient {
  const order = (message: HostileOrder) => void child.send(message);
  order({ port, rate });
  return {
    stop: async (): Promise<HostileReport> => {
      const answered = once(child, "message");
      order("stop");
      const [{ times, failures }] = (await answered) as [HostileAnswer];
      return { times: new Map(times), failures };
    },
  };
}

function follow(): void {
  let client: HostileClient | undefined;
  process.on("message", (order: HostileOrder) => {
    if (order !== "stop") {
      client = sendHostileDocuments(order.port, order.rate);
      return;
    }
    void client?.stop().then(({ times, failures }) => {
      process.send?.({ times: [...times], failures } satisfies HostileAnswer);
    });
  });
}

if (require.main === module) follow();
