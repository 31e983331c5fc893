import path from "node:path";
import { root } from "../gateway/contenders/folders";
import type { Launch } from "../gateway/processes/spawn-process";
import { ONE_CORE_FLAGS } from "../one-core-flags";

/** What a server is started with. */
export interface Setting {
  readonly port: number;
  readonly supergraphFile: string;
  readonly amqpUrl: string;
  readonly namespace: string;
}

export interface Contender {
  readonly id: "ours" | "plain";
  readonly label: string;
  launch(setting: Setting): Launch;
  /** A path that is answered with 200 once it serves. */
  readonly readyPath: string;
  /** Knows cursors. */
  readonly resumes: boolean;
}

/** As docs/guides/running-in-production.md says for one core. */
const FLAGS = ["--max-semi-space-size=24", ...ONE_CORE_FLAGS];

const ours: Contender = {
  id: "ours",
  label: "Tributary",
  launch: ({ port, supergraphFile, amqpUrl, namespace }) => ({
    command: process.execPath,
    args: [...FLAGS, path.join(root, "dist/gateway/main.js"), "--supergraph", supergraphFile, "--port", String(port)],
    env: {
      HOST: "127.0.0.1",
      LOG_LEVEL: "warn",
      AMQP_URL: amqpUrl,
      AMQP_NAMESPACE: namespace,
      CURSOR_SECRET: "a secret that only this benchmark knows",
      // All of them come from one address.
      MAX_SUBSCRIPTIONS: "100000",
      MAX_SUBSCRIPTIONS_PER_CLIENT: "100000",
    },
  }),
  readyPath: "/health/ready",
  resumes: true,
};

const plain: Contender = {
  id: "plain",
  label: "graphql-ws and graphql-js",
  launch: ({ port, amqpUrl, namespace }) => ({
    command: process.execPath,
    args: [...FLAGS, path.join(root, "dist/bench/streams/servers/plain.js")],
    env: { PORT: String(port), AMQP_URL: amqpUrl, AMQP_NAMESPACE: namespace },
  }),
  readyPath: "/",
  resumes: false,
};

export const contenders: readonly Contender[] = [ours, plain];
