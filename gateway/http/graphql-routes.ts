import type { IncomingMessage, ServerResponse } from "node:http";
import type { HTTPGraphQLResponse } from "@apollo/server";
import { ClientError } from "../../kit/errors";
import type { RequestContext } from "../../kit/request-context";
import type { Viewer } from "../../kit/viewer";
import type { Authenticator, Caller } from "../access/tokens/caller";
import { namesStream } from "../streams/http/accepted-stream";
import type { ObservedRequest } from "../telemetry/observe-requests";
import { traceRequest } from "../telemetry/trace-request";
import type { GraphqlServer } from "./create-graphql-server";
import { endWithText } from "./end-with-text";
import { signalOf } from "./gone-signal";
import type { GraphqlContext } from "./graphql-context";
import { HttpRefusal } from "./http-refusal";
import { asHttpGraphqlRequest, readGraphqlBody } from "./read-graphql-request";
import { sendTexts } from "./send-parts";
import { wantsHtml } from "./send-page";
import type { StreamDoor } from "./stream-door";
import type { WarmDoor } from "./warm-door";

/**
 * `/graphql` for everybody. @throws HttpRefusal for what is refused before GraphQL
 *
 * @param options.queryPlans every caller may see plans
 * @param options.queryPlansRole callers with this role may
 */
export function createGraphqlRoute(options: {
  graphql: GraphqlServer;
  warmDoor: WarmDoor;
  streamDoor: StreamDoor;
  authenticator: Authenticator;
  maxBodyBytes: number;
  forwardHeaders: readonly string[];
  queryPlans: boolean;
  queryPlansRole: string | undefined;
}) {
  const { graphql, warmDoor, streamDoor, authenticator, maxBodyBytes, forwardHeaders, queryPlans, queryPlansRole } =
    options;
  const maySeePlans = (viewer: Viewer) =>
    queryPlans || (queryPlansRole !== undefined && viewer !== undefined && viewer.roles.includes(queryPlansRole));
  return async (
    req: IncomingMessage,
    res: ServerResponse,
    context: RequestContext,
    observed: ObservedRequest,
  ): Promise<void> => {
    if (req.method !== "GET" && req.method !== "POST") {
      throw new HttpRefusal(405, "METHOD_NOT_ALLOWED", "GraphQL is asked by GET or POST.", {
        allow: "GET, POST, OPTIONS",
      });
    }
    if (req.method === "GET" && wantsHtml(req) && !/[?&](query|extensions)=/.test(req.url ?? "")) {
      // A person typed the endpoint into a browser.
      res.writeHead(303, { location: "explorer/", "content-length": "0", vary: "Accept, Origin" });
      res.end();
      return;
    }
    const span = traceRequest(req, res, observed.route);
    // Before the body: a token that is not valid is refused without reading on.
    const caller = await authenticate(authenticator, req.headers.authorization);
    const { viewer } = caller;
    const body = await readGraphqlBody(req, maxBodyBytes);
    const operationContext: GraphqlContext = {
      requestId: context.requestId,
      traceparent: span?.traceparent ?? context.traceparent,
      viewer,
      signal: signalOf(res),
      forwardedHeaders: forwardHeaders.length > 0 ? pick(req, forwardHeaders) : undefined,
      explain: asksForPlan(req) && maySeePlans(viewer),
      span,
    };
    if (namesStream(req.headers.accept)) {
      const stream = { req, res, body, context: operationContext, caller, observed };
      if (await streamDoor.answer(stream)) return;
    }
    const rest = await warmDoor.answer(req, res, body, operationContext);
    if (!rest) return;
    const answer = await graphql.answer(asHttpGraphqlRequest(req, body), { ...operationContext, ...rest });
    warmDoor.learn(req, answer);
    await send(res, answer);
  };
}

async function authenticate(authenticator: Authenticator, authorization: string | undefined): Promise<Caller> {
  try {
    return await authenticator.authenticate(authorization);
  } catch (error) {
    if (!(error instanceof ClientError)) throw error;
    const refusal = refusals.get(error) ?? refusalFor(error);
    refusals.set(error, refusal);
    throw refusal;
  }
}

/** The authenticator has few reasons and gives each of them many times. */
const refusals = new WeakMap<ClientError, HttpRefusal>();

/** RFC 6750, section 3: what a client must know to ask again. */
const refusalFor = ({ code, message }: ClientError): HttpRefusal =>
  code === "UNAUTHENTICATED"
    ? new HttpRefusal(401, code, message, { "www-authenticate": 'Bearer error="invalid_token"' })
    : new HttpRefusal(503, code, message, { "retry-after": "1" });

/** A GraphQL answer, and how long its text is in UTF-8 where that is known. */
interface SendableAnswer {
  readonly status?: number;
  readonly headers: ReadonlyMap<string, string>;
  readonly body: HTTPGraphQLResponse["body"] & { readonly bytes?: number };
}

/** At once, but for an answer in parts. */
export function send(res: ServerResponse, { status = 200, headers, body }: SendableAnswer): Promise<void> | void {
  for (const [name, value] of headers) res.setHeader(name, value);
  res.statusCode = status;
  if (body.kind === "complete") {
    const length = body.bytes ?? Buffer.byteLength(body.string);
    res.setHeader("content-length", length);
    return endWithText(res, body.string, length);
  }
  return sendTexts(res, body.asyncIterator);
}

function pick(req: IncomingMessage, names: readonly string[]): GraphqlContext["forwardedHeaders"] {
  const given = names.flatMap((name) => {
    const value = req.headers[name];
    return value === undefined ? [] : [[name, Array.isArray(value) ? value.join(", ") : value] as const];
  });
  return given.length > 0 ? Object.fromEntries(given) : undefined;
}

/** By either of these Apollo's tools ask for a plan: https://www.apollographql.com/docs/technotes/TN0039-debugging-subgraph-requests/ */
const asksForPlan = ({ headers }: IncomingMessage): boolean =>
  headers["apollo-query-plan-experimental"] !== undefined || headers["apollo-expose-query-plan"] === "true";
