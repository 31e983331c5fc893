import http from "node:http";
import { setTimeout as pause } from "node:timers/promises";
import { WebSocket } from "ws";
import { STREAM_WIRE } from "../../../e2e/harness/stream-wire";

export const TRANSPORTS = ["websocket", "events", "parts"] as const;
export type Transport = (typeof TRANSPORTS)[number];

export interface LiveMessage {
  readonly data?: Readonly<Record<string, unknown>> | null;
  readonly errors?: readonly { readonly message: string; readonly extensions?: Readonly<Record<string, unknown>> }[];
  readonly extensions?: { readonly cursor?: string; readonly recovered?: boolean; readonly dropped?: number };
}

/** A subscriber that comes back with its cursor whenever its connection is lost, refused or silent. */
export interface ResumingClient {
  readonly transport: Transport;
  /** Of all its connections, oldest first. */
  readonly messages: readonly LiveMessage[];
  readonly connections: number;
  stop(): Promise<void>;
}

/** Events come all the time: a connection that brings nothing for so long is dead. The next one is given twice as long, up to the longest. */
const SILENT_MS = 2_500;
const SILENT_MAX_MS = 20_000;
const AGAIN_MS = 30;

interface Connection {
  /** Settles when it is over, for whatever reason. */
  readonly over: Promise<void>;
  close(): void;
}

/** @param options.silentMs how long a connection may bring nothing */
export function startResumingClient(
  transport: Transport,
  port: number,
  query: string,
  { silentMs: patienceMs = SILENT_MS } = {},
): ResumingClient {
  const messages: LiveMessage[] = [];
  let cursor: string | undefined;
  let connections = 0;
  let isStopped = false;
  let current: Connection | undefined;
  let silentMs = patienceMs;

  const run = async () => {
    while (!isStopped) {
      connections++;
      let timer: NodeJS.Timeout | undefined;
      const giveUp = () => {
        silentMs = Math.max(silentMs, Math.min(2 * silentMs, SILENT_MAX_MS));
        connection.close();
      };
      const isAlive = () => {
        clearTimeout(timer);
        timer = setTimeout(giveUp, silentMs);
      };
      const onMessage = (message: LiveMessage) => {
        silentMs = patienceMs;
        isAlive();
        // The error that ends or refuses a subscription is no event's.
        if (message.data === undefined) cursor = message.extensions?.cursor ?? cursorIn(message) ?? cursor;
        else {
          messages.push(message);
          cursor = message.extensions?.cursor ?? cursor;
        }
      };
      const connection =
        transport === "websocket"
          ? overWebSocket(port, query, cursor, onMessage)
          : overHttp(transport, port, query, cursor, onMessage);
      current = connection;
      isAlive();
      await connection.over;
      clearTimeout(timer);
      await pause(AGAIN_MS);
    }
  };
  const running = run();
  return {
    transport,
    messages,
    get connections() {
      return connections;
    },
    stop: async () => {
      isStopped = true;
      current?.close();
      await running;
    },
  };
}

/** The message that a subscription ends with says where it can be gone on from. */
function cursorIn({ errors }: LiveMessage): string | undefined {
  const found = errors?.map(({ extensions }) => extensions?.["cursor"]).find((one) => typeof one === "string");
  return found as string | undefined;
}

const resume = (cursor: string | undefined) => (cursor === undefined ? {} : { extensions: { resume: { cursor } } });

function overWebSocket(port: number, query: string, cursor: string | undefined, onMessage: (one: LiveMessage) => void) {
  const ws = new WebSocket(`ws://127.0.0.1:${port}/graphql`, "graphql-transport-ws");
  const over = new Promise<void>((resolve) => ws.once("close", () => resolve()));
  ws.on("error", () => undefined);
  ws.on("open", () => ws.send(JSON.stringify({ type: "connection_init" })));
  ws.on("message", (data: Buffer) => {
    const message = JSON.parse(data.toString()) as { type: string; payload?: unknown };
    if (message.type === "connection_ack") {
      ws.send(JSON.stringify({ id: "1", type: "subscribe", payload: { query, ...resume(cursor) } }));
    } else if (message.type === "ping") ws.send('{"type":"pong"}');
    else if (message.type === "next") onMessage(message.payload as LiveMessage);
    else if (message.type === "error") onMessage({ errors: message.payload as NonNullable<LiveMessage["errors"]> });
    if (message.type === "error" || message.type === "complete") ws.close();
  });
  return { over, close: () => ws.terminate() };
}

function overHttp(
  transport: "events" | "parts",
  port: number,
  query: string,
  cursor: string | undefined,
  onMessage: (one: LiveMessage) => void,
) {
  const { accept, end, read } = STREAM_WIRE[transport];
  const isHeader = transport === "events" && cursor !== undefined;
  const request = http.request({
    port,
    host: "127.0.0.1",
    path: "/graphql",
    method: "POST",
    agent: false,
    headers: {
      accept,
      "content-type": "application/json",
      ...(isHeader ? { "last-event-id": cursor } : {}),
    },
  });
  const over = new Promise<void>((resolve) => request.once("close", () => resolve()));
  request.on("error", () => undefined);
  request.on("response", (response) => {
    let text = "";
    response.setEncoding("utf8");
    response.on("error", () => undefined);
    response.on("data", (chunk: string) => {
      const pieces = (text + chunk).split(end);
      text = pieces.pop() ?? "";
      for (const message of pieces.map(read)) if (message) onMessage(message as LiveMessage);
    });
    response.on("close", () => request.destroy());
  });
  request.end(JSON.stringify({ query, ...(isHeader ? {} : resume(cursor)) }));
  return { over, close: () => request.destroy() };
}
