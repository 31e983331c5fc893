import { Counter, Gauge, type Registry } from "../../../kit/metrics";

/** Why a socket was given up without a word. */
export type Loss =
  /** No answer to a ping. */
  | "silent"
  /** Nothing taken of what waited for it. */
  | "stalled";

export interface SocketMetrics {
  opened(): void;
  /** @param code of the close frame, 1006 when there was none */
  closed(code: number): void;
  lost(loss: Loss): void;
}

/** Codes that this protocol or RFC 6455 knows; a client may send any number of others. */
const KNOWN_CODES = new Set([
  1000, 1001, 1002, 1003, 1005, 1006, 1007, 1008, 1009, 1011, 1012, 1013, 4400, 4401, 4403, 4406, 4408, 4409, 4429,
  4500,
]);

export function createSocketMetrics(metrics: Registry): SocketMetrics {
  const connections = new Gauge({
    name: "gateway_socket_connections",
    help: "Open WebSocket connections.",
    registers: [metrics],
  });
  const closed = new Counter({
    name: "gateway_socket_closed_total",
    help: "WebSocket connections that ended, by the code of the close frame.",
    labelNames: ["code"],
    registers: [metrics],
  });
  const lost = new Counter({
    name: "gateway_socket_lost_total",
    help: "WebSocket connections given up: silent answered no ping, stalled took nothing of what waited for it.",
    labelNames: ["reason"],
    registers: [metrics],
  });
  return {
    opened: () => connections.inc(),
    closed: (code) => {
      connections.dec();
      closed.inc({ code: KNOWN_CODES.has(code) ? String(code) : "other" });
    },
    lost: (reason) => lost.inc({ reason }),
  };
}
