import { CommandError } from "../errors";
import { createDocument, decodeDocument, type Document, encodeDocument } from "../values/document";
import { crc32c } from "./crc32c";

/** https://www.mongodb.com/docs/manual/reference/mongodb-wire-protocol/ */
export const opcodes = { reply: 1, query: 2004, message: 2013 } as const;
export const headerBytes = 16;

/** A message that cannot be answered: the connection is closed. */
export class ProtocolError extends Error {}

const checksumPresent = 1;
const moreToCome = 2;

/** Whether a message wants no answer, read from its flags alone so that it also holds for one that cannot be parsed. */
export function isSilent(message: Buffer): boolean {
  return opcodeOf(message) === opcodes.message && message.length >= 20 && (message.readUInt32LE(16) & moreToCome) !== 0;
}

export function requestIdOf(message: Buffer): number {
  return message.readInt32LE(4);
}

export function isLegacy(message: Buffer): boolean {
  return opcodeOf(message) === opcodes.query;
}

/**
 * @throws CommandError for a message whose content is wrong: it is answered.
 * @throws ProtocolError for one that is no message of this protocol.
 */
export function parseMessage(message: Buffer): Document {
  const opcode = opcodeOf(message);
  if (opcode === opcodes.message) return parseOpMsg(message);
  if (opcode === opcodes.query) return parseOpQuery(message);
  throw new ProtocolError(`the opcode ${opcode} is not supported`);
}

export function encodeAnswer(requestId: number, answer: Document, legacy: boolean): Buffer[] {
  const body = encodeDocument(answer);
  const header = Buffer.alloc(legacy ? 36 : 21);
  header.writeInt32LE(header.length + body.byteLength, 0);
  header.writeInt32LE(requestId, 8);
  header.writeInt32LE(legacy ? opcodes.reply : opcodes.message, 12);
  if (legacy) {
    // responseFlags AwaitCapable, cursor id 0, starting from 0, one document.
    header.writeInt32LE(8, 16);
    header.writeInt32LE(1, 32);
  }
  return [header, Buffer.from(body.buffer, body.byteOffset, body.byteLength)];
}

function opcodeOf(message: Buffer): number {
  return message.readInt32LE(12);
}

/** Only the first `hello` of a connection may come this way. */
function parseOpQuery(message: Buffer): Document {
  const nameEnd = message.indexOf(0, 20);
  if (nameEnd < 0) throw new ProtocolError("OP_QUERY without a collection name");
  const name = message.toString("utf8", 20, nameEnd);
  const command = decodeDocument(slice(message, nameEnd + 9, message.length));
  const first = Object.keys(command)[0] ?? "";
  if (!name.endsWith(".$cmd") || !["hello", "isMaster", "ismaster"].includes(first)) {
    throw new CommandError(352, `Unsupported OP_QUERY command: ${first}. The client driver may require an upgrade.`);
  }
  command.$db = name.slice(0, -".$cmd".length);
  return command;
}

/** A body (kind 0) and sequences of documents (kind 1) that stand for array fields of the body. */
function parseOpMsg(message: Buffer): Document {
  if (message.length < 21) throw new ProtocolError("OP_MSG without a body");
  const flags = message.readUInt32LE(16);
  if (flags & 0xffff & ~(checksumPresent | moreToCome)) throw new ProtocolError("OP_MSG with unknown required flags");
  let end = message.length;
  if (flags & checksumPresent) {
    end -= 4;
    if (message.readUInt32LE(end) !== crc32c(message.subarray(0, end))) {
      throw new ProtocolError("OP_MSG checksum does not match contents");
    }
  }
  let command: Document | undefined;
  const sequences = createDocument();
  for (let at = 20; at < end;) {
    const kind = message[at];
    const section = slice(message, at + 1, end);
    if (kind === 0 && !command) command = decodeDocument(section);
    else if (kind === 1) {
      const { name, documents } = parseSequence(section);
      if (name in sequences) throw new CommandError(2, `Duplicate document sequence: ${name}`);
      sequences[name] = documents;
    } else throw new CommandError(2, kind === 0 ? "OP_MSG with two bodies" : `Unknown section kind: ${kind}`);
    at += 1 + section.length;
  }
  if (!command) throw new CommandError(2, "OP_MSG messages must have a body");
  for (const name of Object.keys(sequences)) {
    if (name in command) throw new CommandError(2, `Body and document sequence both have the field '${name}'`);
    command[name] = sequences[name];
  }
  if (typeof command.$db !== "string") throw new CommandError(40571, "OP_MSG requests require a $db argument");
  return command;
}

function parseSequence(section: Buffer): { name: string; documents: Document[] } {
  const nameEnd = section.indexOf(0, 4);
  if (nameEnd < 0) throw new CommandError(22, "invalid document sequence: no identifier");
  const documents: Document[] = [];
  for (let at = nameEnd + 1; at < section.length;) {
    const document = slice(section, at, section.length);
    documents.push(decodeDocument(document));
    at += document.length;
  }
  return { name: section.toString("utf8", 4, nameEnd), documents };
}

/** The part that starts with its own length. */
function slice(bytes: Buffer, start: number, end: number): Buffer {
  const length = start + 4 <= end ? bytes.readInt32LE(start) : 0;
  if (length < 5 || start + length > end) throw new CommandError(22, "invalid BSON: a length does not fit the message");
  return bytes.subarray(start, start + length);
}
