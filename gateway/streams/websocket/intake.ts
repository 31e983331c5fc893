import type { Server } from "node:http";
import type { Socket } from "node:net";
import type { Duplex } from "node:stream";
import type { Turns } from "./turns";

/** More new connections in `WHILE_MS` are a flood. */
const FEW = 100;
const WHILE_MS = 100;
/** Whoever says nothing for so long is given to the HTTP server, which watches over its silence (`headersTimeout`). */
const SILENCE_MS = 1_000;

/**
 * Lets the first requests of a flood of connections in one after the other.
 *
 * Node reads whatever can be read: of thousands of clients that connect in the same second, up to a thousand first requests in one turn of the event loop, tens of milliseconds in which no query is answered. So of a flood the bytes alone are
 * read as they come, and each connection gets to the HTTP server, which parses them, in a turn of its own. One that says nothing keeps nobody waiting. Others that connect during a flood stand in the same line.
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
    silenceMs = SILENCE_MS,
    now = () => performance.now(),
  }: { few?: number; silenceMs?: number; now?: () => number } = {},
): () => void {
  const listeners = server.listeners("connection") as ((socket: Socket) => void)[];
  const held = new Set<() => void>();
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
    const stopWaiting = () => {
      socket.off("readable", spoke);
      socket.setTimeout(0, spoke);
    };
    const letIn = () => {
      if (!held.delete(letIn) || socket.destroyed) return;
      stopWaiting();
      socket.off("error", destroy);
      admit(socket);
      // A listener of `readable` has stopped the flow.
      socket.resume();
    };
    const spoke = () => {
      stopWaiting();
      turns.take("connection", letIn);
    };
    held.add(letIn);
    socket.on("error", destroy);
    socket.once("close", () => held.delete(letIn));
    socket.on("readable", spoke);
    socket.setTimeout(silenceMs, spoke);
  };
  const onConnection = (socket: Socket) => {
    turns.arrived();
    if (isFlood()) hold(socket);
    else admit(socket);
  };

  server.removeAllListeners("connection");
  server.on("connection", onConnection);
  return () => {
    server.off("connection", onConnection);
    for (const listener of listeners) server.on("connection", listener);
    for (const letIn of held) letIn();
  };
}

/** Listens to the errors of a socket that nobody else has at the moment. */
export function destroy(this: Duplex): void {
  this.destroy();
}
