import type { IncomingMessage, ServerResponse } from "node:http";
import type { GraphQLSchema } from "graphql";
import type { Logger } from "../../kit/log";
import type { RequestContext } from "../../kit/request-context";
import type { RunCall } from "../partners/calls/call";
import { CallRefused } from "../partners/calls/call-refused";
import { type KeyChecker, KeysUnavailableError } from "../partners/keys/create-key-checker";
import type { Partner } from "../partners/keys/partner";
import type { OperationRegistry } from "../partners/registry/operation-registry";
import { type Problem, problem } from "../partners/rest/problem";
import { readScenario, SCENARIO_HEADER, TEST_MODE_HEADER } from "../partners/test-mode/scenario";
import type { WebhookApi } from "../partners/webhooks/webhook-api";
import type { UsageStore } from "../partners/usage/usage-store";
import type { ObservedRequest } from "../telemetry/observe-requests";
import { traceRequest } from "../telemetry/trace-request";
import type { AnswerHead } from "./answer-head";
import type { ClientAddress } from "./client-address";
import type { Cors } from "./cors";
import { attributesOf, type PartnerCall } from "./partner-call";
import { createPartnerDocs } from "./partner-docs";
import { createPartnerGraphql } from "./partner-graphql";
import { createPartnerMcp } from "./partner-mcp";
import { createPartnerRest } from "./partner-rest";
import { createPartnerUsage, USAGE_PATH } from "./partner-usage";
import { createPartnerWebhooks, isWebhookPath } from "./partner-webhooks";
import { sendProblem } from "./send-problem";

/** Everything of the partner API is below this. */
export const PARTNER_PREFIX = "/partner/v1";

/** What answers some of the paths that take a key. */
export interface PartnerRoute {
  /** In logs and metrics. */
  readonly name: string;
  readonly keepsHead: true;
  /** @throws HttpRefusal */
  route(
    req: IncomingMessage,
    res: ServerResponse,
    context: RequestContext,
    observed: ObservedRequest,
    head: AnswerHead,
  ): Promise<void> | void;
}

export interface PartnerRoutes {
  /** @param path below `/partner/v1/`, with this in front */
  find(path: string): PartnerRoute;
  /** `GET /partner/v1/docs`. */
  docs(req: IncomingMessage, res: ServerResponse): void;
}

/** What answers paths below `/partner/v1` with a key. */
interface Room {
  /** In logs and metrics. */
  readonly name: string;
  /** Writes the head itself; for the others it is on the response already. */
  readonly keepsHead?: boolean;
  holds(path: string): boolean;
  answer(call: PartnerCall): Promise<void> | void;
}

export function createPartnerRoutes(options: {
  run: RunCall;
  keys: KeyChecker;
  addressOf: ClientAddress;
  registry: () => OperationRegistry;
  schema: () => GraphQLSchema;
  usage: Pick<UsageStore, "read">;
  webhooks: WebhookApi | undefined;
  cors: Pick<Cors, "isAllowed">;
  /** Undefined: there are no tools for agents. */
  isAgentHost: ((host: string | undefined) => boolean) | undefined;
  isDemo: boolean;
  maxBodyBytes: number;
  log: Logger;
}): PartnerRoutes {
  const { keys, addressOf, isAgentHost, log } = options;
  const docs = createPartnerDocs(options);
  const rooms: readonly Room[] = [
    { name: "graphql", keepsHead: true, holds: isGraphql, answer: createPartnerGraphql(options) },
    { name: "webhooks", holds: isWebhookPath, answer: createPartnerWebhooks(options) },
    { name: "usage", holds: (path) => path === USAGE_PATH, answer: createPartnerUsage(options) },
    ...(isAgentHost
      ? [
          {
            name: "mcp",
            holds: (path: string) => path === "/mcp",
            answer: createPartnerMcp({ ...options, isAgentHost }),
          },
        ]
      : []),
    { name: "docs/operations", holds: (path) => path === "/docs/operations", answer: docs.operations },
  ];
  const rest: Room = { name: "{path}", keepsHead: true, holds: () => true, answer: createPartnerRest(options) };

  const uncheckedBecause = (err: unknown, requestId: string): Problem => {
    if (err instanceof CallRefused) return problem(err.status, err.code, err.message);
    // The checker says once that the keys cannot be read.
    if (!(err instanceof KeysUnavailableError)) log.error({ err, requestId }, "a partner's key could not be checked");
    return problem(503, "SERVICE_UNAVAILABLE", "API keys cannot be checked at the moment; try again.");
  };
  /** At once for whoever was known a moment ago. */
  const identify = (req: IncomingMessage, requestId: string): Partner | Problem | Promise<Partner | Problem> => {
    const key = keyOf(req);
    if (key === undefined) return NO_KEY;
    try {
      const partner = keys.check(key, addressOf(req));
      if (!(partner instanceof Promise)) return partner ?? WRONG_KEY;
      return partner.then(
        (found) => found ?? WRONG_KEY,
        (err: unknown) => uncheckedBecause(err, requestId),
      );
    } catch (err) {
      return uncheckedBecause(err, requestId);
    }
  };

  const refuse = ({ res, head, context }: Pick<PartnerCall, "res" | "head" | "context">, reason: Problem): void => {
    head.move();
    sendProblem(res, reason, context.requestId);
  };

  /** What there is behind the key. */
  const admit = (
    room: Room,
    partner: Partner | Problem,
    request: Omit<PartnerCall, "partner" | "path">,
  ): Promise<void> | void => {
    const { req, res, head, context, observed, span } = request;
    if ("status" in partner) return refuse(request, partner);
    observed.shared = attributesOf(partner);
    if (partner.mode === "test") head.set(TEST_MODE_HEADER, "true");
    const unfit = scenarioProblem(partner, req);
    if (unfit) return refuse(request, unfit);
    if (!room.keepsHead) head.move();
    return room.answer({ req, res, head, context, observed, span, partner, path: pathOf(req) });
  };

  const routeTo = (room: Room): PartnerRoute & Pick<Room, "holds"> => ({
    name: `${PARTNER_PREFIX}/${room.name}`,
    keepsHead: true,
    holds: room.holds,
    route: (req, res, context, observed, head) => {
      const request = { req, res, head, context, observed, span: traceRequest(req, res, observed.route) };
      const partner = identify(req, context.requestId);
      return partner instanceof Promise
        ? partner.then((found) => admit(room, found, request))
        : admit(room, partner, request);
    },
  });
  const routes = rooms.map(routeTo);
  const restRoute = routeTo(rest);

  return {
    find: (path) => {
      const own = path.slice(PARTNER_PREFIX.length);
      return routes.find(({ holds }) => holds(own)) ?? restRoute;
    },
    docs: docs.page,
  };
}

const isGraphql = (path: string) => path === "/graphql" || path.startsWith("/graphql/");

/** Below the prefix. */
function pathOf({ url = "" }: IncomingMessage): string {
  const mark = url.indexOf("?");
  return url.slice(PARTNER_PREFIX.length, mark < 0 ? undefined : mark);
}

/** @returns undefined when there is none, or two that differ */
function keyOf(req: IncomingMessage): string | undefined {
  const { authorization } = req.headers;
  const bearer = authorization === undefined ? undefined : /^Bearer +(\S+)\s*$/i.exec(authorization)?.[1];
  const header = req.headers["x-api-key"];
  const named = typeof header === "string" && header !== "" ? header : undefined;
  return bearer !== undefined && named !== undefined && bearer !== named ? undefined : (bearer ?? named);
}

/** Why what the request asks to be tested cannot be, if it asks. */
function scenarioProblem({ mode }: Partner, { headers }: IncomingMessage): Problem | undefined {
  const asked = headers[SCENARIO_HEADER]?.toString();
  if (asked === undefined) return undefined;
  try {
    readScenario(mode, asked);
    return undefined;
  } catch (error) {
    if (!(error instanceof CallRefused)) throw error;
    return problem(error.status, error.code, error.message);
  }
}

const NO_KEY = problem(401, "UNAUTHENTICATED", 'Send your API key as "Authorization: Bearer <key>" or as "x-api-key".');
const WRONG_KEY = problem(401, "UNAUTHENTICATED", "The API key is not valid.");
