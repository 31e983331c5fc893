import fs from "node:fs";
import net, { type AddressInfo } from "node:net";
import os from "node:os";
import path from "node:path";
import { VirtualHost } from "../routing/virtual-host";
import { Store } from "../storage/store";
import type { BrokerSettings } from "./broker-settings";
import { Connection } from "./connection";

export interface BrokerOptions {
  /** Where durable things live. Without it: a temporary directory that goes when the broker closes. */
  dataDirectory?: string | undefined;
  /** What the broker proposes; the client decides. 0 is none. */
  heartbeatSeconds?: number;
  /** How long a client may take to log in. */
  handshakeTimeoutMs?: number;
  frameMaxBytes?: number;
  channelMax?: number;
  /** False: there are no stream queues, as on RabbitMQ before 3.9. */
  streams?: boolean;
  /** The journal is rewritten once it is larger than this and mostly history. */
  compactAboveBytes?: number;
  /** A failed write: from here on nothing is safe, so the process should end. The default throws. */
  onStorageFailure?: (error: Error) => void;
}

/**
 * An AMQP 0-9-1 broker for development and tests: `listen`, and `close` when done. It opens its data at once and throws
 * when that is impossible.
 */
export class Broker {
  readonly settings: BrokerSettings;
  readonly store: Store;
  private readonly virtualHosts = new Map<string, VirtualHost>();
  private readonly connections = new Set<Connection>();
  private readonly server: net.Server;
  private readonly temporaryDirectory: string | undefined;
  private readonly hasStreams: boolean;

  constructor(options: BrokerOptions = {}) {
    this.hasStreams = options.streams ?? true;
    this.settings = {
      heartbeatSeconds: options.heartbeatSeconds ?? 60,
      handshakeTimeoutMs: options.handshakeTimeoutMs ?? 10_000,
      frameMaxBytes: options.frameMaxBytes ?? 131_072,
      channelMax: options.channelMax ?? 2_047,
    };
    if (!options.dataDirectory) this.temporaryDirectory = fs.mkdtempSync(path.join(os.tmpdir(), "amqp-"));
    const directory = options.dataDirectory || this.temporaryDirectory!;
    const fail = (error: Error): never => {
      throw error;
    };
    this.store = new Store(directory, options.compactAboveBytes ?? 16 * 1024 * 1024, options.onStorageFailure ?? fail);
    this.virtualHost("/");
    const host = {
      settings: this.settings,
      commit: this.store.commit,
      virtualHost: (name: string) => this.virtualHost(name),
    };
    this.server = net.createServer((socket) => {
      const connection = new Connection(host, socket, () => this.connections.delete(connection));
      this.connections.add(connection);
    });
  }

  /** A virtual host comes to be when it is first asked for: a development broker has no console to create one with. */
  virtualHost(name: string): VirtualHost {
    let host = this.virtualHosts.get(name);
    if (!host) this.virtualHosts.set(name, (host = new VirtualHost(name, this.store, this.hasStreams)));
    return host;
  }

  /** Resolves with the port, chosen by the system for 0; rejects with the system's error (EADDRINUSE ...). */
  listen(port: number, host = "127.0.0.1"): Promise<number> {
    return new Promise((resolve, reject) => {
      this.server.once("error", reject);
      this.server.listen(port, host, () => resolve((this.server.address() as AddressInfo).port));
    });
  }

  /** Tells every client (320 CONNECTION_FORCED), waits for them to hang up, at most a second, and closes the files. */
  async close(): Promise<void> {
    const stopped = new Promise<void>((resolve) => this.server.close(() => resolve()));
    await Promise.all([...this.connections].map((connection) => connection.shutDown()));
    await stopped;
    for (const host of this.virtualHosts.values()) host.close();
    this.store.close();
    if (this.temporaryDirectory) fs.rmSync(this.temporaryDirectory, { recursive: true, force: true });
  }
}
