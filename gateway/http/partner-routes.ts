import type { IncomingMessage, ServerResponse } from "node:http";
import { HeaderMap } from "@apollo/server";
import type { Logger } from "../../kit/log";
import type { RequestContext } from "../../kit/request-context";
import { choosePartnerOperation, isPartnerRefusal, REFUSAL_CACHE_CONTROL } from "../partners/choose-operation";
import type { KeyChecker, Partner } from "../partners/create-key-checker";
import type { OperationRegistry } from "../partners/manifest";
import type { ObservedRequest } from "../telemetry/observe-requests";
import { traceRequest } from "../telemetry/trace-request";
import type { GraphqlServer } from "./create-graphql-server";
import { signalOf } from "./gone-signal";
import { send } from "./graphql-routes";
import { HttpRefusal } from "./http-refusal";
import { partnerDocsPage } from "./pages/partner-docs-page";
import { isJson, parseJson, readLimited } from "./read-graphql-request";
import { originOf, sendPage } from "./send-page";

export interface PartnerRoutes {
  /** `POST /partner/v1/graphql`. @throws HttpRefusal */
  answer(req: IncomingMessage, res: ServerResponse, context: RequestContext, observed: ObservedRequest): Promise<void>;
  /** `GET /partner/v1/docs`. */
  docs(req: IncomingMessage, res: ServerResponse): void;
}

/** What is refused before GraphQL starts is a problem document. https://www.rfc-editor.org/rfc/rfc9457 */
interface Problem {
  readonly status: number;
  readonly title: string;
  readonly detail: string;
  readonly code: string;
}

export function createPartnerRoutes(options: {
  graphql: GraphqlServer;
  keys: KeyChecker;
  registry: () => OperationRegistry;
  maxBodyBytes: number;
  log: Logger;
}): PartnerRoutes {
  const { graphql, keys, registry, maxBodyBytes, log } = options;

  const identify = async (req: IncomingMessage, requestId: string): Promise<Partner | Problem> => {
    const key = keyOf(req);
    if (key === undefined) {
      return unauthorized('Send your API key as "Authorization: Bearer <key>" or as "x-api-key".');
    }
    try {
      return (await keys.check(key)) ?? unauthorized("The API key is not valid.");
    } catch (err) {
      log.error({ err, requestId }, "a partner's key could not be checked");
      const detail = "API keys cannot be checked at the moment; try again.";
      return { status: 503, title: "Service Unavailable", detail, code: "SERVICE_UNAVAILABLE" };
    }
  };

  return {
    answer: async (req, res, context, observed) => {
      if (req.method !== "POST") {
        throw new HttpRefusal(405, "METHOD_NOT_ALLOWED", "Operations are sent by POST.", { allow: "POST, OPTIONS" });
      }
      const span = traceRequest(req, res, observed.route);
      const partner = await identify(req, context.requestId);
      if ("status" in partner) return sendProblem(res, partner, context.requestId);
      observed.attributes["partner"] = partner.slug;
      observed.attributes["keyId"] = partner.keyId;
      if (!isJson(req.headers["content-type"])) {
        throw new HttpRefusal(415, "UNSUPPORTED_MEDIA_TYPE", "The content type must be application/json in UTF-8.");
      }
      const body = parseJson(await readLimited(req, maxBodyBytes));
      const chosen = choosePartnerOperation(registry(), partner.slug, "POST", body);
      if (isPartnerRefusal(chosen)) {
        throw new HttpRefusal(chosen.status, chosen.code, chosen.message, {
          ...chosen.headers,
          "cache-control": REFUSAL_CACHE_CONTROL,
        });
      }
      observed.attributes["operation"] = chosen.operation.name;
      // The registered text in place of the id: from here on it is an operation like any other, under the same rules and limits.
      const headers = new HeaderMap([["content-type", "application/json"]]);
      if (req.headers.accept !== undefined) headers.set("accept", req.headers.accept);
      const request = { query: chosen.operation.body, variables: chosen.variables };
      const answer = await graphql.answer(
        { method: "POST", headers, search: "", body: request },
        {
          requestId: context.requestId,
          traceparent: span?.traceparent ?? context.traceparent,
          viewer: partner.identity,
          signal: signalOf(res),
          span,
        },
      );
      await send(res, answer);
    },
    docs: (req, res) => sendPage(req, res, 200, partnerDocsPage(originOf(req), registry())),
  };
}

/** @returns undefined when there is none, or two that differ */
function keyOf(req: IncomingMessage): string | undefined {
  const bearer = /^Bearer +(\S+)\s*$/i.exec(req.headers.authorization ?? "")?.[1];
  const header = req.headers["x-api-key"];
  const named = typeof header === "string" && header !== "" ? header : undefined;
  return bearer !== undefined && named !== undefined && bearer !== named ? undefined : (bearer ?? named);
}

const unauthorized = (detail: string): Problem => ({
  status: 401,
  title: "Unauthorized",
  detail,
  code: "UNAUTHENTICATED",
});

function sendProblem(res: ServerResponse, problem: Problem, requestId: string): void {
  const body = JSON.stringify({ type: "about:blank", ...problem, requestId });
  res.writeHead(problem.status, {
    "content-type": "application/problem+json; charset=utf-8",
    "content-length": Buffer.byteLength(body),
    "cache-control": "no-store",
    ...(problem.status === 401 ? { "www-authenticate": 'Bearer realm="partner"' } : { "retry-after": "1" }),
  });
  res.end(body);
}
