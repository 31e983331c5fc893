import type { IncomingMessage, ServerResponse } from "node:http";
import type { HTTPGraphQLResponse } from "@apollo/server";
import { ClientError } from "../../kit/errors";
import type { RequestContext } from "../../kit/request-context";
import type { Authenticator, Caller } from "../access/tokens/caller";
import type { GraphqlServer } from "./create-graphql-server";
import type { GraphqlContext } from "./graphql-context";
import { HttpRefusal } from "./http-refusal";
import { readGraphqlRequest } from "./read-graphql-request";
import { wantsHtml } from "./send-page";

/** `/graphql` for everybody. @throws HttpRefusal for what is refused before GraphQL */
export function createGraphqlRoute(options: {
  graphql: GraphqlServer;
  authenticator: Authenticator;
  maxBodyBytes: number;
  forwardHeaders: readonly string[];
  queryPlans: boolean;
}) {
  const { graphql, authenticator, maxBodyBytes, forwardHeaders, queryPlans } = options;
  return async (req: IncomingMessage, res: ServerResponse, context: RequestContext): Promise<void> => {
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
    const request = await readGraphqlRequest(req, maxBodyBytes);
    const { viewer } = await authenticate(authenticator, req.headers.authorization);
    const answer = await graphql.answer(request, {
      ...context,
      viewer,
      signal: signalOf(res),
      forwardedHeaders: pick(req, forwardHeaders),
      showPlan: queryPlans ? planFormat(req) : undefined,
    });
    await send(res, answer);
  };
}

async function authenticate(authenticator: Authenticator, authorization: string | undefined): Promise<Caller> {
  try {
    return await authenticator.authenticate(authorization);
  } catch (error) {
    if (!(error instanceof ClientError)) throw error;
    // RFC 6750, section 3: what a client must know to ask again.
    throw error.code === "UNAUTHENTICATED"
      ? new HttpRefusal(401, error.code, error.message, { "www-authenticate": 'Bearer error="invalid_token"' })
      : new HttpRefusal(503, error.code, error.message, { "retry-after": "1" });
  }
}

/** Aborted when the client is gone before it had its answer: nobody waits for the subgraphs then. */
export function signalOf(res: ServerResponse): AbortSignal {
  const gone = new AbortController();
  res.once("close", () => {
    if (!res.writableFinished) gone.abort();
  });
  return gone.signal;
}

export async function send(res: ServerResponse, { status, headers, body }: HTTPGraphQLResponse): Promise<void> {
  for (const [name, value] of headers) res.setHeader(name, value);
  res.statusCode = status ?? 200;
  if (body.kind === "complete") {
    res.end(body.string);
    return;
  }
  for await (const chunk of body.asyncIterator) res.write(chunk);
  res.end();
}

function pick(req: IncomingMessage, names: readonly string[]): GraphqlContext["forwardedHeaders"] {
  const given = names.flatMap((name) => {
    const value = req.headers[name];
    return value === undefined ? [] : [[name, Array.isArray(value) ? value.join(", ") : value] as const];
  });
  return given.length > 0 ? Object.fromEntries(given) : undefined;
}

/** The headers by which Apollo's tools ask for a plan. */
function planFormat(req: IncomingMessage): GraphqlContext["showPlan"] {
  if (req.headers["apollo-query-plan-experimental"] === undefined) return undefined;
  return req.headers["apollo-query-plan-experimental-format"] === "internal" ? "json" : "text";
}
