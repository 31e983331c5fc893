import { type Result, subscribeTo } from "./graphql-client";
import { STREAM_WIRE } from "./stream-wire";
import { waitUntil } from "./wait-until";

/** The ways in which the gateway delivers subscriptions. */
export const TRANSPORTS = ["websocket", "events", "parts"] as const;
export type Transport = (typeof TRANSPORTS)[number];

/** A subscription over one of them. */
export interface LiveMessages<Data> {
  readonly transport: Transport;
  /** Oldest first. */
  readonly messages: readonly Result<Data>[];
  /** Waits for a message that `accepts` likes, among the past ones too. */
  until(what: string, accepts: (message: Result<Data>) => boolean): Promise<Result<Data>>;
  /** Breaks the connection off, as a network does. */
  close(): Promise<void>;
}

export interface Subscribed {
  readonly query: string;
  readonly variables?: Record<string, unknown>;
  readonly token?: string;
  /** To go on behind. */
  readonly cursor?: string;
}

/** @param url of the gateway, without a path */
export async function openLive<Data>(
  transport: Transport,
  url: string,
  subscribed: Subscribed,
): Promise<LiveMessages<Data>> {
  const { messages, close } =
    transport === "websocket" ? overWebSocket<Data>(url, subscribed) : await overHttp<Data>(transport, url, subscribed);
  const until: LiveMessages<Data>["until"] = (what, accepts) =>
    waitUntil(`${what} over ${transport}`, () => messages.find(accepts)).catch((error: Error) => {
      throw new Error(`${error.message}; there were ${JSON.stringify(messages)}`, { cause: error });
    });
  return { transport, messages, until, close };
}

function overWebSocket<Data>(url: string, { query, variables, token, cursor }: Subscribed) {
  const { results, close } = subscribeTo<Data>(
    `${url.replace(/^http/, "ws")}/graphql`,
    query,
    variables,
    token === undefined ? {} : { authorization: `Bearer ${token}` },
    undefined,
    cursor === undefined ? undefined : { resume: { cursor } },
  );
  return { messages: results, close };
}

async function overHttp<Data>(
  transport: "events" | "parts",
  url: string,
  { query, variables, token, cursor }: Subscribed,
) {
  const { accept, end, read } = STREAM_WIRE[transport];
  const isHeader = transport === "events" && cursor !== undefined;
  const abort = new AbortController();
  const response = await fetch(`${url}/graphql`, {
    method: "POST",
    headers: {
      accept,
      "content-type": "application/json",
      ...(token !== undefined && { authorization: `Bearer ${token}` }),
      ...(isHeader && { "last-event-id": cursor }),
    },
    body: JSON.stringify({
      query,
      variables,
      ...(cursor !== undefined && !isHeader && { extensions: { resume: { cursor } } }),
    }),
    signal: abort.signal,
  });
  if (response.status !== 200 || !response.body) throw new Error(`${response.status}: ${await response.text()}`);
  const messages: Result<Data>[] = [];
  const readAll = async (body: ReadableStream<Uint8Array>) => {
    const decoder = new TextDecoder();
    let text = "";
    for await (const chunk of body) {
      const pieces = (text + decoder.decode(chunk, { stream: true })).split(end);
      text = pieces.pop() ?? "";
      for (const message of pieces.map(read)) if (message) messages.push(message as Result<Data>);
    }
  };
  // Broken off by us, or by the server: what came is what counts.
  const ended = readAll(response.body).catch(() => undefined);
  return {
    messages,
    close: async () => {
      abort.abort();
      await ended;
    },
  };
}
