import type { Socket } from "node:net";
import { maxMessageBytes } from "../commands/handshake-commands";
import { asCommandError } from "../errors";
import { createDocument, type Document } from "../values/document";
import { encodeAnswer, headerBytes, isLegacy, isSilent, parseMessage, ProtocolError, requestIdOf } from "./message";

/** Answers not yet taken by a slow client beyond which nothing more is read from it. */
const mostUnsentBytes = 64 * 1024 * 1024;

/** Cuts a connection's bytes into messages and answers them in order. Bytes that are no message end the connection. */
export function serveConnection(socket: Socket, answer: (command: Document) => Promise<Document>): void {
  const chunks: Buffer[] = [];
  let received = 0;
  let queue = Promise.resolve();
  socket.setNoDelay(true);
  // A reset by the client is no event for the server.
  socket.on("error", () => socket.destroy());
  socket.on("data", (chunk: Buffer) => {
    chunks.push(chunk);
    received += chunk.length;
    for (let message = take(); message; message = take()) {
      const whole = message;
      queue = queue.then(() => respond(socket, whole, answer));
    }
  });

  /** The next whole message. Chunks are joined only when one is complete: a long message costs no repeated copying. */
  function take(): Buffer | undefined {
    if (received < headerBytes) return undefined;
    let first = chunks[0] as Buffer;
    if (first.length < 4) first = join();
    const length = first.readInt32LE(0);
    if (length < headerBytes || length > maxMessageBytes) {
      socket.destroy();
      chunks.length = 0;
      received = 0;
      return undefined;
    }
    if (received < length) return undefined;
    const all = first.length >= length ? first : join();
    chunks[0] = all.subarray(length);
    received -= length;
    if (chunks[0].length === 0) chunks.shift();
    return all.subarray(0, length);
  }

  function join(): Buffer {
    const all = Buffer.concat(chunks);
    chunks.length = 0;
    chunks.push(all);
    return all;
  }
}

async function respond(
  socket: Socket,
  message: Buffer,
  answer: (command: Document) => Promise<Document>,
): Promise<void> {
  if (socket.destroyed) return;
  try {
    const reply = await answer(parseMessage(message)).catch(refusal);
    if (!isSilent(message)) send(socket, encodeAnswer(requestIdOf(message), reply, isLegacy(message)));
  } catch (thrown) {
    // What is no message of this protocol cannot be answered.
    if (thrown instanceof ProtocolError) socket.destroy();
    else if (isSilent(message)) return;
    else send(socket, encodeAnswer(requestIdOf(message), refusal(thrown), isLegacy(message)));
  }
}

function refusal(thrown: unknown): Document {
  const { message: errmsg, code, codeName } = asCommandError(thrown);
  return createDocument({ ok: 0, errmsg, code, codeName });
}

function send(socket: Socket, parts: readonly Buffer[]): void {
  if (socket.destroyed) return;
  socket.cork();
  for (const part of parts) socket.write(part);
  socket.uncork();
  if (socket.writableLength > mostUnsentBytes && !socket.isPaused()) {
    socket.pause();
    socket.once("drain", () => socket.resume());
  }
}
