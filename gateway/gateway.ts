import path from "node:path";
import { connectBroker } from "../kit/amqp/connect-broker";
import { createTopology } from "../kit/amqp/topology";
import type { Health } from "../kit/health";
import { listen } from "../kit/http/listen";
import type { Logger } from "../kit/log";
import type { Registry } from "../kit/metrics";
import type { Shutdown } from "../kit/shutdown";
import { createAccessControl } from "./access/enforcement/access-control";
import { readAccessRules } from "./access/rules/access-rules";
import type { PolicyFunction } from "./access/rules/rule";
import { anonymousAuthenticator, createAuthenticator } from "./access/tokens/create-authenticator";
import { createJwksCache } from "./access/tokens/jwks-cache";
import type { GatewayConfig } from "./config";
import { createPlanCounters, createStockExecutor } from "./execution/create-stock-executor";
import type { Generation } from "./generation";
import { createCors } from "./http/cors";
import { createGraphqlServer } from "./http/create-graphql-server";
import { createRequestListener } from "./http/create-request-listener";
import { readExamples } from "./http/explorer/read-examples";
import { createExplorer } from "./http/explorer/serve-explorer";
import { withSubgraphs } from "./http/gateway-health";
import { createGraphqlRoute } from "./http/graphql-routes";
import { openPartnerDoor } from "./http/open-partner-door";
import { createMemoryCache, createRedisCache } from "./http/persisted-query-cache";
import { createSocketDoor } from "./http/socket-door";
import { createDocumentChecker } from "./operation/check-document";
import { createStreams } from "./streams/create-streams";
import { createEventFeed } from "./streams/event-feed";
import { serveWebSocket } from "./streams/serve-websocket";
import { serveFile } from "./supergraph/serve-file";
import { createSupergraphSnapshot } from "./supergraph/supergraph-snapshot";
import { createRequestObserver } from "./telemetry/observe-requests";
import { createUpstreams } from "./upstream/create-upstreams";
import { watchSubgraphHealth } from "./upstream/subgraph-health";

const GRAPHQL_PATH = "/graphql";
const PERSISTED_QUERY_CHARACTERS = 32_000_000;

/**
 * Joins the rooms, from the subgraphs up to the door.
 * @param options.own collects what must be closed, in the order of making
 * @throws Error with one reason when the supergraph, the manifest or the port cannot be used
 */
export async function startGateway(options: {
  config: GatewayConfig;
  log: Logger;
  health: Health;
  metrics: Registry;
  own: Pick<Shutdown, "add">;
  policy?: PolicyFunction;
}): Promise<{ port: number }> {
  const { config, log, metrics, own } = options;
  const { subgraphs, introspection, suggestions, limits } = config;

  const upstreams = own.add("upstreams", createUpstreams({ options: subgraphs, log, metrics }));
  const counters = createPlanCounters(metrics);
  const build = async (sdl: string): Promise<Generation> => {
    const supergraph = createSupergraphSnapshot(sdl, subgraphs.urls);
    const rules = readAccessRules(supergraph.fullDocument);
    return { supergraph, rules, executor: await createStockExecutor({ supergraph, upstreams, counters, log }) };
  };
  const generations = own.add(
    "supergraph",
    await serveFile({ file: path.resolve(config.supergraphFile), what: "supergraph", build, log }),
  );
  generations.onChange((_next, previous) => void previous.executor.close());
  const supergraph = () => generations.current().supergraph;
  // From here on there always is one: a supergraph that cannot be served never takes its place.
  options.health.require("supergraph", () => true);

  const authenticator = config.tokens
    ? own.add(
        "tokens",
        createAuthenticator({ ...config.tokens, keys: createJwksCache({ url: config.tokens.jwksUrl, log }) }),
      )
    : anonymousAuthenticator;
  const access = createAccessControl({ mode: config.accessMode, policy: options.policy });
  const checker = createDocumentChecker({ limits, introspection, suggestions });
  const graphql = own.add(
    "graphql",
    await createGraphqlServer({
      generations,
      access,
      checker,
      persistedQueries: config.redisUrl
        ? createRedisCache(config.redisUrl, log)
        : createMemoryCache(PERSISTED_QUERY_CHARACTERS),
      introspection,
      suggestions,
      socketPath: GRAPHQL_PATH,
      log,
    }),
  );

  const cors = createCors(config.corsOrigins);
  const probes =
    subgraphs.healthPath === undefined
      ? undefined
      : own.add("probes", watchSubgraphHealth({ addresses: () => supergraph().subgraphs, path: subgraphs.healthPath }));
  const listener = own.add(
    "http",
    await listen(
      createRequestListener({
        graphql: createGraphqlRoute({ ...config, graphql, authenticator, forwardHeaders: subgraphs.forwardHeaders }),
        partners:
          config.partners && (await openPartnerDoor({ ...config, partners: config.partners, graphql, own, log })),
        explorer: createExplorer({
          assetsDirectory: path.join(__dirname, "http/explorer/assets"),
          graphqlPath: GRAPHQL_PATH,
          websocketPath: GRAPHQL_PATH,
          ...(config.queryPlans ? { queryPlan: PLAN_PANEL } : {}),
          ...(config.explorerExamples ? { examples: readExamples(path.resolve(config.explorerExamples)) } : {}),
        }),
        publishesSchema: introspection,
        hasStreams: config.broker !== undefined,
        cors,
        supergraph,
        health: withSubgraphs(options.health, probes),
        metrics,
        observer: createRequestObserver({ log, metrics }),
        log,
      }),
      config,
    ),
  );

  const streams = config.broker ? await openStreams(config.broker) : undefined;
  const door = createSocketDoor({ generations, authenticator, checker, access, cors });
  own.add("sockets", serveWebSocket({ server: listener.server, path: GRAPHQL_PATH, door, streams, log }));
  return { port: listener.port };

  async function openStreams({ url, namespace }: NonNullable<GatewayConfig["broker"]>) {
    const broker = own.add("broker", await connectBroker({ url, log, name: "gateway" }));
    const opened = own.add("streams", createStreams({ upstreams, log, metrics }));
    own.add("events", createEventFeed({ broker, topology: createTopology(namespace), log, onEvent: opened.take }));
    return opened;
  }
}

const PLAN_PANEL = { header: "Apollo-Query-Plan-Experimental", extension: "__queryPlanExperimental" };
