import path from "node:path";
import type { Health } from "../kit/health";
import { listen } from "../kit/http/listen";
import type { Logger } from "../kit/log";
import type { Registry } from "../kit/metrics";
import type { Shutdown } from "../kit/shutdown";
import { createAccessControl } from "./access/enforcement/access-control";
import type { PolicyFunction } from "./access/rules/rule";
import { anonymousAuthenticator, createAuthenticator } from "./access/tokens/create-authenticator";
import { createJwksCache } from "./access/tokens/jwks-cache";
import type { GatewayConfig } from "./config";
import { createGenerationBuilder } from "./create-generation";
import { createGenerations, type Generation, type Generations } from "./generation";
import { createAcceptedType } from "./http/accepted-type";
import { createCors } from "./http/cors";
import { createGraphqlServer } from "./http/create-graphql-server";
import { createRequestListener } from "./http/create-request-listener";
import { readExamples } from "./http/explorer/read-examples";
import { createExplorer } from "./http/explorer/serve-explorer";
import { withSubgraphs } from "./http/gateway-health";
import { createGraphqlRoute } from "./http/graphql-routes";
import { partnerWebhooksOf } from "./http/open-partner-webhooks";
import { createMemoryCache, createRedisCache } from "./http/persisted-query-cache";
import { runOnGraph } from "./http/run-on-graph";
import { createSocketDoor } from "./http/socket-door";
import { createStreamDoor } from "./http/stream-door";
import { createWarmDoor } from "./http/warm-door";
import { createDocumentChecker } from "./operation/check-document";
import { createTestMode } from "./partners/test-mode/create-test-mode";
import { prepareTexts } from "./prepare-texts";
import { openStreams } from "./streams/open-streams";
import { serveWebSocket } from "./streams/websocket/serve-websocket";
import { serveSupergraph } from "./supergraph/serve-supergraph";
import { createRequestObserver } from "./telemetry/observe-requests";
import { createUpstreams } from "./upstream/create-upstreams";
import { watchSubgraphHealth } from "./upstream/subgraph-health";

const GRAPHQL_PATH = "/graphql";
const PERSISTED_QUERY_CHARACTERS = 32_000_000;
/** Operations that were registered just now are served after so long, ready or not. */
const PREPARE_MS = 5_000;

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
  /** Options of Node for the planner's thread. */
  plannerArgv?: readonly string[];
}): Promise<{ port: number }> {
  const { config, log, metrics, own } = options;
  const { subgraphs, introspection, suggestions, limits } = config;

  const upstreams = own.add("upstreams", createUpstreams({ options: subgraphs, log, metrics }));
  const checker = createDocumentChecker({
    limits,
    introspection,
    suggestions,
    defer: config.executor === "own",
  });
  let registered: () => readonly string[] = () => [];
  const build = createGenerationBuilder({ ...options, upstreams, checker, registered: () => registered() });
  let latest: Generation | undefined;
  const served = own.add(
    "supergraph",
    await serveSupergraph({
      source: config.supergraphFile,
      pollMs: config.supergraphPollMs,
      build: async (sdl) => (latest = await build(sdl, latest)),
      dispose: endGeneration,
      log,
    }),
  );
  const generations = createGenerations(served, (generation) => void endGeneration(generation));
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
  const persistedQueries = config.redisUrl
    ? createRedisCache(config.redisUrl, log)
    : createMemoryCache(PERSISTED_QUERY_CHARACTERS);
  const graphql = own.add(
    "graphql",
    await createGraphqlServer({
      generations,
      access,
      checker,
      persistedQueries,
      introspection,
      suggestions,
      socketPath: GRAPHQL_PATH,
      log,
    }),
  );

  const warmDoor = createWarmDoor({
    isWarm: config.warmDoor,
    generations,
    access,
    checker,
    persistedQueries,
    log,
  });
  const cors = createCors(config.corsOrigins);
  const live = await openStreams({ config, generations, upstreams, own, log, metrics });
  const streams = live?.streams;
  const streamDoor = createStreamDoor({
    generations,
    access,
    checker,
    persistedQueries,
    graphql,
    cors,
    streams: () => streams,
    metrics,
  });
  const probes =
    subgraphs.healthPath === undefined
      ? undefined
      : own.add("probes", watchSubgraphHealth({ addresses: () => supergraph().subgraphs, path: subgraphs.healthPath }));
  const acceptedType = createAcceptedType(graphql);
  const runPartners = (on: Generations) =>
    runOnGraph({ generations: on, access, checker, acceptedType, socketPath: GRAPHQL_PATH, log });
  const listener = own.add(
    "http",
    await listen(
      createRequestListener({
        graphql: createGraphqlRoute({
          ...config,
          graphql,
          warmDoor,
          streamDoor,
          authenticator,
          forwardHeaders: subgraphs.forwardHeaders,
        }),
        partners:
          config.partners &&
          loadPartnerDoor().openPartnerDoor({
            ...config,
            partners: config.partners,
            graph: runPartners(generations),
            costs: () => generations.current().costs,
            cors,
            testMode: createTestMode({ generations, runOn: runPartners }),
            supergraph,
            onSupergraph: (listener) => void generations.onChange((next) => listener(next.supergraph)),
            schema: () => supergraph().apiSchema,
            webhooks: partnerWebhooksOf({ live, generations, checker, access, own, log, metrics }),
            onTexts: (texts) => (registered = texts),
            prepare: (texts) => {
              const until = Date.now() + PREPARE_MS;
              return prepareTexts(generations.current(), { texts, checker, until, log });
            },
            health: options.health,
            own,
            log,
            metrics,
          }),
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

  // Closed before the listener, which waits for answers that go on.
  if (streams) own.add("streams", streams);
  const door = createSocketDoor({ generations, authenticator, checker, access, cors });
  const { forwardHeaders } = subgraphs;
  own.add(
    "sockets",
    serveWebSocket({
      server: listener.server,
      path: GRAPHQL_PATH,
      door,
      streams,
      log,
      metrics,
      settings: { forwardHeaders, maxOperations: config.maxSocketOperations, maxMessageBytes: config.maxBodyBytes },
    }),
  );
  return { port: listener.port };
}

/** With it comes TypeORM, which takes long to load and nobody without partners needs. */
const loadPartnerDoor = () =>
  // eslint-disable-next-line @typescript-eslint/no-require-imports -- a dynamic import cannot name a TypeScript file
  require("./http/open-partner-door") as typeof import("./http/open-partner-door");

const endGeneration = ({ executor, supergraph }: Generation) => Promise.all([executor.close(), supergraph.close()]);

const PLAN_PANEL = { header: "Apollo-Query-Plan-Experimental", extension: "apolloQueryPlan" };
