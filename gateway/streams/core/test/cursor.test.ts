import { Writable } from "node:stream";
import fc from "fast-check";
import pino from "pino";
import { newId } from "../../../../kit/ids";
import { createLogger } from "../../../../kit/log";
import { createCursorCodec } from "../cursor";

const log = createLogger("test", "silent");
const codec = (...secrets: string[]) => createCursorCodec({ secrets, log });
const [OLD, NEW] = ["old secret".padEnd(32, "."), "new secret".padEnd(32, ".")];
const position = { offset: 123_456_789, id: newId() };

test("a cursor says where it was written, whatever the id and however far the log", () => {
  const { encode, decode } = codec(NEW);
  fc.assert(
    fc.property(fc.nat(2 ** 31), fc.nat(2 ** 16), fc.string({ maxLength: 60, unit: "grapheme" }), (low, high, id) => {
      const one = { offset: high * 2 ** 31 + low, id };
      expect(decode(encode(one))).toEqual(one);
    }),
  );
  expect(decode(encode(position))).toEqual(position);
  expect(decode(encode({ offset: 2 ** 48 - 1, id: "x".repeat(255) }))).toEqual({
    offset: 2 ** 48 - 1,
    id: "x".repeat(255),
  });
});

test("an id in capitals comes back as it was", () => {
  const { encode, decode } = codec(NEW);
  const shouted = { offset: 1, id: position.id.toUpperCase() };
  expect(decode(encode(shouted))).toEqual(shouted);
});

test("each place has its own cursor, also when another was asked for before", () => {
  const { encode, decode } = codec(NEW);
  const mutable = { ...position };
  const places = [position, { ...position, offset: 1 }, { ...position, id: newId() }, position];
  const cursors = places.map(encode);
  expect(cursors.map(decode)).toEqual(places);
  expect(cursors[3]).toBe(cursors[0]);
  encode(mutable);
  mutable.offset++;
  expect(decode(encode(mutable))).toEqual(mutable);
});

test("a cursor is short", () => {
  expect(codec(NEW).encode(position)).toMatch(/^[\w-]{54}$/);
});

test("no changed character goes unnoticed", () => {
  const { encode, decode } = codec(NEW);
  const cursor = encode(position);
  for (let at = 0; at < cursor.length; at++) {
    for (const other of ["A", "_", "=", " ", "é"]) {
      if (cursor[at] === other) continue;
      expect(decode(cursor.slice(0, at) + other + cursor.slice(at + 1))).toBeUndefined();
    }
    expect(decode(cursor.slice(0, at))).toBeUndefined();
  }
  expect(decode(`${cursor}A`)).toBeUndefined();
});

test.each(["", "x", "null", "AAAA", "A".repeat(54), "A".repeat(100_000), "../../etc/passwd", "\0".repeat(54), "💣"])(
  "text that is no cursor is none: %j",
  (text) => {
    expect(codec(NEW).decode(text)).toBeUndefined();
  },
);

test("another secret's cursor is none", () => {
  expect(codec(NEW).decode(codec(OLD).encode(position))).toBeUndefined();
});

test("while a secret is replaced both are accepted and the first one signs", () => {
  const both = codec(NEW, OLD);
  expect(both.decode(codec(OLD).encode(position))).toEqual(position);
  expect(both.encode(position)).toBe(codec(NEW).encode(position));
});

test("without a secret each process has its own, and says so once", () => {
  const lines: string[] = [];
  const told = pino({}, new Writable({ write: (line: Buffer, _, done) => (lines.push(line.toString()), done()) }));
  const one = createCursorCodec({ secrets: [], log: told });
  expect(one.decode(one.encode(position))).toEqual(position);
  expect(codec().decode(one.encode(position))).toBeUndefined();
  expect(lines).toHaveLength(1);
  expect(lines[0]).toContain("CURSOR_SECRET");
});
