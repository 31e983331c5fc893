import { mkdtemp, rename, rm, writeFile } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { Registry } from "prom-client";
import { waitUntil } from "../../../e2e/harness/wait-until";
import { createHealth, type Health } from "../../../kit/health";
import type { Closable } from "../../../kit/shutdown";
import { parseConfig } from "../../config";
import { startGateway } from "../../gateway";
import { compose } from "./compose";
import type { FakeSubgraph } from "./fake-subgraph";
import { type LogRecord, recordingLog } from "./recording-log";

export interface TestGateway {
  readonly url: string;
  readonly port: number;
  readonly lines: readonly LogRecord[];
  readonly health: Health;
  readonly supergraphFile: string;
  /** Puts a text in the supergraph file's place in one step, as a deployment does. */
  replaceSupergraph(sdl: string): Promise<void>;
  /** Waits for a log line that says this. */
  logged(message: string, from?: number): Promise<LogRecord>;
  post(body: unknown, headers?: Readonly<Record<string, string>>): Promise<Answer>;
  close(): Promise<void>;
}

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: {
    readonly data?: Record<string, unknown> | null;
    readonly errors?: readonly {
      readonly message: string;
      readonly path?: readonly (string | number)[];
      readonly extensions: Readonly<Record<string, unknown>>;
    }[];
    readonly extensions?: Readonly<Record<string, unknown>>;
  };
}

/** With pauses: threads and processes that are waited for need the processor. */
export const PATIENCE = { deadlineMs: 60_000, pollMs: 5 };

/** The planner's thread is not run through Jest; compiled, it needs no help. */
export const TYPESCRIPT = __filename.endsWith(".ts") ? ["--require", path.join(__dirname, "ts-worker.cjs")] : [];

/** The whole gateway in this process, on a port chosen by the system, with an environment of its own. */
export async function startTestGateway(options: {
  subgraphs: readonly FakeSubgraph[];
  env?: Readonly<Record<string, string>>;
  sdl?: string;
}): Promise<TestGateway> {
  const folder = await mkdtemp(path.join(os.tmpdir(), "tributary-gateway-"));
  const supergraphFile = path.join(folder, "supergraph.graphql");
  await writeFile(supergraphFile, options.sdl ?? compose(options.subgraphs));
  const { log, lines } = recordingLog();
  const config = parseConfig({ PORT: "0", SUPERGRAPH_FILE: supergraphFile, ...options.env });
  const owned: Closable[] = [];
  const own = {
    add: <T extends Closable>(_name: string, resource: T): T => {
      owned.push(resource);
      return resource;
    },
  };
  const closeAll = async () => {
    for (const resource of owned.reverse()) await resource.close();
    await rm(folder, { recursive: true, force: true });
  };
  const health = createHealth();
  const { port } = await startGateway({
    config,
    log,
    health,
    metrics: new Registry(),
    own,
    plannerArgv: TYPESCRIPT,
  }).catch(async (error) => {
    await closeAll();
    throw error;
  });
  const url = `http://127.0.0.1:${port}`;
  return {
    url,
    port,
    lines,
    health,
    supergraphFile,
    replaceSupergraph: async (sdl) => {
      const next = `${supergraphFile}.next`;
      await writeFile(next, sdl);
      await rename(next, supergraphFile);
    },
    logged: (message, from = 0) =>
      waitUntil(`"${message}" in the log`, () => lines.slice(from).find(({ msg }) => msg === message), PATIENCE),
    post: async (body, headers = {}) => {
      const response = await fetch(`${url}/graphql`, {
        method: "POST",
        headers: { "content-type": "application/json", ...headers },
        body: typeof body === "string" ? body : JSON.stringify(body),
      });
      return {
        status: response.status,
        headers: response.headers,
        body: (await response.json()) as Answer["body"],
      };
    },
    close: closeAll,
  };
}
