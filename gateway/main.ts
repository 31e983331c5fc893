import { ConfigError } from "../kit/config";
import { createHealth } from "../kit/health";
import { ListenError } from "../kit/http/listen";
import { createLogger } from "../kit/log";
import { createMetrics } from "../kit/metrics";
import { createShutdown } from "../kit/shutdown";
import { type GatewayConfig, parseConfig } from "./config";
import { startGateway } from "./gateway";
import { ExamplesError } from "./http/explorer/read-examples";
import { ManifestError } from "./partners/manifest";
import { UnreadableFileError } from "./supergraph/serve-file";
import { SupergraphError } from "./supergraph/supergraph-snapshot";

const NAME = "gateway";

async function main(config: GatewayConfig): Promise<void> {
  const log = createLogger(NAME, config.logLevel);
  const health = createHealth();
  const metrics = createMetrics(NAME);
  const shutdown = createShutdown({ log, health, supervised: config.supervised });
  const { port } = await startGateway({ config, log, health, metrics, own: shutdown });
  log.info({ port, url: `http://${config.host}:${port}/graphql` }, "ready");
  process.send?.({ type: "listening", port });
}

/** What an operator can put right is told in one sentence, without a stack. */
const isOperatorsError = (error: unknown): error is Error =>
  [ConfigError, SupergraphError, UnreadableFileError, ManifestError, ExamplesError, ListenError].some(
    (kind) => error instanceof kind,
  );

Promise.resolve()
  .then(() => main(parseConfig(process.env, process.argv.slice(2))))
  .catch((error: unknown) => {
    if (isOperatorsError(error)) console.error(error.message);
    else createLogger(NAME, "fatal").fatal({ err: error }, "could not start");
    process.exit(1);
  });
