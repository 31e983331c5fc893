import type { Server } from "node:http";
import type { Socket } from "node:net";
import type { Turns } from "./turns";

/** More new connections in `WHILE_MS` are a flood. */
const FEW = 300;
const WHILE_MS = 100;
/** What clients send as soon as they are connected has come by then. */
const SPOKEN_MS = 400;

/** Of `net.Server`, which an HTTP server is: https://nodejs.org/docs/latest-v20.x/api/net.html#netcreateserveroptions-connectionlistener */
interface Pausing {
  /** Nothing is read of a new connection until its socket is told to `resume`. */
  pauseOnConnect: boolean;
}

/**
 * Lets the first requests of a flood of connections in one after the other.
 *
 * Node reads whatever can be read: of thousands of clients that connect in the same second, up to a thousand first requests in one turn of the event loop, tens of milliseconds in which no query is answered. So nothing is read of a flood
 * at first, and each connection gets to the HTTP server in a turn of its own. Not at once: whoever has been let in before it spoke is read together with all others like it. Others that connect
 * meanwhile stand in the same line.
 *
 * An HTTP server takes connections from elsewhere by its event: https://nodejs.org/docs/latest-v20.x/api/http.html#event-connection
 *
 * @param server its listeners of `connection` are called later than without, and for each socket still first
 * @returns what ends it: who waits is let in at once
 */
export function paceConnections(
  server: Server,
  turns: Pick<Turns, "take" | "arrived">,
  {
    few = FEW,
    spokenMs = SPOKEN_MS,
    now = () => performance.now(),
  }: { few?: number; spokenMs?: number; now?: () => number } = {},
): () => void {
  const listeners = server.listeners("connection") as ((socket: Socket) => void)[];
  const held = new Set<() => void>();
  const pausing = server as Server & Pausing;
  let sinceMs = -Infinity;
  let arrived = 0;

  const isFlood = () => {
    const nowMs = now();
    if (nowMs - sinceMs > WHILE_MS) {
      sinceMs = nowMs;
      arrived = 0;
    }
    return ++arrived > few;
  };
  const admit = (socket: Socket) => {
    for (const listener of listeners) listener.call(server, socket);
  };
  const hold = (socket: Socket) => {
    const letIn = () => {
      if (!held.delete(letIn) || socket.destroyed) return;
      admit(socket);
      socket.resume();
    };
    held.add(letIn);
    setTimeout(() => turns.take("connection", letIn), spokenMs);
  };
  const onConnection = (socket: Socket) => {
    turns.arrived();
    const isPaused = pausing.pauseOnConnect;
    pausing.pauseOnConnect = isFlood();
    if (isPaused && pausing.pauseOnConnect) return hold(socket);
    admit(socket);
    if (isPaused) socket.resume();
  };

  server.removeAllListeners("connection");
  server.on("connection", onConnection);
  return () => {
    server.off("connection", onConnection);
    pausing.pauseOnConnect = false;
    for (const listener of listeners) server.on("connection", listener);
    for (const letIn of held) letIn();
  };
}
