import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { Registry } from "prom-client";
import { createUpstreams, type UpstreamOptions } from "../../upstream/create-upstreams";
import type { UpstreamContext } from "../../upstream/upstream-context";
import type { SubgraphReply, SubgraphRequest } from "../../upstream/upstreams";
import { type LogRecord, recordingLog } from "./recording-log";

export type Script = (req: IncomingMessage, res: ServerResponse, body: string) => void;

/** An HTTP server that does what a test tells it to, and the gateway's client of it. */
export interface ScriptedSubgraph {
  /** What to do with the next requests. */
  script: Script;
  readonly url: string;
  readonly requests: { readonly headers: IncomingMessage["headers"]; readonly body: string }[];
  readonly lines: LogRecord[];
  readonly metrics: Registry;
  /** Connections opened so far. */
  connections(): number;
  send(request?: Partial<SubgraphRequest>, context?: Partial<UpstreamContext>): Promise<SubgraphReply>;
  close(): Promise<void>;
}

export async function startScriptedSubgraph(options: Partial<UpstreamOptions> = {}): Promise<ScriptedSubgraph> {
  const { log, lines } = recordingLog();
  const metrics = new Registry();
  let connections = 0;
  const server = createServer((req, res) => {
    const chunks: Buffer[] = [];
    req.on("data", (chunk: Buffer) => chunks.push(chunk));
    req.on("end", () => {
      const body = Buffer.concat(chunks).toString();
      subgraph.requests.push({ headers: req.headers, body });
      subgraph.script(req, res, body);
    });
  });
  server.on("connection", () => connections++);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  const upstreams = createUpstreams({
    options: { timeoutMs: 20_000, maxResponseBytes: 10_000, maxConnections: 4, internalSecret: undefined, ...options },
    log,
    metrics,
  });
  const url = `http://127.0.0.1:${port}/graphql`;
  const client = upstreams.client({ name: "shop", url });
  const subgraph: ScriptedSubgraph = {
    script: json({ data: {} }),
    url,
    requests: [],
    lines,
    metrics,
    connections: () => connections,
    send: (request, context) =>
      client.send(
        { body: '{"query":"{a}"}', kind: "query", ...request },
        { requestId: "r1", traceparent: "00-t-1", viewer: undefined, ...context },
      ),
    close: async () => {
      server.closeAllConnections();
      await upstreams.close();
      await new Promise((resolve) => server.close(resolve));
    },
  };
  return subgraph;
}

/** Answers with a JSON text, or with the text of a value. */
export const json =
  (body: unknown, headers: Readonly<Record<string, string>> = {}, status = 200): Script =>
  (_req, res) => {
    res.writeHead(status, { "content-type": "application/json", ...headers });
    res.end(typeof body === "string" || Buffer.isBuffer(body) ? body : JSON.stringify(body));
  };
