import net from "node:net";
import { createMessageReader } from "./http-messages";

export interface Answer {
  readonly status: number;
  readonly bodyBytes: number;
  readonly body: string;
}

const PATIENCE_MS = 10_000;

/** The bytes of a request to `/graphql`. @param body JSON in ASCII */
export function requestBytes(port: number, body: string, headers: Readonly<Record<string, string>> = {}): string {
  const all = {
    host: `127.0.0.1:${port}`,
    "content-type": "application/json",
    accept: "application/json",
    "content-length": String(body.length),
    ...headers,
  };
  const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}\r\n`);
  return `POST /graphql HTTP/1.1\r\n${lines.join("")}\r\n${body}`;
}

/** One request on a connection of its own, the same bytes that the load generator sends. */
export function ask(port: number, request: string): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const socket = net.connect({ host: "127.0.0.1", port });
    const reader = createMessageReader(
      (head, bodyBytes, body) => {
        resolve({ status: Number(head.split(" ")[1]), bodyBytes, body: Buffer.from(body, "latin1").toString("utf8") });
        socket.destroy();
      },
      { keepBodies: true },
    );
    socket.setTimeout(PATIENCE_MS, () => socket.destroy(new Error("no answer in time")));
    socket.on("connect", () => socket.write(request, "latin1"));
    socket.on("data", (chunk: Buffer) => {
      try {
        reader.read(chunk, chunk.length);
      } catch (error) {
        socket.destroy(error as Error);
      }
    });
    socket.on("error", reject);
    socket.on("close", () => reject(new Error("the connection closed without an answer")));
  });
}
