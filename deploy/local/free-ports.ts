import net from "node:net";

/**
 * Between the ports people choose by hand and the ones systems hand out for outgoing connections (from 32768 on Linux,
 * 49152 elsewhere). A server keeps its port over restarts, and while it is down no client's own end may sit on it.
 */
const firstPort = 20_000;
const lastPort = 32_000;
const maxTries = 1_000;

/** Distinct ports nobody listens on, free at the time of asking. */
export async function findFreePorts(count: number): Promise<number[]> {
  const held: net.Server[] = [];
  try {
    for (let tries = 0; held.length < count; tries++) {
      if (tries > maxTries) throw new Error(`no ${count} free ports between ${firstPort} and ${lastPort}`);
      const port = firstPort + Math.floor(Math.random() * (lastPort - firstPort));
      const server = await hold(port, "127.0.0.1");
      if (server) held.push(server);
    }
    return held.map((server) => (server.address() as net.AddressInfo).port);
  } finally {
    await Promise.all(held.map(release));
  }
}

/** Listens on a port to keep it; undefined when somebody else does. @throws what else listen(2) refuses, e.g. EACCES */
export function hold(port: number, host: string | undefined): Promise<net.Server | undefined> {
  return new Promise((resolve, reject) => {
    const server = net.createServer();
    server.once("error", (error: NodeJS.ErrnoException) => {
      if (error.code === "EADDRINUSE") resolve(undefined);
      else reject(error);
    });
    server.listen({ port, host, exclusive: true }, () => resolve(server));
  });
}

export function release(server: net.Server): Promise<void> {
  return new Promise((resolve) => server.close(() => resolve()));
}
