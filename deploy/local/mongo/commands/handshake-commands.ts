import { Binary, UUID } from "bson";
import { CommandError } from "../errors";
import { createDocument, maxDocumentBytes } from "../values/document";
import type { Command, Commands } from "./command";

/** The release whose behaviour is imitated; the driver derives what it may send from the wire version. */
const version = [7, 0, 0, 0];
const maxWireVersion = 21;
/** Anything larger ends the connection. */
export const maxMessageBytes = 48_000_000;
export const maxWriteBatchSize = 100_000;

/** A standalone: no set name, so that drivers send neither transactions nor retryable writes. */
const hello: Command = {
  run: (_, { connectionId }) =>
    createDocument({
      helloOk: true,
      ismaster: true,
      isWritablePrimary: true,
      maxBsonObjectSize: maxDocumentBytes,
      maxMessageSizeBytes: maxMessageBytes,
      maxWriteBatchSize,
      localTime: new Date(),
      logicalSessionTimeoutMinutes: 30,
      connectionId,
      minWireVersion: 0,
      maxWireVersion,
      readOnly: false,
    }),
};
const done: Command = { run: () => createDocument() };
const buildInfo: Command = {
  run: () =>
    createDocument({
      version: version.slice(0, 3).join("."),
      versionArray: version,
      gitVersion: "tributary embedded development server",
      modules: ["embedded"],
      bits: 64,
      debug: false,
      maxBsonObjectSize: maxDocumentBytes,
    }),
};
const transactionEnd: Command = {
  run: () => {
    throw new CommandError(125, "this command must be run within a transaction");
  },
};
const startedAtMs = Date.now();

/** https://www.mongodb.com/docs/manual/reference/command/nav-diagnostic/ and nav-sessions/ */
export const handshakeCommands: Commands = {
  hello,
  isMaster: hello,
  ismaster: hello,
  ping: done,
  logout: done,
  endSessions: done,
  refreshSessions: done,
  killSessions: done,
  startSession: {
    run: () => createDocument({ id: { id: new Binary(new UUID().buffer, Binary.SUBTYPE_UUID) }, timeoutMinutes: 30 }),
  },
  commitTransaction: transactionEnd,
  abortTransaction: transactionEnd,
  buildInfo,
  buildinfo: buildInfo,
  serverStatus: {
    run: (_, { cursors }) => {
      const uptime = (Date.now() - startedAtMs) / 1000;
      const { rss } = process.memoryUsage();
      return createDocument({
        version: version.slice(0, 3).join("."),
        process: "tributary embedded development server",
        pid: process.pid,
        uptime,
        uptimeMillis: Math.round(uptime * 1000),
        localTime: new Date(),
        mem: { bits: 64, resident: Math.round(rss / 2 ** 20) },
        metrics: { cursor: { open: { total: cursors.size } } },
        storageEngine: { name: "embedded", persistent: true },
      });
    },
  },
};
