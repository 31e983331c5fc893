import { randomBytes } from "node:crypto";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { isSameProcess, processStart } from "../../deploy/local/bootstrap/process-identity.cjs";
import { forkService } from "../../deploy/local/fork-service";
import { findFreePorts } from "../../deploy/local/free-ports";
import { startPostgres } from "../../deploy/local/postgres/start-postgres";
import stopServers from "./stop-servers";

const root = path.resolve(__dirname, "../..");
const prefix = "tributary-suites-";

/** What stop-servers.ts ends; Jest runs both in one process, and shares nothing else between them. */
declare global {
  var tributaryTestServers: { close(): Promise<void> }[] | undefined;
}

/**
 * Jest's global setup of the suites: gives them TEST_POSTGRES_URL, TEST_AMQP_URL and TEST_MONGODB_URL. A variable that
 * is set already is left alone, otherwise an embedded server is started behind it. None outlives this process.
 */
async function startServers(): Promise<void> {
  removeLeftovers();
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), prefix));
  fs.writeFileSync(
    path.join(folder, "owner.json"),
    JSON.stringify({ pid: process.pid, start: processStart(process.pid) }),
  );
  globalThis.tributaryTestServers = [{ close: async () => fs.rmSync(folder, { recursive: true, force: true }) }];

  const outcomes = await Promise.allSettled([
    provide("TEST_POSTGRES_URL", () => startPostgresServer(path.join(folder, "postgres"))),
    provide("TEST_AMQP_URL", async () => {
      const dataDirectory = path.join(folder, "amqp");
      return `amqp://guest:guest@127.0.0.1:${await startNodeServer("amqp", { AMQP_DATA_DIR: dataDirectory })}`;
    }),
    provide("TEST_MONGODB_URL", async () => {
      const dataDirectory = path.join(folder, "mongo");
      return `mongodb://127.0.0.1:${await startNodeServer("mongo", { MONGO_DATA_DIR: dataDirectory })}`;
    }),
  ]);
  const failure = outcomes.find((outcome) => outcome.status === "rejected");
  if (!failure) return;
  // Jest skips the teardown when the setup fails.
  await stopServers();
  throw failure.reason;
}

async function provide(name: string, start: () => Promise<string>): Promise<void> {
  process.env[name] ||= await start();
}

async function startPostgresServer(home: string): Promise<string> {
  const [port] = (await findFreePorts(1)) as [number];
  const password = randomBytes(16).toString("hex");
  const server = await startPostgres({ home, port, password, databases: [], durable: false });
  globalThis.tributaryTestServers?.push(server);
  return server.url("postgres");
}

async function startNodeServer(name: "amqp" | "mongo", settings: NodeJS.ProcessEnv): Promise<number> {
  const file = path.join(root, "dist/deploy/local", name, "main.js");
  if (!fs.existsSync(file)) throw new Error(`${file} is missing: run "npm run build" first.`);
  let output = "";
  const server = forkService({
    file,
    cwd: root,
    env: { ...process.env, ...settings, PORT: "0", HOST: "127.0.0.1", NODE_OPTIONS: "" },
    onOutput: (text) => (output = (output + text).slice(-10_000)),
  });
  globalThis.tributaryTestServers?.push(server);
  return server.listening.catch((error: Error) => {
    throw new Error(`The embedded ${name} server ${error.message}:\n${output}`);
  });
}

/** Folders of runs that were killed before they could tidy up. */
function removeLeftovers(): void {
  for (const name of fs.readdirSync(os.tmpdir())) {
    if (!name.startsWith(prefix)) continue;
    const folder = path.join(os.tmpdir(), name);
    try {
      const owner = JSON.parse(fs.readFileSync(path.join(folder, "owner.json"), "utf8")) as {
        pid: number;
        start: string;
      };
      if (!isSameProcess(owner)) fs.rmSync(folder, { recursive: true, force: true });
    } catch {
      // Another user's, or one that is being made or removed this moment.
    }
  }
}

export = startServers;
