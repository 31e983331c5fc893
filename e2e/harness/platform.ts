import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { LogInDocument } from "../../schema/generated/web";
import { type ChildProcess, environmentOf, isAlive } from "./child-processes";
import { createGraphqlClient, type GraphqlClient } from "./graphql-client";
import { createServiceStores } from "./service-stores";
import { startSupervisor, type Supervisor } from "./supervisor";
import { waitUntil } from "./wait-until";

/** The whole platform as `npm start` runs it, and the means to hurt it. */
export interface Platform extends GraphqlClient {
  /** Of the gateway, without a path. */
  readonly url: string;
  readonly dataDirectory: string;
  readonly supervisor: Supervisor;
  /** @returns an access token; one log-in per account and platform */
  signIn(account: { readonly email: string; readonly password: string }): Promise<string>;
  /** A process that runs now, by the supervisor's name for it. */
  child(name: string): Promise<ChildProcess>;
  /** `kill -9`. The supervisor starts it again by itself. */
  killChild(name: string): Promise<ChildProcess>;
  /** The broker is killed (or, where it is not ours to kill, out of reach) until `mendBroker`. */
  breakBroker(): Promise<void>;
  mendBroker(): Promise<void>;
  /** The broker answers nobody until `resumeBroker`, with every connection left open: what is published waits. */
  holdBroker(): Promise<void>;
  resumeBroker(): Promise<void>;
  /** Does `work` with a broker that is held, so that an order can be watched from before its first event is out. */
  whileBrokerHolds<Result>(work: () => Promise<Result>): Promise<Result>;
  /** Waits until the gateway counts this many subscriptions: a subscription is not acknowledged otherwise. */
  untilSubscriptions(count: number): Promise<void>;
  isReady(): Promise<boolean>;
  /** Ends every process and deletes every file, database and queue. */
  stop(): Promise<void>;
}

/** @param options.env settings besides the usual ones of a story */
export async function startPlatform(options: { env?: Record<string, string> } = {}): Promise<Platform> {
  const stores = process.env.TRIBUTARY_TEST_SERVICES === "1" ? await createServiceStores(process.env) : undefined;
  const dataDirectory = fs.mkdtempSync(path.join(os.tmpdir(), "tributary-story-"));
  const supervisor = startSupervisor(dataDirectory, { ...stores?.env, ...options.env });
  const removeAll = async () => {
    await supervisor.close();
    fs.rmSync(dataDirectory, { recursive: true, force: true });
    await stores?.close();
  };
  let url: string;
  try {
    url = (await supervisor.untilReady()).replace("//localhost:", "//127.0.0.1:");
  } catch (error) {
    await removeAll();
    throw error;
  }
  const client = createGraphqlClient(url);
  const tokens = new Map<string, Promise<string>>();

  const find = (name: string) => supervisor.children().find((each) => each.name === name);
  const child = (name: string) => waitUntil(`a process named ${name}`, () => find(name));
  const killChild = async (name: string) => {
    const victim = await child(name);
    process.kill(victim.pid, "SIGKILL");
    return victim;
  };

  let killing: { stop: () => Promise<void> } | undefined;
  /** The supervisor starts a killed broker at once, so it is killed at each start to stay away for long. */
  const keepKilling = () => {
    let isOver = false;
    const killed = new Set<string>();
    const ended = waitUntil(
      "the end of an outage",
      () => {
        const broker = find("amqp");
        if (!isOver && broker && !killed.has(broker.start + broker.pid)) {
          killed.add(broker.start + broker.pid);
          process.kill(broker.pid, "SIGKILL");
        }
        return isOver;
      },
      { deadlineMs: 60_000, pollMs: 5 },
    );
    return {
      stop: async () => {
        isOver = true;
        await ended;
      },
    };
  };
  let held: ChildProcess | undefined;
  const resumeBroker = async () => {
    stores?.broker.resume();
    if (held && isAlive(held)) process.kill(held.pid, "SIGCONT");
    held = undefined;
  };

  const holdBroker = async () => {
    if (stores) return stores.broker.hold();
    held = await child("amqp");
    process.kill(held.pid, "SIGSTOP");
  };

  return {
    ...client,
    url,
    dataDirectory,
    supervisor,
    signIn: (account) => {
      const known = tokens.get(account.email);
      if (known) return known;
      const token = logIn(client, account);
      tokens.set(account.email, token);
      return token;
    },
    child,
    killChild,
    breakBroker: async () => {
      if (stores) await stores.broker.refuse();
      else killing = keepKilling();
    },
    mendBroker: async () => {
      if (stores) await stores.broker.accept();
      await killing?.stop();
      killing = undefined;
    },
    holdBroker,
    resumeBroker,
    whileBrokerHolds: async (work) => {
      await holdBroker();
      try {
        return await work();
      } finally {
        await resumeBroker();
      }
    },
    untilSubscriptions: async (count) => {
      await waitUntil(`${count} subscriptions`, async () => {
        const metrics = await (await fetch(`${url}/metrics`)).text();
        return Number(/^gateway_subscriptions(?:\{.*\})? (\d+)/m.exec(metrics)?.[1] ?? NaN) === count;
      });
    },
    isReady: async () => (await fetch(`${url}/health/ready`)).status === 200,
    stop: async () => {
      await killing?.stop();
      await resumeBroker();
      await removeAll();
    },
  };
}

/** Where a subgraph listens. It is nobody's business but the gateway's. */
export async function subgraphUrl(platform: Platform, name: "users" | "products" | "orders"): Promise<string> {
  return `http://127.0.0.1:${environmentOf(await platform.child(name)).PORT}`;
}

async function logIn(client: GraphqlClient, account: { email: string; password: string }): Promise<string> {
  const { email, password } = account;
  const { body } = await client.graphql(LogInDocument, { email, password });
  if (body.data?.logIn.__typename !== "AuthPayload") {
    throw new Error(`${email} cannot log in: ${JSON.stringify(body)}`);
  }
  return body.data.logIn.accessToken;
}
