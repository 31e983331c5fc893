import { type AddressInfo, createServer, type Server, type Socket } from "node:net";
import { join } from "node:path";
import { tryLock } from "../bootstrap/file-lock.cjs";
import { CursorStore } from "./commands/cursor-store";
import { runCommand, wantsJournal } from "./commands/run-command";
import { expireDocuments } from "./expire-documents";
import { Catalog } from "./storage/catalog";
import { Journal } from "./storage/journal";
import type { Document } from "./values/document";
import { serveConnection } from "./wire/serve-connection";

export interface MongoServerOptions {
  readonly host?: string;
  /** 0 for any free port. */
  readonly port?: number;
  /** Where documents outlive the process; without it they live in memory only. */
  readonly directory?: string;
  /** How far the journal grows before a snapshot replaces it. */
  readonly compactAfterBytes?: number;
  /** The disk refused a write; the server has stopped answering. */
  readonly onFailure?: (error: Error) => void;
}

export interface MongoServer {
  readonly port: number;
  readonly url: string;
  /** Deletes what TTL indexes say is older than `nowMs`; the server does so by itself every minute. */
  expire(nowMs: number): number;
  /** Ends all connections after the answers under way, writes everything to disk and gives up the data directory. */
  close(): Promise<void>;
}

/** How often the server deletes expired documents: https://www.mongodb.com/docs/manual/core/index-ttl/#timing-of-the-delete-operation */
const housekeepingMs = 60_000;

/**
 * Starts a MongoDB server for development: the wire protocol of a standalone, as far as the drivers and this platform need it.
 * What it cannot do it refuses with the code a real server would answer.
 * @throws Error when the port is taken, or the data directory in use or damaged.
 */
export async function startMongoServer(options: MongoServerOptions = {}): Promise<MongoServer> {
  const { host = "127.0.0.1", port = 0, directory, compactAfterBytes = 16 * 1024 * 1024 } = options;
  const lock = directory === undefined ? undefined : lockDirectory(directory);
  const sockets = new Set<Socket>();
  const cursors = new CursorStore();
  let journal: Journal | undefined;
  const catalog = new Catalog((entry) => journal?.append(entry));
  const server = createServer();
  try {
    if (directory !== undefined) {
      journal = await Journal.open({
        directory,
        compactAfterBytes,
        onEntry: (entry) => catalog.replay(entry),
        history: () => catalog.history(),
        onFailure: (error) => {
          for (const socket of sockets) socket.destroy();
          server.close();
          options.onFailure?.(error);
        },
      });
    }
    await listen(server, port, host);
  } catch (error) {
    await journal?.close();
    lock?.release();
    throw error;
  }

  // Running out of file descriptors refuses one connection; it does not end the server.
  server.on("error", () => {});
  let connections = 0;
  server.on("connection", (socket) => {
    const connectionId = ++connections;
    sockets.add(socket);
    socket.on("close", () => sockets.delete(socket));
    serveConnection(socket, (command) => answer(command, connectionId));
  });

  async function answer(command: Document, connectionId: number): Promise<Document> {
    const reply = runCommand(command, { catalog, cursors, database: String(command.$db), connectionId });
    // Nobody hears of a change before it would survive the death of this process.
    await journal?.flush(wantsJournal(command));
    return reply;
  }

  const housekeeping = setInterval(() => {
    expireDocuments(catalog, Date.now());
    cursors.closeIdle(Date.now());
  }, housekeepingMs);
  housekeeping.unref();

  const { port: actualPort } = server.address() as AddressInfo;
  let closing: Promise<void> | undefined;
  return {
    port: actualPort,
    url: `mongodb://${host}:${actualPort}`,
    expire: (nowMs) => expireDocuments(catalog, nowMs),
    close: () => (closing ??= shutDown()),
  };

  async function shutDown(): Promise<void> {
    clearInterval(housekeeping);
    const closed = new Promise<void>((resolve) => server.close(() => resolve()));
    await journal?.flush(false);
    for (const socket of sockets) socket.destroy();
    await closed;
    await journal?.close();
    lock?.release();
  }
}

/** @throws Error that names the process using the directory. */
function lockDirectory(directory: string): { release(): void } {
  const lock = tryLock(join(directory, "server.lock"));
  if (lock.heldBy === undefined) return lock;
  throw new Error(
    `another server (process ${lock.heldBy}) is using ${directory}: stop it, or set MONGO_DATA_DIR to another directory`,
  );
}

function listen(server: Server, port: number, host: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, host, () => {
      server.off("error", reject);
      resolve();
    });
  });
}
