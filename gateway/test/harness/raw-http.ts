import { once } from "node:events";
import net from "node:net";

/** One HTTP/1.1 exchange as bytes. */
export interface RawExchange {
  /** Everything that came so far: head and body, chunks as they are. */
  readonly text: () => string;
  /** Status line and headers, in lower case; waits for them. */
  head(): Promise<string>;
  /** What the chunks of the body hold so far. */
  body(): string;
  /** Waits until the body shows it. @returns the body */
  until(isThere: (body: string) => boolean): Promise<string>;
  /** Waits for the end of the connection. @returns the body */
  ended(): Promise<string>;
  readonly socket: net.Socket;
}

/** Sends a request over a connection of its own. */
export async function sendRaw(
  port: number,
  request: { method?: string; path?: string; headers?: Readonly<Record<string, string>>; body?: string },
): Promise<RawExchange> {
  const { method = "POST", path = "/graphql", headers = {}, body } = request;
  const socket = net.connect(port, "127.0.0.1");
  await once(socket, "connect");
  let text = "";
  let onMore = () => {};
  let hasEnded = false;
  socket.setEncoding("utf8");
  socket.on("data", (chunk: string) => {
    text += chunk;
    onMore();
  });
  socket.on("error", () => undefined);
  socket.on("close", () => {
    hasEnded = true;
    onMore();
  });
  const lines = Object.entries({
    host: "127.0.0.1",
    ...(body === undefined
      ? {}
      : { "content-type": "application/json", "content-length": String(Buffer.byteLength(body)) }),
    ...headers,
  }).map(([name, value]) => `${name}: ${value}`);
  socket.write(`${[`${method} ${path} HTTP/1.1`, ...lines].join("\r\n")}\r\n\r\n${body ?? ""}`);

  const more = () => new Promise<void>((resolve) => (onMore = resolve));
  const bodyNow = () => {
    const start = text.indexOf("\r\n\r\n");
    if (start < 0) return "";
    const head = text.slice(0, start).toLowerCase();
    const rest = text.slice(start + 4);
    return head.includes("transfer-encoding: chunked") ? unchunk(rest) : rest;
  };
  return {
    text: () => text,
    socket,
    head: async () => {
      while (!text.includes("\r\n\r\n")) {
        if (hasEnded) throw new Error("the connection ended before the head");
        await more();
      }
      return text.slice(0, text.indexOf("\r\n\r\n")).toLowerCase();
    },
    body: bodyNow,
    until: async (isThere) => {
      while (!isThere(bodyNow())) {
        if (hasEnded) throw new Error(`the connection ended with ${JSON.stringify(text)}`);
        await more();
      }
      return bodyNow();
    },
    ended: async () => {
      while (!hasEnded) await more();
      return bodyNow();
    },
  };
}

function unchunk(text: string): string {
  const bytes = Buffer.from(text);
  let body = "";
  for (let at = 0; ;) {
    const end = bytes.indexOf("\r\n", at);
    if (end < 0) return body;
    const length = parseInt(bytes.subarray(at, end).toString("latin1"), 16);
    if (!(length > 0)) return body;
    body += bytes.subarray(end + 2, end + 2 + length).toString();
    at = end + 2 + length + 2;
  }
}
