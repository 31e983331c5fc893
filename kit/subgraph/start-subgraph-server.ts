import type { IncomingMessage, ServerResponse } from "node:http";
import { ApolloServer, HeaderMap } from "@apollo/server";
import { ApolloServerPluginInlineTraceDisabled } from "@apollo/server/plugin/disabled";
import { GraphQLError, type GraphQLSchema } from "graphql";
import { Histogram, type Registry } from "prom-client";
import type { Health } from "../health";
import { type HttpListener, listen } from "../http/listen";
import { BodyTooLargeError, readBody } from "../http/read-body";
import { respondJson, respondToOperator } from "../http/respond";
import {
  createIdentityKey,
  IDEMPOTENCY_HEADER,
  IDENTITY_HEADER,
  UntrustedIdentityError,
  verifyIdentity,
} from "../identity";
import type { Logger } from "../log";
import {
  createRequestContext,
  givenTraceparent,
  REQUEST_ID_HEADER,
  TRACEPARENT_HEADER,
  TRACESTATE_HEADER,
} from "../request-context";
import { type Span, tracer } from "../tracing/tracer";
import type { Viewer } from "../viewer";
import { maskError } from "./mask-error";
import type { SubgraphContext } from "./subgraph-context";

/** A route beside `/graphql`. `trusted` ones want the signed identity header; the others are open to anyone who reaches the port. */
export interface Route {
  readonly method: "GET" | "POST";
  /** Matched as a whole, or up to its end when it ends with "/". */
  readonly path: string;
  readonly trusted: boolean;
  handle(request: { path: string; viewer: Viewer; body: Buffer }): Promise<RouteAnswer>;
}

export interface RouteAnswer {
  readonly status: number;
  readonly body: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

/** `_entities` requests of a gateway are long lists of representations. */
const MAX_BODY_BYTES = 10 * 1_048_576;

interface Outcome extends SubgraphContext<unknown> {
  readonly log: Logger;
}

/**
 * Serves a subgraph on `node:http`: `POST /graphql` for the gateway alone (every request carries its signature), the operators' routes,
 * and what else the service gives.
 * @param options.createLoaders called once per request
 */
export async function startSubgraphServer<Loaders>(options: {
  name: string;
  schema: GraphQLSchema;
  internalSecret: string;
  host: string;
  port: number;
  log: Logger;
  health: Health;
  metrics: Registry;
  createLoaders: (viewer: Viewer) => Loaders;
  routes?: readonly Route[];
  /** Tells errors that mean "my database is not there": clients hear SERVICE_UNAVAILABLE and may try again. */
  isAway?: (error: unknown) => boolean;
}): Promise<HttpListener> {
  const { name, schema, log, health, metrics, createLoaders, routes = [], isAway } = options;
  const key = createIdentityKey(options.internalSecret);
  const duration = new Histogram({
    name: "subgraph_request_duration_seconds",
    help: "Time from a whole GraphQL request to its whole answer.",
    labelNames: ["status"],
    registers: [metrics],
  });

  const apollo = new ApolloServer<Outcome>({
    schema,
    introspection: true,
    csrfPrevention: false, // every request carries a signature that no browser can make
    includeStacktraceInErrorResponses: false,
    stopOnTerminationSignals: false,
    logger: log,
    plugins: [
      ApolloServerPluginInlineTraceDisabled(),
      {
        // Here, not in `formatError`, because here the request's context is at hand.
        requestDidStart: () =>
          Promise.resolve({
            willSendResponse: ({ response, errors, contextValue, operation, operationName }) => {
              contextValue.span?.set({
                "graphql.operation.type": operation?.operation,
                "graphql.operation.name": operationName ?? undefined,
              });
              if (response.body.kind === "single" && response.body.singleResult.errors && errors) {
                response.body.singleResult.errors = errors.map((error) =>
                  maskError(error.toJSON(), error, { ...contextValue, isAway }),
                );
              }
              return Promise.resolve();
            },
          }),
      },
    ],
  });
  await apollo.start();

  const answerGraphql = async (req: IncomingMessage, res: ServerResponse, viewer: Viewer, span: Span | undefined) => {
    const given = createRequestContext(
      req.headers[REQUEST_ID_HEADER],
      req.headers[TRACEPARENT_HEADER],
      req.headers[TRACESTATE_HEADER],
    );
    const context = span ? { ...given, traceparent: span.traceparent } : given;
    let body: unknown;
    try {
      body = JSON.parse((await readBody(req, MAX_BODY_BYTES)).toString("utf8"));
    } catch (error) {
      const tooLarge = error instanceof BodyTooLargeError;
      return respondError(
        res,
        tooLarge ? 413 : 400,
        tooLarge ? "PAYLOAD_TOO_LARGE" : "BAD_REQUEST",
        tooLarge ? "The body is too large." : "The body is not JSON.",
      );
    }
    const headers = new HeaderMap();
    for (const [header, value] of Object.entries(req.headers)) {
      if (value !== undefined) headers.set(header, Array.isArray(value) ? value.join(", ") : value);
    }
    const answer = await apollo.executeHTTPGraphQLRequest({
      httpGraphQLRequest: { method: "POST", headers, body, search: "" },
      context: () =>
        Promise.resolve({
          ...context,
          viewer,
          loaders: createLoaders(viewer),
          log: log.child({ requestId: context.requestId }),
          idempotencyKey: headers.get(IDEMPOTENCY_HEADER),
          span,
        }),
    });
    res.statusCode = answer.status ?? 200;
    for (const [header, value] of answer.headers) res.setHeader(header, value);
    if (answer.body.kind === "complete") return void res.end(answer.body.string);
    for await (const chunk of answer.body.asyncIterator) res.write(chunk);
    res.end();
  };

  const answer = async (req: IncomingMessage, res: ServerResponse): Promise<void> => {
    if (await respondToOperator(req, res, { health, metrics })) return;
    const path = (req.url ?? "/").split("?", 1)[0] ?? "/";
    const route = routes.find(
      (candidate) =>
        candidate.method === req.method &&
        (candidate.path.endsWith("/") ? path.startsWith(candidate.path) : path === candidate.path),
    );
    const graphql = path === "/graphql" && req.method === "POST";
    if (!route && !graphql) return respondError(res, 404, "NOT_FOUND", "There is nothing at this path.");

    let viewer: Viewer;
    if (graphql || route?.trusted) {
      const header = req.headers[IDENTITY_HEADER];
      viewer = await verifyIdentity(key, Array.isArray(header) ? undefined : header, name);
    }
    if (graphql) {
      const end = duration.startTimer();
      const { [TRACEPARENT_HEADER]: traceparent, [TRACESTATE_HEADER]: tracestate } = req.headers;
      const span = tracer()?.start("server", "POST /graphql", givenTraceparent(traceparent, tracestate), {
        "http.request.method": "POST",
        "http.route": "/graphql",
      });
      try {
        await answerGraphql(req, res, viewer, span);
        end({ status: String(res.statusCode) });
      } finally {
        span?.end({ "http.response.status_code": res.statusCode }, res.statusCode < 500 ? undefined : "5xx");
      }
    } else if (route) {
      const body = route.method === "POST" ? await readBody(req, MAX_BODY_BYTES) : Buffer.alloc(0);
      const result = await route.handle({ path, viewer, body });
      respondJson(res, result.status, result.body, result.headers);
    }
  };

  const listener = await listen(
    (req, res) => {
      answer(req, res).catch((error: unknown) => {
        if (error instanceof UntrustedIdentityError) {
          log.warn({ reason: error.message, path: req.url }, "refused a request that the gateway did not sign");
          return respondError(res, 401, "UNAUTHENTICATED", "Only the gateway may ask here.");
        }
        if (error instanceof BodyTooLargeError) {
          return respondError(res, 413, "PAYLOAD_TOO_LARGE", "The body is too large.");
        }
        log.error({ err: error, path: req.url }, "a request failed");
        respondError(res, 500, "INTERNAL_SERVER_ERROR", "Unexpected error.");
      });
    },
    { port: options.port, host: options.host },
  );
  return {
    ...listener,
    close: async () => {
      await listener.close();
      await apollo.stop();
    },
  };
}

function respondError(res: ServerResponse, status: number, code: string, message: string): void {
  if (res.headersSent) return void res.destroy();
  respondJson(res, status, { errors: [new GraphQLError(message, { extensions: { code } }).toJSON()] });
}
