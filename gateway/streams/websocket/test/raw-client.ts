import { type ClientOptions, WebSocket } from "ws";

export interface RawMessage {
  readonly type: string;
  readonly id?: string;
  readonly payload?: unknown;
}

/** A client that knows nothing of the protocol: it sends what it is told to, and shows what comes. */
export interface RawClient {
  readonly ws: WebSocket;
  /** Text as it is, anything else as JSON. */
  send(message: unknown): void;
  /** The next message that has not been shown yet. @throws Error when the socket closes before it */
  next(): Promise<RawMessage>;
  /** Messages that have come and were not shown. */
  readonly unread: RawMessage[];
  /** `connection_init` and its answer. */
  init(payload?: unknown): Promise<void>;
  readonly closed: Promise<{ code: number; reason: string }>;
}

const clients = new Set<WebSocket>();

export async function connect(
  url: string,
  { protocol = "graphql-transport-ws", ...options }: ClientOptions & { protocol?: string } = {},
): Promise<RawClient> {
  const ws = new WebSocket(url, protocol === "" ? [] : protocol, options);
  clients.add(ws);
  const unread: RawMessage[] = [];
  const waiting: { resolve: (message: RawMessage) => void; reject: (error: Error) => void }[] = [];
  ws.on("message", (data: Buffer) => {
    const message = JSON.parse(data.toString("utf8")) as RawMessage;
    const first = waiting.shift();
    if (first) first.resolve(message);
    else unread.push(message);
  });
  const closed = new Promise<{ code: number; reason: string }>((resolve) =>
    ws.on("close", (code, reason) => {
      clients.delete(ws);
      for (const { reject } of waiting.splice(0)) reject(new Error(`closed with ${code} ${reason.toString()}`));
      resolve({ code, reason: reason.toString("utf8") });
    }),
  );
  await new Promise<void>((resolve, reject) => ws.once("open", resolve).once("error", reject));
  ws.on("error", () => undefined);
  const client: RawClient = {
    ws,
    unread,
    closed,
    send: (message) => ws.send(typeof message === "string" ? message : JSON.stringify(message)),
    next: () => {
      const first = unread.shift();
      if (first) return Promise.resolve(first);
      return new Promise((resolve, reject) => waiting.push({ resolve, reject }));
    },
    init: async (payload) => {
      client.send({ type: "connection_init", ...(payload === undefined ? {} : { payload }) });
      const answer = await client.next();
      if (answer.type !== "connection_ack") throw new Error(`the answer was ${JSON.stringify(answer)}`);
    },
  };
  return client;
}

/** The HTTP status with which an upgrade is refused. */
export const refusalOf = (url: string, options: ClientOptions = {}): Promise<number> =>
  new Promise((resolve, reject) => {
    const ws = new WebSocket(url, "graphql-transport-ws", options);
    ws.on("error", () => undefined);
    ws.on("open", () => {
      ws.terminate();
      reject(new Error("it was not refused"));
    });
    ws.on("unexpected-response", (_req, res) => {
      res.resume();
      resolve(res.statusCode ?? 0);
    });
  });

export function closeClients(): void {
  for (const client of clients) client.terminate();
}
