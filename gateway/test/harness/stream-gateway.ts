import { Registry } from "prom-client";
import { createHealth } from "../../../kit/health";
import { listen } from "../../../kit/http/listen";
import { createAccessControl } from "../../access/enforcement/access-control";
import { anonymousAuthenticator, createAuthenticator } from "../../access/tokens/create-authenticator";
import { createJwksCache } from "../../access/tokens/jwks-cache";
import { parseConfig } from "../../config";
import { createGenerationBuilder } from "../../create-generation";
import { createGenerations, type Generation } from "../../generation";
import { createCors } from "../../http/cors";
import { createGraphqlServer } from "../../http/create-graphql-server";
import { createRequestListener } from "../../http/create-request-listener";
import { createGraphqlRoute } from "../../http/graphql-routes";
import { createMemoryCache } from "../../http/persisted-query-cache";
import { createStreamDoor } from "../../http/stream-door";
import { createWarmDoor } from "../../http/warm-door";
import { createDocumentChecker } from "../../operation/check-document";
import { STREAM_TIMES, type StreamTimes } from "../../streams/http/http-sink";
import type { Streams } from "../../streams/stream";
import { createRequestObserver } from "../../telemetry/observe-requests";
import { createUpstreams } from "../../upstream/create-upstreams";
import { compose } from "./compose";
import type { FakeSubgraph } from "./fake-subgraph";
import { recordingLog } from "./recording-log";
import { TYPESCRIPT } from "./test-gateway";

export interface StreamGateway {
  readonly url: string;
  readonly port: number;
  readonly generation: Generation;
  metrics(): Promise<string>;
  close(): Promise<void>;
}

/** The HTTP door of the gateway as it is, with the given core of streams. */
export async function startStreamGateway(options: {
  subgraphs: readonly FakeSubgraph[];
  streams: Streams | undefined;
  env?: Readonly<Record<string, string>>;
  times?: Partial<StreamTimes & { pulseMs: number }>;
  sdl?: string;
}): Promise<StreamGateway> {
  const { log } = recordingLog();
  const metrics = new Registry();
  const config = parseConfig({ PORT: "0", SUPERGRAPH_FILE: "unused", ...options.env });
  const { introspection, suggestions, limits, subgraphs } = config;
  const upstreams = createUpstreams({ options: subgraphs, log, metrics });
  const checker = createDocumentChecker({ limits, introspection, suggestions });
  const build = createGenerationBuilder({ config, upstreams, checker, log, metrics, plannerArgv: TYPESCRIPT });
  const generation = await build(options.sdl ?? compose(options.subgraphs), undefined);
  const generations = createGenerations(
    { current: () => generation, onChange: () => () => undefined, close: () => Promise.resolve() },
    () => undefined,
  );
  const access = createAccessControl({ mode: config.accessMode, policy: undefined });
  const persistedQueries = createMemoryCache(1_000_000);
  const graphql = await createGraphqlServer({
    generations,
    access,
    checker,
    persistedQueries,
    introspection,
    suggestions,
    socketPath: "/graphql",
    log,
  });
  const authenticator = config.tokens
    ? createAuthenticator({ ...config.tokens, keys: createJwksCache({ url: config.tokens.jwksUrl, log }) })
    : anonymousAuthenticator;
  const cors = createCors(config.corsOrigins);
  const listener = await listen(
    createRequestListener({
      graphql: createGraphqlRoute({
        ...config,
        graphql,
        warmDoor: createWarmDoor({ isWarm: true, generations, access, checker, persistedQueries, log }),
        streamDoor: createStreamDoor({
          generations,
          access,
          checker,
          persistedQueries,
          graphql,
          cors,
          streams: () => options.streams,
          metrics,
          times: { ...STREAM_TIMES, pulseMs: 5, ...options.times },
        }),
        authenticator,
        forwardHeaders: subgraphs.forwardHeaders,
      }),
      partners: undefined,
      explorer: () => Promise.resolve(false),
      publishesSchema: false,
      hasStreams: true,
      cors,
      supergraph: () => generation.supergraph,
      health: createHealth(),
      metrics,
      observer: createRequestObserver({ log, metrics }),
      log,
    }),
    { port: 0, host: "127.0.0.1" },
  );
  return {
    url: `http://127.0.0.1:${listener.port}`,
    port: listener.port,
    generation,
    metrics: () => metrics.metrics(),
    close: async () => {
      await options.streams?.close();
      await listener.close();
      await graphql.close();
      await authenticator.close();
      await Promise.all([generation.executor.close(), generation.supergraph.close()]);
      await upstreams.close();
    },
  };
}
