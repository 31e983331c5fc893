import { ExpectedError } from "./bootstrap/expected-error.cjs";
import { removePartnerSettings, writePartnerSettings } from "./bootstrap/partner-settings.cjs";
import { inheritedEnvironment } from "./child-environment";
import type { DataDirectory } from "./data-directory";
import { forkService } from "./fork-service";
import { findFreePorts } from "./free-ports";
import { recordProcess } from "./leftovers";
import { planServices, type ServicePlan } from "./plan-services";
import { planStores } from "./plan-stores";
import { createProgramLog, type ProgramLog, type Shorten, shortenPino } from "./program-log";
import { readOrCreateSecrets } from "./secrets";
import type { Settings } from "./settings";
import { stopInOrder } from "./stop-in-order";
import { type Program, type Supervised, supervise } from "./supervise";
import type { Terminal } from "./terminal";
import { waitUntilReady } from "./wait-until-ready";

export interface Platform {
  /**
   * Starts the stores, then the subgraphs and the gateway, and waits until all are ready.
   *
   * @throws ExpectedError with what to do about it; what `signal` says when aborted
   */
  start(signal: AbortSignal): Promise<void>;
  /** Ends every process, within ten seconds, whatever state `start` is in. */
  close(): Promise<void>;
}

export interface PlatformOptions {
  readonly root: string;
  readonly settings: Settings;
  readonly data: DataDirectory;
  /** Of the gateway. */
  readonly port: number;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly terminal: Terminal;
}

type Six = [number, number, number, number, number, number];

/** A service that fails this often before it has ever listened will not listen the next time either. */
const serviceAttempts = 5;

export function createPlatform({ root, settings, data, port, env, terminal }: PlatformOptions): Platform {
  const stages: Supervised[][] = [];
  const logs = new Map<string, ProgramLog>();
  let closing = false;

  const openLog = (name: string, shorten: Shorten) => {
    const show = (sentence: string) => {
      if (!closing) terminal.say(`  ${sentence}`);
    };
    const log = createProgramLog({ folder: data.logs, name, shorten, show });
    logs.set(name, log);
    return log;
  };

  const run = (programs: readonly Program[], firstAttempts: number) => {
    const stage = programs.map((program) =>
      supervise(program, {
        firstAttempts,
        onSpawn: (pid) => recordProcess(data.run, program.name, pid),
        onRestart: (sentence) => terminal.say(`  ${sentence}`),
      }),
    );
    stages.push(stage);
    return Promise.all(stage.map((each) => each.started.catch((error: Error) => explain(each.name, error))));
  };

  const explain = (name: string, error: Error): never => {
    if (error instanceof ExpectedError) throw error;
    const words = (logs.get(name)?.lastWords() ?? []).map((line) => `  ${line}\n`);
    throw new ExpectedError(
      `${words.join("")}${name} cannot start: ${error.message}. All of its log is in ${data.logs}.`,
    );
  };

  const program = (plan: ServicePlan): Program => {
    const log = openLog(plan.name, shortenPino);
    return {
      name: plan.name,
      start: async (onSpawn) => {
        const service = forkService({ ...plan, cwd: root, onOutput: log.write });
        onSpawn(service);
        await service.listening;
      },
    };
  };

  const start = async (signal: AbortSignal) => {
    const secrets = readOrCreateSecrets(data.path);
    const [postgres, mongo, amqp, users, products, orders] = (await findFreePorts(6)) as Six;
    const inherited = inheritedEnvironment(env);

    const stores = await planStores({
      root,
      settings,
      dataDirectory: data.path,
      postgresPassword: secrets.postgresPassword,
      ports: { postgres, mongo, amqp },
      inherited,
      openLog,
    });
    for (const warning of stores.warnings) terminal.say(warning);
    if (stores.names.length > 0) terminal.say(introduceEmbedded(stores.names, settings.nodeEnv));
    signal.throwIfAborted();
    await orAborted(
      signal,
      terminal.during(() => "Starting the embedded servers", run(stores.programs, 1)),
    );

    const ports = { users, products, orders, gateway: port };
    const plans = planServices({ root, settings, secrets, stores: stores.urls, ports, inherited });
    for (const { name, env } of plans) if (name === "gateway") writePartnerSettings(data.path, env);
    // A service that cannot reach a server of the user's may give up again and again: that is told by its setting.
    const attempts = Object.values(settings.servers).some(Boolean) ? Infinity : serviceAttempts;
    let waitingFor: readonly string[] = plans.map(({ name }) => name);
    const crashed = [
      run(plans.filter(({ name }) => name !== "gateway").map(program), attempts),
      run(plans.filter(({ name }) => name === "gateway").map(program), attempts),
    ].map((started) => started.then(() => new Promise<never>(() => {})));
    const ready = waitUntilReady({
      url: `http://${loopbackFor(settings.host)}:${port}/health/ready`,
      servers: settings.servers,
      terminal,
      signal,
      onFailing: (checks) => (waitingFor = checks),
    });
    const step = Promise.race([ready, ...crashed]);
    await terminal.during(() => `Starting the services; waiting for ${waitingFor.join(", ")}`, step);
  };

  return {
    start,
    close: async () => {
      closing = true;
      removePartnerSettings(data.path);
      await stopInOrder(stages);
      for (const log of logs.values()) log.close();
    },
  };
}

/** The address under which this machine reaches a server that listens on `host`. */
function loopbackFor(host: string): string {
  if (host === "0.0.0.0") return "127.0.0.1";
  if (host === "::") return "[::1]";
  return host.includes(":") ? `[${host}]` : host;
}

function introduceEmbedded(names: readonly string[], nodeEnv: string): string {
  const what = `Embedded servers, for development only: ${names.join(", ")}.`;
  if (nodeEnv !== "production") return what;
  return `WARNING: ${what} NODE_ENV is "production": set the URLs of your own servers (see deploy/local/README.md).`;
}

async function orAborted<T>(signal: AbortSignal, promise: Promise<T>): Promise<T> {
  const aborted = new Promise<never>((_, reject) => {
    if (signal.aborted) reject(signal.reason as Error);
    signal.addEventListener("abort", () => reject(signal.reason as Error), { once: true });
  });
  return Promise.race([promise, aborted]);
}
