import { ConfigError } from "../kit/config";
import { createHealth } from "../kit/health";
import { ListenError } from "../kit/http/listen";
import { createLogger } from "../kit/log";
import { createTurnDestination } from "../kit/log-turns";
import { createMetrics } from "../kit/metrics";
import { createShutdown } from "../kit/shutdown";
import { openTracing } from "../kit/tracing/open-tracing";
import { loadPolicy, PolicyModuleError } from "./access/policy/load-policy";
import { type GatewayConfig, parseConfig } from "./config";
import { startGateway } from "./gateway";
import { ExamplesError } from "./http/explorer/read-examples";
import { UnreadableFileError } from "./supergraph/serve-file";
import { SupergraphError } from "./supergraph/supergraph-error";

const NAME = "gateway";

async function main(config: GatewayConfig): Promise<void> {
  const log = createLogger(NAME, config.logLevel, createTurnDestination());
  const health = createHealth();
  const metrics = createMetrics(NAME);
  const policy = config.policyModule === undefined ? {} : { policy: loadPolicy(config.policyModule, log) };
  const shutdown = createShutdown({ log, health, supervised: config.supervised });
  shutdown.add("tracing", openTracing({ service: NAME, env: process.env, log, metrics }));
  const { port } = await startGateway({ config, log, health, metrics, own: shutdown, ...policy });
  log.info({ port, url: `http://${config.host}:${port}/graphql` }, "ready");
  process.send?.({ type: "listening", port });
}

/** What an operator can put right is told in one sentence, without a stack. */
const isOperatorsError = (error: unknown): error is Error =>
  [ConfigError, SupergraphError, UnreadableFileError, ExamplesError, ListenError, PolicyModuleError].some(
    (kind) => error instanceof kind,
  );

Promise.resolve()
  .then(() => main(parseConfig(process.env, process.argv.slice(2))))
  .catch((error: unknown) => {
    if (isOperatorsError(error)) console.error(error.message);
    else createLogger(NAME, "fatal").fatal({ err: error }, "could not start");
    process.exit(1);
  });
