import { createServer, type RequestListener, type Server } from "node:http";
import type { AddressInfo, Socket } from "node:net";

export interface HttpListener {
  readonly server: Server;
  /** The port that the system gave when 0 was asked for. */
  readonly port: number;
  /** Stops accepting, lets running requests end, then drops what is left. */
  close(): Promise<void>;
}

const DRAIN_MS = 5_000;
/**
 * Connections that may wait for the process. Of Node's usual 511 a flood keeps only the first; the others knock again after 1, 3, 7, 15 and more seconds. The
 * system lowers it to its own limit (on Linux `net.core.somaxconn`, 4096).
 */
const BACKLOG = 16_384;

/**
 * @param options.host address to bind, such as "127.0.0.1"
 * @throws ListenError with a sentence that names the setting when the port is taken or not allowed
 */
export async function listen(
  listener: RequestListener,
  options: { port: number; host: string; drainMs?: number },
): Promise<HttpListener> {
  const server = createServer({ keepAliveTimeout: 65_000 }, listener);
  await new Promise<void>((resolve, reject) => {
    server.once("error", (cause: NodeJS.ErrnoException) => reject(explain(cause, options)));
    server.listen({ port: options.port, host: options.host, backlog: BACKLOG }, () => resolve());
  });
  const sockets = new Set<Socket>();
  server.on("connection", (socket) => {
    sockets.add(socket);
    socket.once("close", () => sockets.delete(socket));
  });
  return {
    server,
    port: (server.address() as AddressInfo).port,
    close: () =>
      new Promise<void>((resolve) => {
        const force = setTimeout(() => server.closeAllConnections(), options.drainMs ?? DRAIN_MS);
        server.close(() => {
          clearTimeout(force);
          resolve();
        });
        server.closeIdleConnections();
        // That leaves out connections that have never sent a request, such as those a browser opens in advance.
        for (const socket of sockets) if (socket.bytesRead === 0) socket.destroy();
      }),
  };
}

export class ListenError extends Error {
  override readonly name = "ListenError";
}

function explain(cause: NodeJS.ErrnoException, { port, host }: { port: number; host: string }): Error {
  switch (cause.code ?? "") {
    case "EADDRINUSE":
      return new ListenError(`Port ${port} on ${host} is in use; set PORT to another one.`, { cause });
    case "EACCES":
      return new ListenError(`Port ${port} needs more rights than this user has; set PORT to one above 1023.`, {
        cause,
      });
    case "EADDRNOTAVAIL":
    case "ENOTFOUND":
      return new ListenError(`This machine has no address "${host}"; set HOST to one it has.`, { cause });
    default:
      return cause;
  }
}
