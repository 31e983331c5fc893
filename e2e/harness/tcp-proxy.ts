import net from "node:net";
import { type SeededRandom, seededRandom } from "./seeded-random";

/** A TCP server in front of another one, whose network can be broken. What is bad stays bad until `heal`. */
export interface TcpProxy {
  readonly port: number;
  /** Resets every connection and refuses new ones, as a host does whose server was killed. */
  refuse(): Promise<void>;
  /** Listens again, on the same port. */
  accept(): Promise<void>;
  /** Resets every connection; new ones are welcome. */
  reset(): void;
  /** A black hole: lets no byte through in either direction, with every connection left open, until `resume`. */
  hold(): void;
  resume(): void;
  /** The connections of now are a black hole for ever, as after a firewall forgot them; new ones are welcome. */
  abandon(): void;
  /** Every piece of data waits so long, and up to `jitterMs` longer; the order of a connection is kept. */
  delay(ms: number, jitterMs?: number): void;
  /** Data goes through in pieces of so many bytes, one each `everyMs`. */
  drip(bytes: number, everyMs: number): void;
  /** Ends one direction of every connection; the other one goes on. */
  halfClose(side: "client" | "server"): void;
  /** As if nothing had happened; connections that were broken stay so. */
  heal(): Promise<void>;
  close(): Promise<void>;
}

interface Pair {
  readonly client: net.Socket;
  readonly upstream: net.Socket;
  abandoned: boolean;
}

interface Network {
  held: boolean;
  delayMs: number;
  jitterMs: number;
  drip: { bytes: number; everyMs: number } | undefined;
  /** Who waits for an end of the hold. */
  readonly waiting: Set<() => void>;
  readonly random: SeededRandom;
}

/**
 * @param target where the real server listens
 * @param seed of the jitter
 */
export async function startTcpProxy(target: { host: string; port: number }, seed = 1): Promise<TcpProxy> {
  const pairs = new Set<Pair>();
  const network: Network = {
    held: false,
    delayMs: 0,
    jitterMs: 0,
    drip: undefined,
    waiting: new Set(),
    random: seededRandom(seed),
  };

  const server = net.createServer({ noDelay: true, allowHalfOpen: true }, (client) => {
    const upstream = net.connect({ ...target, noDelay: true, allowHalfOpen: true });
    const pair = { client, upstream, abandoned: false };
    pairs.add(pair);
    for (const [from, to] of [
      [client, upstream],
      [upstream, client],
    ] as const) {
      carry(from, to, pair, network);
      // The other end learns of it by the close below.
      from.on("error", () => undefined);
      from.on("close", () => {
        to.destroy();
        pairs.delete(pair);
      });
    }
  });
  await listen(server, 0);
  const { port } = server.address() as net.AddressInfo;

  const reset = () => {
    for (const { client, upstream } of pairs) {
      client.resetAndDestroy();
      upstream.resetAndDestroy();
    }
  };
  const refuse = async () => {
    if (!server.listening) return;
    const closed = new Promise<void>((resolve) => server.close(() => resolve()));
    reset();
    await closed;
  };
  const accept = () => (server.listening ? Promise.resolve() : listen(server, port));
  const resume = () => {
    network.held = false;
    for (const go of [...network.waiting]) go();
  };
  return {
    port,
    refuse,
    accept,
    reset,
    hold: () => {
      network.held = true;
    },
    resume,
    abandon: () => pairs.forEach((pair) => (pair.abandoned = true)),
    delay: (ms, jitterMs = 0) => void Object.assign(network, { delayMs: ms, jitterMs }),
    drip: (bytes, everyMs) => {
      network.drip = { bytes, everyMs };
    },
    halfClose: (side) => {
      for (const pair of pairs) (side === "client" ? pair.client : pair.upstream).end();
    },
    heal: async () => {
      Object.assign(network, { delayMs: 0, jitterMs: 0, drip: undefined });
      resume();
      await accept();
    },
    close: refuse,
  };
}

/** One direction of a connection: what comes is taken piece by piece, so that a slow way is felt by who sends. */
function carry(from: net.Socket, to: net.Socket, pair: Pair, network: Network): void {
  const isGone = () => from.destroyed || to.destroyed;
  const isHeld = () => (network.held || pair.abandoned) && !isGone();
  const whenClosed = (then: () => void) => {
    from.once("close", then);
    to.once("close", then);
    return () => {
      from.off("close", then);
      to.off("close", then);
    };
  };
  const pause = (ms: number) =>
    new Promise<void>((resolve) => {
      const done = () => {
        clearTimeout(timer);
        forget();
        resolve();
      };
      const timer = setTimeout(done, ms);
      const forget = whenClosed(done);
    });
  const passage = () =>
    new Promise<void>((resolve) => {
      const go = () => {
        network.waiting.delete(go);
        forget();
        resolve();
      };
      network.waiting.add(go);
      const forget = whenClosed(go);
    });
  const write = async (piece: Buffer) => {
    while (isHeld()) await passage();
    if (isGone() || to.writableEnded || to.write(piece)) return;
    await new Promise<void>((resolve) => {
      const done = () => {
        to.off("drain", done);
        forget();
        resolve();
      };
      to.once("drain", done);
      const forget = whenClosed(done);
    });
  };
  const pass = async (chunk: Buffer) => {
    const { delayMs, jitterMs, random } = network;
    if (delayMs + jitterMs > 0) await pause(delayMs + random.next() * jitterMs);
    for (let at = 0; at < chunk.length && !isGone();) {
      const { drip } = network;
      const piece = drip ? chunk.subarray(at, at + drip.bytes) : chunk.subarray(at);
      await write(piece);
      at += piece.length;
      if (drip && at < chunk.length) await pause(drip.everyMs);
    }
  };
  let passing: Promise<void> = Promise.resolve();
  from.on("data", (chunk: Buffer) => {
    from.pause();
    passing = pass(chunk).then(() => void from.resume());
  });
  from.on("end", () => {
    void passing
      .then(async () => {
        while (isHeld()) await passage();
      })
      .then(() => to.end());
  });
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
