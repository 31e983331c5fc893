import { CommandError, asCommandError } from "../errors";
import { createDocument, type Document, isDocument } from "../values/document";
import { isNumeric, toNumber } from "../values/number";
import { collectionCommands } from "./collection-commands";
import { type Command, type CommandContext, type Commands, refuseUnknownFields } from "./command";
import { explainCommands } from "./explain-command";
import { handshakeCommands } from "./handshake-commands";
import { indexCommands } from "./index-commands";
import { readCommands } from "./read-commands";
import { writeCommands } from "./write-commands";

const commands: Commands = {
  ...handshakeCommands,
  ...readCommands,
  ...writeCommands,
  ...collectionCommands,
  ...indexCommands,
  ...explainCommands,
};

/** Fields any command may have: sessions, concerns, versioned API, comments. */
const genericFields = [
  ...["$db", "lsid", "$readPreference", "$clusterTime", "$comment", "comment", "maxTimeMS", "maxTimeMSOpOnly"],
  ...["readConcern", "writeConcern", "txnNumber", "startTransaction", "autocommit", "stmtId", "stmtIds"],
  ...["apiVersion", "apiStrict", "apiDeprecationErrors", "$configServerState", "$queryOptions"],
];

/** Runs a command to its end; every outcome is an answer. */
export function runCommand(command: Document, context: CommandContext): Document {
  try {
    return createDocument({ ...execute(command, context), ok: 1 });
  } catch (thrown) {
    const { message, code, codeName, details } = asCommandError(thrown);
    return createDocument({ ok: 0, errmsg: message, code, codeName, ...details });
  }
}

/** Whether the client waits until the write is on disk: https://www.mongodb.com/docs/manual/reference/write-concern/#j-option */
export function wantsJournal(command: Document): boolean {
  return isDocument(command.writeConcern) && command.writeConcern.j === true;
}

function execute(command: Document, context: CommandContext): Document {
  const name = Object.keys(command)[0] ?? "";
  const found = Object.hasOwn(commands, name) ? commands[name] : undefined;
  if (!found) throw new CommandError(59, `no such command: '${name}'`);
  if (found.fields) refuseUnknownFields(name, command, [name, ...found.fields, ...genericFields]);
  checkGeneric(command);
  return withinTime(found, command, context);
}

function checkGeneric(command: Document): void {
  if (command.txnNumber !== undefined || command.startTransaction !== undefined || command.autocommit !== undefined) {
    throw new CommandError(20, "Transaction numbers are only allowed on a replica set member or mongos");
  }
  if (command.apiVersion !== undefined && command.apiVersion !== "1") {
    throw new CommandError(322, `API version must be "1"`);
  }
  if (isDocument(command.readConcern)) {
    const { level } = command.readConcern;
    if (level === "snapshot" || level === "linearizable") {
      throw new CommandError(123, "node needs to be a replica set member to use read concern");
    }
    if (level !== undefined && !["local", "available", "majority"].includes(String(level))) {
      throw new CommandError(
        2,
        `Enumeration value '${String(level)}' for field 'readConcern.level' is not a valid value.`,
      );
    }
  }
  if (isDocument(command.writeConcern)) {
    const { w } = command.writeConcern;
    if (isNumeric(w) && toNumber(w) > 1) throw new CommandError(2, "cannot use 'w' > 1 when a host is not replicated");
    if (typeof w === "string" && w !== "majority") {
      throw new CommandError(2, `cannot use non-majority 'w' mode ${w} when a host is not a member of a replica set`);
    }
  }
}

/** A command cannot be interrupted, so a read that took too long is refused at its end; a write has happened and is answered. */
function withinTime(found: Command, command: Document, context: CommandContext): Document {
  const limitMs = command.maxTimeMS;
  if (limitMs !== undefined && (!isNumeric(limitMs) || !(toNumber(limitMs) >= 0))) {
    throw new CommandError(2, "maxTimeMS must be a non-negative number");
  }
  const startedMs = performance.now();
  const answer = found.run(command, context);
  const tooLong = isNumeric(limitMs) && toNumber(limitMs) > 0 && performance.now() - startedMs > toNumber(limitMs);
  if (found.readOnly && tooLong) throw new CommandError(50, "operation exceeded time limit");
  return answer;
}
