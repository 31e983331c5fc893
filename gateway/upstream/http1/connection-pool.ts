import { Connection, type ConnectionOwner } from "./connection";
import type { Exchange } from "./exchange";

/** Connections to one origin. They are kept open between requests, the latest used first. */
export interface ConnectionPool {
  /** Sends it over a free connection, a new one, or, when there are as many as may be, the first that becomes free. */
  send(exchange: Exchange): void;
  /** Ends when the exchanges that run have ended; what still waits for a connection is sent. */
  close(): Promise<void>;
}

const SWEEP_MS = 1_000;

export function createConnectionPool(origin: URL, options: { maxConnections: number }): ConnectionPool {
  const idle: Connection[] = [];
  const open = new Set<Connection>();
  /** First in, first out. A set, since an array that is emptied from its front never shrinks. */
  const waiting = new Set<Exchange>();
  let sweeper: NodeJS.Timeout | undefined;
  let closed: { readonly promise: Promise<void>; readonly resolve: () => void } | undefined;

  const sweep = () => {
    sweeper = undefined;
    const now = performance.now();
    for (const connection of [...idle]) if (connection.idleUntilMs <= now) connection.destroy();
    if (idle.length > 0) sweeper = setTimeout(sweep, SWEEP_MS).unref();
  };

  const next = (): Exchange | undefined => {
    for (const exchange of waiting) {
      waiting.delete(exchange);
      if (!exchange.isGivenUp) return exchange;
    }
    return undefined;
  };

  const owner: ConnectionOwner = {
    onFree: (connection, keepMs) => {
      const exchange = next();
      if (exchange) return connection.send(exchange);
      if (closed || keepMs <= 0) return connection.destroy();
      connection.idleUntilMs = performance.now() + keepMs;
      idle.push(connection);
      sweeper ??= setTimeout(sweep, SWEEP_MS).unref();
    },
    onClosed: (connection) => {
      open.delete(connection);
      const at = idle.indexOf(connection);
      if (at >= 0) idle.splice(at, 1);
      const exchange = next();
      if (exchange) begin(exchange);
      if (closed && open.size === 0) closed.resolve();
    },
  };

  const begin = (exchange: Exchange) => {
    const connection = new Connection(origin, owner);
    open.add(connection);
    connection.send(exchange);
  };

  return {
    send: (exchange) => {
      const now = performance.now();
      for (let connection = idle.pop(); connection; connection = idle.pop()) {
        if (connection.idleUntilMs > now) return connection.send(exchange);
        connection.destroy();
      }
      if (open.size < options.maxConnections) begin(exchange);
      else waiting.add(exchange);
    },
    close: () => {
      if (closed) return closed.promise;
      let resolve!: () => void;
      closed = { promise: new Promise<void>((done) => (resolve = done)), resolve: () => resolve() };
      clearTimeout(sweeper);
      for (const connection of [...idle]) connection.destroy();
      if (open.size === 0) resolve();
      return closed.promise;
    },
  };
}
