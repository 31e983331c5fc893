import type { IncomingMessage, RequestListener, ServerResponse } from "node:http";
import { UNEXPECTED_ERROR_MESSAGE } from "../../kit/errors";
import type { Health } from "../../kit/health";
import { respondToOperator } from "../../kit/http/respond";
import type { Logger } from "../../kit/log";
import type { Registry } from "../../kit/metrics";
import {
  createRequestContext,
  REQUEST_ID_HEADER,
  TRACEPARENT_HEADER,
  TRACESTATE_HEADER,
} from "../../kit/request-context";
import type { RequestContext } from "../../kit/request-context";
import type { LoadedSupergraph } from "../supergraph/load-supergraph";
import type { ObservedRequest, RequestObserver } from "../telemetry/observe-requests";
import { AnswerHead } from "./answer-head";
import type { Cors } from "./cors";
import type { ExplorerHandler } from "./explorer/serve-explorer";
import { HttpRefusal, respondRefusal } from "./http-refusal";
import { homePage } from "./pages/home-page";
import { htmlPage } from "./pages/html-page";
import { PARTNER_PREFIX, type PartnerRoutes } from "./partner-routes";
import { createSchemaHandler } from "./public-schema";
import { originOf, sendPage, wantsHtml } from "./send-page";

type Route = (
  req: IncomingMessage,
  res: ServerResponse,
  context: RequestContext,
  observed: ObservedRequest,
  head: AnswerHead,
) => Promise<void> | void;

/** The gateway's paths. Everything a client may do wrong at them is answered here; nothing it does ends the process. */
export function createRequestListener(options: {
  graphql: Route;
  partners: PartnerRoutes | undefined;
  explorer: ExplorerHandler;
  /** Off where introspection is: the file says the same. */
  publishesSchema: boolean;
  hasStreams: boolean;
  cors: Cors;
  supergraph: () => LoadedSupergraph;
  health: Health;
  metrics: Registry;
  observer: RequestObserver;
  log: Logger;
}): RequestListener {
  const { graphql, partners, explorer, hasStreams, publishesSchema, cors, supergraph, health, metrics, observer, log } =
    options;

  const home: Route = (req, res) => {
    const { subgraphs, version } = supergraph();
    const page = homePage({
      origin: originOf(req),
      subgraphs: subgraphs.map(({ name }) => name),
      version,
      hasPartners: partners !== undefined,
      hasStreams,
      hasSchema: publishesSchema,
    });
    sendPage(req, res, 200, page);
  };
  const operators: Route = async (req, res) => void (await respondToOperator(req, res, { health, metrics }));
  const pages: Route = async (req, res) => void (await explorer(req, res));

  const routes = new Map<string, Route>([
    ["/graphql", graphql],
    ["/", reading(home)],
    ["/explorer", pages],
    ...(publishesSchema ? ([["/schema.graphql", reading(createSchemaHandler(supergraph))]] as const) : []),
    ["/health/live", reading(operators)],
    ["/health/ready", reading(operators)],
    ["/metrics", reading(operators)],
    ...(partners ? ([[`${PARTNER_PREFIX}/docs`, reading(partners.docs)]] as const) : []),
  ]);
  /** Partners' routes keep the head until they answer. */
  const below = (path: string): { route: Route; name: string; keepsHead?: boolean } | undefined => {
    if (path.startsWith("/explorer/")) return { route: pages, name: "/explorer" };
    if (!partners || !path.startsWith(`${PARTNER_PREFIX}/`)) return undefined;
    return partners.find(path);
  };

  const answer = async (
    req: IncomingMessage,
    res: ServerResponse,
    context: RequestContext,
    observed: ObservedRequest,
    head: AnswerHead,
  ) => {
    const path = pathOf(req);
    const exact = routes.get(path);
    const found = exact ? { route: exact, name: path, keepsHead: false } : below(path);
    observed.route = found?.name ?? "other";
    if (!found?.keepsHead || req.method === "OPTIONS") head.move();
    if (!found) return respondNotFound(req, res, context.requestId);
    if (cors.answerPreflight(req, res)) return;
    cors.apply(req, head);
    await found.route(req, res, context, observed, head);
  };

  return (req, res) => {
    const observed = observer.observe(req, res);
    const { headers } = req;
    const context = createRequestContext(
      headers[REQUEST_ID_HEADER],
      headers[TRACEPARENT_HEADER],
      headers[TRACESTATE_HEADER],
    );
    const { requestId } = context;
    observed.requestId = requestId;
    const head = new AnswerHead(res);
    head.set(REQUEST_ID_HEADER, requestId);
    answer(req, res, context, observed, head).catch((error: unknown) => {
      if (res.headersSent || res.destroyed) {
        log.warn({ err: error, requestId }, "an answer was broken off");
        res.destroy();
        return;
      }
      head.move();
      if (error instanceof HttpRefusal) {
        respondRefusal(req, res, error, requestId);
      } else {
        log.error({ err: error, requestId }, "a request failed unexpectedly");
        respondRefusal(req, res, new HttpRefusal(500, "INTERNAL_SERVER_ERROR", UNEXPECTED_ERROR_MESSAGE), requestId);
      }
    });
  };
}

function pathOf({ url = "/" }: IncomingMessage): string {
  const mark = url.indexOf("?");
  return mark < 0 ? url : url.slice(0, mark);
}

/** A route for reading only. HEAD is answered as GET, without the body. */
function reading(route: Route): Route {
  return (req, res, context, observed, head) => {
    if (req.method !== "GET" && req.method !== "HEAD") {
      throw new HttpRefusal(405, "METHOD_NOT_ALLOWED", "This can only be read.", { allow: "GET, HEAD, OPTIONS" });
    }
    return route(req, res, context, observed, head);
  };
}

function respondNotFound(req: IncomingMessage, res: ServerResponse, requestId: string): void {
  if (wantsHtml(req)) {
    sendPage(req, res, 404, htmlPage("Nothing here", '<p>There is nothing at this path. <a href="/">Home</a></p>'));
    return;
  }
  respondRefusal(req, res, new HttpRefusal(404, "NOT_FOUND", "There is nothing at this path."), requestId);
}
