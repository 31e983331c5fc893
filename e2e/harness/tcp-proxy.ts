import net from "node:net";

/** A TCP server in front of another one, whose network can be broken. */
export interface TcpProxy {
  readonly port: number;
  /** Resets every connection and refuses new ones, as a host does whose server was killed. */
  refuse(): Promise<void>;
  /** Listens again, on the same port. */
  accept(): Promise<void>;
  /** Resets every connection; new ones are welcome. */
  reset(): void;
  /** Lets no byte through in either direction, with every connection left open, until `resume`. */
  hold(): void;
  resume(): void;
  close(): Promise<void>;
}

/** @param target where the real server listens */
export async function startTcpProxy(target: { host: string; port: number }): Promise<TcpProxy> {
  const pairs = new Set<[net.Socket, net.Socket]>();
  let held = false;

  const server = net.createServer({ noDelay: true }, (client) => {
    const upstream = net.connect({ ...target, noDelay: true });
    const pair: [net.Socket, net.Socket] = [client, upstream];
    pairs.add(pair);
    for (const [from, to] of [pair, [upstream, client] as const]) {
      from.on("data", (chunk) => {
        if (!to.write(chunk)) from.pause();
      });
      to.on("drain", () => held || from.resume());
      from.on("end", () => to.end());
      // The other end learns of it by the close below.
      from.on("error", () => undefined);
      from.on("close", () => {
        to.destroy();
        pairs.delete(pair);
      });
    }
    if (held) pair.forEach((socket) => socket.pause());
  });
  await listen(server, 0);
  const { port } = server.address() as net.AddressInfo;

  const reset = () => pairs.forEach((pair) => pair.forEach((socket) => socket.resetAndDestroy()));
  const refuse = async () => {
    if (!server.listening) return;
    const closed = new Promise<void>((resolve) => server.close(() => resolve()));
    reset();
    await closed;
  };
  return {
    port,
    refuse,
    accept: () => (server.listening ? Promise.resolve() : listen(server, port)),
    reset,
    hold: () => {
      held = true;
      pairs.forEach((pair) => pair.forEach((socket) => socket.pause()));
    },
    resume: () => {
      held = false;
      pairs.forEach((pair) => pair.forEach((socket) => socket.resume()));
    },
    close: refuse,
  };
}

function listen(server: net.Server, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, "127.0.0.1", () => {
      server.off("error", reject);
      resolve();
    });
  });
}
