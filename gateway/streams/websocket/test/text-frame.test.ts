import { PassThrough } from "node:stream";
import { writeOwnFrame, writeTextFrame } from "../text-frame";

const written = (write: (socket: PassThrough) => void): Buffer => {
  const socket = new PassThrough({ decodeStrings: true });
  write(socket);
  return socket.read() as Buffer;
};

test.each([
  ["nothing", ""],
  ["a short text", '{"type":"pong"}'],
  ["the longest with a head of two bytes", "a".repeat(125)],
  ["the shortest with a longer one", "a".repeat(126)],
  ["the longest with a head of four bytes", "a".repeat(0xffff)],
  ["more", "a".repeat(0x10000)],
  ["text that is no ASCII", "Größe ✓ ".repeat(20)],
  ["Latin-1, whose bytes as UTF-8 are others", "é".repeat(200)],
])("%s makes one frame, alone or with a shared end", (_, text) => {
  const own = written((socket) => writeOwnFrame(socket, text));
  const bytes = Buffer.from(text);
  expect(own[0]).toBe(0x81);
  expect(own.subarray(own.length - bytes.length)).toEqual(bytes);
  const half = Math.floor(text.length / 2);
  const prefix = text.slice(0, half);
  const shared = Buffer.from(text.slice(half));
  expect(written((socket) => writeTextFrame(socket, prefix, Buffer.byteLength(prefix), shared))).toEqual(own);
});
