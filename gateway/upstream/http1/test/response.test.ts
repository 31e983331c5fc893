import fc from "fast-check";
import { ChunkedBody } from "../chunked-body";
import { readResponseHead } from "../response-head";

const head = (...lines: string[]) => readResponseHead(["HTTP/1.1 200 OK", ...lines].join("\r\n"));

describe("the head of a response", () => {
  it("tells status, type, coding and how the body ends", () => {
    expect(head("Content-Type: application/json", "CONTENT-LENGTH:  12 ", "content-encoding: GZIP")).toEqual({
      status: 200,
      contentType: "application/json",
      contentEncoding: "gzip",
      framing: { kind: "length", bytes: 12 },
      isPersistent: true,
      keepAliveS: undefined,
    });
    expect(head("transfer-encoding: Chunked")?.framing).toEqual({ kind: "chunked" });
  });

  it("without a length or chunks goes on to the end of the connection", () => {
    expect(head()).toMatchObject({ framing: { kind: "until-close" }, isPersistent: false });
  });

  it.each([
    ["HTTP/1.1 204 No Content", { kind: "length", bytes: 0 }],
    ["HTTP/1.1 304 Not Modified", { kind: "length", bytes: 0 }],
    ["HTTP/1.1 100 Continue", { kind: "length", bytes: 0 }],
  ])("%s has no body", (line, framing) => {
    expect(readResponseHead(`${line}\r\ncontent-length: 10`)?.framing).toEqual(framing);
  });

  it("says whether and how long the connection is kept", () => {
    expect(head("content-length: 0", "connection: close")?.isPersistent).toBe(false);
    expect(head("content-length: 0", "Connection: foo, Close")?.isPersistent).toBe(false);
    expect(head("content-length: 0", "keep-alive: max=5, timeout=7")?.keepAliveS).toBe(7);
    expect(readResponseHead("HTTP/1.0 200 OK\r\ncontent-length: 0")?.isPersistent).toBe(false);
    expect(readResponseHead("HTTP/1.0 200 OK\r\ncontent-length: 0\r\nconnection: keep-alive")?.isPersistent).toBe(true);
  });

  it.each([
    ["another protocol", "HTTP/2 200"],
    ["no status", "HTTP/1.1 OK"],
    ["two lengths that differ", "HTTP/1.1 200 OK\r\ncontent-length: 1\r\ncontent-length: 2"],
    ["a list of lengths", "HTTP/1.1 200 OK\r\ncontent-length: 1, 1"],
    ["a negative length", "HTTP/1.1 200 OK\r\ncontent-length: -1"],
    ["a hexadecimal length", "HTTP/1.1 200 OK\r\ncontent-length: 0x10"],
    ["a length beside chunks", "HTTP/1.1 200 OK\r\ncontent-length: 1\r\ntransfer-encoding: chunked"],
    ["another transfer coding", "HTTP/1.1 200 OK\r\ntransfer-encoding: gzip, chunked"],
    ["chunks twice", "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\ntransfer-encoding: chunked"],
    ["a folded line", "HTTP/1.1 200 OK\r\nx: a\r\n b"],
    ["a blank before the colon", "HTTP/1.1 200 OK\r\ncontent-length : 1"],
    ["a bare line feed", "HTTP/1.1 200 OK\r\nx: a\ncontent-length: 1"],
    ["no colon", "HTTP/1.1 200 OK\r\nnonsense"],
  ])("is refused for %s", (_what, text) => {
    expect(readResponseHead(text)).toBeUndefined();
  });
});

describe("a chunked body", () => {
  /** Reads the bytes as the network may cut them. */
  const read = (text: string, cuts: readonly number[] = []) => {
    const bytes = Buffer.from(text, "latin1");
    const borders = [...new Set(cuts.map((cut) => cut % (bytes.length + 1)))].sort((a, b) => a - b);
    const body = new ChunkedBody();
    const data: Buffer[] = [];
    for (const [from, to] of [0, ...borders].map((at, i) => [at, borders[i] ?? bytes.length] as const)) {
      const progress = body.read(bytes, from, to, (part) => data.push(Buffer.from(part)));
      if (progress === "malformed") return progress;
      if (progress.isComplete)
        return { text: Buffer.concat(data).toString("latin1"), rest: bytes.length - progress.at };
    }
    return "incomplete";
  };

  it("is put together from its chunks, with extensions and trailers dropped", () => {
    expect(read("3\r\nabc\r\nA;x=1\r\n0123456789\r\n0\r\nX: y\r\n\r\n")).toEqual({ text: "abc0123456789", rest: 0 });
  });

  it("is the same however it is cut", () => {
    const chunks = fc.array(fc.string({ minLength: 1, maxLength: 40, unit: "grapheme-ascii" }), { maxLength: 6 });
    fc.assert(
      fc.property(chunks, fc.array(fc.nat(400), { maxLength: 8 }), (parts, cuts) => {
        const text = parts.map((part) => `${part.length.toString(16)}\r\n${part}\r\n`).join("");
        expect(read(`${text}0\r\n\r\n`, cuts)).toEqual({ text: parts.join(""), rest: 0 });
      }),
    );
  });

  it("ends before what follows it", () => {
    expect(read("1\r\na\r\n0\r\n\r\nHTTP/1.1 200 OK")).toEqual({ text: "a", rest: 15 });
  });

  it("is not complete before its last line", () => {
    expect(read("1\r\na\r\n0\r\n")).toBe("incomplete");
  });

  it.each([
    ["a size that is no number", "g\r\na\r\n"],
    ["a negative size", "-1\r\na\r\n"],
    ["a size beyond all bodies", `${"f".repeat(13)}\r\n`],
    ["data longer than its size", "1\r\nab\r\n0\r\n\r\n"],
    ["a bare line feed", "1\na\r\n"],
    ["a line without an end", "1;".padEnd(5_000, "x")],
    ["trailers without an end", `0\r\n${"x: y\r\n".repeat(2_000)}`],
  ])("is malformed with %s", (_what, text) => {
    expect(read(text)).toBe("malformed");
  });
});
