/** What reading some bytes came to: where the next unread byte is, or that they are no chunked body. */
export type ChunkedProgress = { readonly at: number; readonly isComplete: boolean } | "malformed";

const CR = 0x0d;
const LF = 0x0a;
/** A line that gives a chunk's size, with extensions; trailers altogether. */
const MAX_LINE = 4_096;
const SIZE = /^([0-9a-f]{1,12})[\t ]*(?:;.*)?$/i;

/**
 * Takes a chunked body apart, however the network cut it. https://www.rfc-editor.org/rfc/rfc9112#section-7.1
 * Trailers are read and dropped.
 */
export class ChunkedBody {
  private state: "size" | "data" | "data-end" | "trailers" = "size";
  private line = "";
  private left = 0;
  private trailerBytes = 0;

  /** @param onData given views of `bytes` that hold only during the call */
  read(bytes: Buffer, from: number, end: number, onData: (data: Buffer) => void): ChunkedProgress {
    let at = from;
    while (at < end) {
      if (this.state === "data") {
        const take = Math.min(this.left, end - at);
        onData(bytes.subarray(at, at + take));
        at += take;
        this.left -= take;
        if (this.left === 0) this.state = "data-end";
        continue;
      }
      const line = this.readLine(bytes, at, end);
      if (line === "malformed") return line;
      if (line === undefined) return { at: end, isComplete: false };
      at = line.next;
      if (this.state === "data-end") {
        if (line.text !== "") return "malformed";
        this.state = "size";
      } else if (this.state === "size") {
        const size = SIZE.exec(line.text)?.[1];
        if (size === undefined) return "malformed";
        this.left = parseInt(size, 16);
        this.state = this.left === 0 ? "trailers" : "data";
      } else {
        this.trailerBytes += line.text.length;
        if (this.trailerBytes > MAX_LINE) return "malformed";
        if (line.text === "") return { at, isComplete: true };
      }
    }
    return { at, isComplete: false };
  }

  private readLine(bytes: Buffer, from: number, end: number) {
    const feed = bytes.subarray(from, end).indexOf(LF);
    const next = feed < 0 ? end : from + feed + 1;
    this.line += bytes.toString("latin1", from, next);
    if (this.line.length > MAX_LINE) return "malformed";
    if (feed < 0) return undefined;
    const text = this.line;
    this.line = "";
    return text.charCodeAt(text.length - 2) === CR ? { text: text.slice(0, -2), next } : "malformed";
  }
}
