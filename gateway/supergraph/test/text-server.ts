import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

export interface TextServer {
  readonly url: string;
  /** Headers of the requests so far. */
  readonly received: readonly IncomingHttpHeaders[];
  answer: (req: IncomingMessage, res: ServerResponse) => void;
  /** When that many more requests have come. */
  asked(times: number): Promise<void>;
  close(): Promise<void>;
}

/** A server whose answer the test exchanges. */
export async function startTextServer(answer: TextServer["answer"]): Promise<TextServer> {
  const received: IncomingHttpHeaders[] = [];
  let waiting: { at: number; resolve: () => void }[] = [];
  const server = createServer((req, res) => {
    received.push(req.headers);
    textServer.answer(req, res);
    for (const { at, resolve } of waiting) if (received.length >= at) resolve();
    waiting = waiting.filter(({ at }) => at > received.length);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const textServer: TextServer = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/supergraph.graphql`,
    received,
    answer,
    asked: (times) => new Promise((resolve) => waiting.push({ at: received.length + times, resolve })),
    close: async () => {
      const closed = new Promise((resolve) => server.close(resolve));
      server.closeAllConnections();
      await closed;
    },
  };
  return textServer;
}

/** The text with a strong ETag of itself, or 304 to whoever has it. */
export const withEtag =
  (text: string): TextServer["answer"] =>
  (req, res) => {
    const etag = `"${text}"`;
    if (req.headers["if-none-match"] === etag) res.writeHead(304).end();
    else res.writeHead(200, { etag }).end(text);
  };
