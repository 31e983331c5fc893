/**
 * Just enough of HTTP/1.1 framing (RFC 9112 section 6) for the two processes that stand around a gateway: heads,
 * `Content-Length` and chunked bodies, several messages in one chunk, one message in many. Everything is kept as Latin-1
 * text, which is one character a byte.
 */
export interface MessageHandler {
  /**
   * @param head first line and headers, without the blank line
   * @param bodyBytes size of the body, without chunk framing
   * @param body the body's bytes as Latin-1 text; empty unless `keepBodies`
   */
  (head: string, bodyBytes: number, body: string): void;
}

export interface MessageReader {
  /** @throws Error on what is not HTTP; the connection cannot be used any more */
  read(buffer: Buffer, size: number): void;
  /** Nothing has begun that has not ended: the next byte is the first of a message. */
  isBetweenMessages(): boolean;
}

const enum State {
  Head,
  Body,
  ChunkSize,
  ChunkData,
  ChunkEnd,
  Trailer,
}

const LENGTH = /\r\ncontent-length: *(\d+)/i;
const CHUNKED = /\r\ntransfer-encoding: *chunked/i;
const MAX_LINE_BYTES = 65_536;

export function createMessageReader(onMessage: MessageHandler, { keepBodies = false } = {}): MessageReader {
  let state: State = State.Head;
  let head = "";
  let body = "";
  let bodyBytes = 0;
  let remaining = 0;
  /** The beginning of a head or line whose end has not arrived. */
  let partial = "";

  const finish = () => {
    const [ownHead, ownBytes, ownBody] = [head, bodyBytes, body];
    state = State.Head;
    head = body = "";
    bodyBytes = 0;
    onMessage(ownHead, ownBytes, ownBody);
  };
  const begin = (text: string) => {
    head = text;
    const length = LENGTH.exec(head);
    if (length) {
      remaining = Number(length[1]);
      if (remaining === 0) finish();
      else state = State.Body;
    } else if (CHUNKED.test(head)) state = State.ChunkSize;
    else finish();
  };
  const beginChunk = (line: string) => {
    remaining = Number.parseInt(line, 16);
    if (Number.isNaN(remaining)) throw new Error(`not the size of a chunk: ${JSON.stringify(line.slice(0, 40))}`);
    state = remaining === 0 ? State.Trailer : State.ChunkData;
  };

  return {
    isBetweenMessages: () => state === State.Head && partial === "",
    read(buffer, size) {
      let at = 0;
      /** Text up to the mark, which is skipped; undefined when it has not arrived yet. */
      const until = (mark: string): string | undefined => {
        const joined = partial === "" ? undefined : partial + buffer.toString("latin1", at, size);
        const end = joined === undefined ? buffer.indexOf(mark, at, "latin1") : joined.indexOf(mark);
        if (end < 0 || (joined === undefined && end + mark.length > size)) {
          partial = joined ?? buffer.toString("latin1", at, size);
          if (partial.length > MAX_LINE_BYTES) throw new Error("a head or line without end");
          at = size;
          return undefined;
        }
        const text = joined === undefined ? buffer.toString("latin1", at, end) : joined.slice(0, end);
        at = joined === undefined ? end + mark.length : at + end + mark.length - partial.length;
        partial = "";
        return text;
      };
      const takeBody = () => {
        const taken = Math.min(remaining, size - at);
        if (keepBodies) body += buffer.toString("latin1", at, at + taken);
        bodyBytes += taken;
        remaining -= taken;
        at += taken;
      };
      while (at < size) {
        switch (state) {
          case State.Head: {
            const text = until("\r\n\r\n");
            if (text !== undefined) begin(text);
            break;
          }
          case State.Body:
            takeBody();
            if (remaining === 0) finish();
            break;
          case State.ChunkSize: {
            const line = until("\r\n");
            if (line !== undefined) beginChunk(line);
            break;
          }
          case State.ChunkData:
            takeBody();
            if (remaining === 0) state = State.ChunkEnd;
            break;
          case State.ChunkEnd:
            if (until("\r\n") !== undefined) state = State.ChunkSize;
            break;
          case State.Trailer:
            if (until("\r\n") === "") finish();
            break;
        }
      }
    },
  };
}
