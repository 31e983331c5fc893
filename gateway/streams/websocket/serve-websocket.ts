import type { IncomingMessage, Server } from "node:http";
import type { Socket } from "node:net";
import type { Duplex } from "node:stream";
import { CloseCode, handleProtocols } from "graphql-ws";
import { type WebSocket, WebSocketServer } from "ws";
import type { Logger } from "../../../kit/log";
import type { Registry } from "../../../kit/metrics";
import type { Streams } from "../stream";
import { Connection, type ConnectionServices, type ConnectionSettings } from "./connection";
import { readUpgrade } from "./connection-parameters";
import type { WebSocketDoor } from "./door";
import { drainConnections } from "./drain-connections";
import { createHeartbeat } from "./heartbeat";
import { paceConnections } from "./intake";
import { createSocketMetrics } from "./socket-metrics";
import { createTurns } from "./turns";

export interface WebSocketSettings extends ConnectionSettings {
  /** Of one message of a client, in bytes. */
  readonly maxMessageBytes: number;
  /** Between two pings, in milliseconds. */
  readonly heartbeatMs: number;
  /** Over which clients are told to go away when the process ends, in milliseconds. */
  readonly drainMs: number;
  /** How long a client may take to say goodbye, in milliseconds. */
  readonly closeTimeoutMs: number;
}

const STANDARD: WebSocketSettings = {
  initTimeoutMs: 5_000,
  writeTimeoutMs: 15_000,
  maxOperations: 100,
  forwardHeaders: [],
  maxMessageBytes: 262_144,
  heartbeatMs: 10_000,
  drainMs: 1_000,
  closeTimeoutMs: 2_000,
};

/** A message of `maxMessageBytes` has room in so many packets and fragments; in more of them it costs many times its bytes. */
const MAX_PIECES = 2_048;

/** Options of `ws` 8.23; its types know the first only. */
interface SocketLimits {
  readonly maxPayload: number;
  readonly maxBufferedChunks: number;
  readonly maxFragments: number;
  readonly closeTimeout: number;
}

export interface WebSocketService {
  /** New sockets are refused and the open ones closed with 1001, spread over a short time; their subscriptions are not completed. */
  close(): Promise<void>;
}

/**
 * The `graphql-transport-ws` protocol on the gateway's HTTP server: docs/guides/websocket.md.
 *
 * The token comes with `connection_init` (browsers cannot set headers on a socket) or with the upgrade's `Authorization` header. It is checked
 * when the connection is made and again at each `subscribe`, because a connection outlives a token; a `ping` may bring a newer one.
 *
 * @param options.settings replaces standard ones
 */
export function serveWebSocket(options: {
  server: Server;
  path: string;
  door: WebSocketDoor;
  streams: Streams | undefined;
  log: Logger;
  metrics: Registry;
  settings?: Partial<WebSocketSettings>;
}): WebSocketService {
  const { server, path, door, streams, log } = options;
  const settings = { ...STANDARD, ...options.settings };
  const metrics = createSocketMetrics(options.metrics);
  const turns = createTurns();
  const services: ConnectionServices = { door, streams, settings, turns, metrics, log };
  const heartbeat = createHeartbeat(settings.heartbeatMs);
  const connections = new Set<Connection>();
  let isClosing = false;
  let onLastClosed: (() => void) | undefined;

  const limits: SocketLimits = {
    maxPayload: settings.maxMessageBytes,
    maxBufferedChunks: MAX_PIECES,
    maxFragments: MAX_PIECES,
    closeTimeout: settings.closeTimeoutMs,
  };
  const sockets = new WebSocketServer({
    ...limits,
    noServer: true,
    clientTracking: false,
    // A message is compressed for each socket anew, with a window of memory for each.
    perMessageDeflate: false,
    handleProtocols,
  });

  const accept = (ws: WebSocket, socket: Socket, req: IncomingMessage) => {
    // Frames that break RFC 6455 or are too long: ws closes the connection with the fitting code by itself.
    ws.on("error", logBroken);
    metrics.opened();
    if (!ws.protocol) {
      ws.once("close", (code) => metrics.closed(code));
      return ws.close(CloseCode.SubprotocolNotAcceptable, "Subprotocol not acceptable");
    }
    const connection = new Connection(ws, socket, readUpgrade(req, settings.forwardHeaders), services);
    connections.add(connection);
    heartbeat.add(connection);
    ws.on("message", (data: Buffer, isBinary) => connection.receive(data, isBinary));
    ws.once("close", (code) => {
      metrics.closed(code);
      heartbeat.remove(connection);
      connections.delete(connection);
      connection.closed();
      if (connections.size === 0) onLastClosed?.();
    });
  };
  const logBroken = (err: Error) => log.debug({ err }, "a socket broke");

  const onUpgrade = (req: IncomingMessage, socket: Duplex, head: Buffer) => {
    if (isClosing) return refuseUpgrade(socket, "503 Service Unavailable");
    if ((req.url ?? "/").split("?", 1)[0] !== path) return refuseUpgrade(socket, "404 Not Found");
    // WebSockets know no CORS: this check is what keeps other sites' pages out.
    if (!door.isOriginAllowed(req.headers.origin, req.headers.host)) return refuseUpgrade(socket, "403 Forbidden");
    // Node's server has let go of the socket, and ws does not have it yet.
    socket.on("error", destroy);
    turns.take("handshake", () => {
      socket.off("error", destroy);
      if (isClosing) return refuseUpgrade(socket, "503 Service Unavailable");
      // What upgrades on an HTTP server of Node is always a socket of `net`.
      sockets.handleUpgrade(req, socket, head, (ws) => accept(ws, socket as Socket, req));
    });
  };
  const stopPacing = paceConnections(server, turns);
  server.on("request", turns.asked);
  server.on("upgrade", onUpgrade);

  return {
    close: async () => {
      isClosing = true;
      const allClosed = new Promise<void>((resolve) => (onLastClosed = resolve));
      await drainConnections(connections, settings.drainMs);
      if (connections.size > 0) await allClosed;
      stopPacing();
      server.off("request", turns.asked);
      server.off("upgrade", onUpgrade);
      heartbeat.close();
    },
  };
}

function refuseUpgrade(socket: Duplex, status: string): void {
  socket.on("error", destroy);
  socket.end(`HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`, () => socket.destroy());
}

/** Listens to the errors of a socket that nobody else has at the moment. */
function destroy(this: Duplex): void {
  this.destroy();
}
