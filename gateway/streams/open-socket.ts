import type { IncomingMessage } from "node:http";
import { CloseCode, type Server } from "graphql-ws";
import type { WebSocket } from "ws";
import type { Logger } from "../../kit/log";

/** What the protocol's callbacks know of a connection. */
export interface SocketExtra extends Record<PropertyKey, unknown> {
  readonly request: IncomingMessage;
}

const HEARTBEAT_MS = 12_000;

/**
 * Joins one socket of `ws` to the protocol. graphql-ws ships such an adapter, but that one prints clients' mistakes to standard error and tells
 * clients the messages of internal errors.
 */
export function openSocket(
  socket: WebSocket,
  request: IncomingMessage,
  protocol: Server<SocketExtra>,
  log: Logger,
): void {
  // Frames that break RFC 6455 or are too long: ws closes the connection with the fitting code by itself.
  socket.on("error", (err) => log.debug({ err }, "a socket broke"));

  const closed = protocol.opened(
    {
      protocol: socket.protocol,
      send: (data) =>
        new Promise((resolve, reject) => {
          if (socket.readyState !== socket.OPEN) return resolve();
          socket.send(data, (err) => (err ? reject(err) : resolve()));
        }),
      close: (code, reason) => socket.close(code, reason),
      onMessage: (handle) =>
        socket.on("message", (data: Buffer) => {
          handle(data.toString("utf8")).catch((err: unknown) => {
            log.error({ err }, "a message of a socket could not be handled");
            socket.close(CloseCode.InternalServerError, "Internal server error");
          });
        }),
    },
    { request },
  );

  // A peer that is gone without a word answers no ping: its subscriptions must not live on.
  let answered = true;
  socket.on("pong", () => {
    answered = true;
  });
  const heartbeat = setInterval(() => {
    if (!answered) return socket.terminate();
    answered = false;
    socket.ping();
  }, HEARTBEAT_MS);
  socket.once("close", (code, reason) => {
    clearInterval(heartbeat);
    Promise.resolve(closed(code, reason.toString("utf8"))).catch((err: unknown) =>
      log.error({ err }, "a closed socket could not be cleaned up"),
    );
  });
}
