import { createHash } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";
import type { HTTPGraphQLResponse } from "@apollo/server";
import { GraphQLError } from "graphql";
import type { ErrorCode } from "../../kit/errors";
import type { Registry } from "../../kit/metrics";
import { givenTraceparent, TRACEPARENT_HEADER, TRACESTATE_HEADER } from "../../kit/request-context";
import type { AccessControl } from "../access/enforcement/access-control";
import type { Caller } from "../access/tokens/caller";
import type { Generations } from "../generation";
import { chooseOperation, type DocumentChecker, isRefused } from "../operation/check-document";
import { type AcceptedStream, type DeliveryKind, readAcceptedStream } from "../streams/http/accepted-stream";
import { eventStream } from "../streams/http/event-stream";
import { createHttpStreamMetrics } from "../streams/http/http-metrics";
import { createHttpSink, STREAM_TIMES, type StreamTimes } from "../streams/http/http-sink";
import { multipart } from "../streams/http/multipart";
import { createPulse } from "../streams/http/pulse";
import { clientOf, resumeCursorOf } from "../streams/subscriber";
import type { Streams } from "../streams/stream";
import type { ObservedRequest } from "../telemetry/observe-requests";
import { createOperationCheck, shown } from "./check-operation";
import type { Cors } from "./cors";
import type { GraphqlServer } from "./create-graphql-server";
import type { GraphqlContext } from "./graphql-context";
import { HttpRefusal } from "./http-refusal";
import { type PersistedQueryCache, persistedQueryKey } from "./persisted-query-cache";
import { asHttpGraphqlRequest } from "./read-graphql-request";
import { isPreflighted, PREFLIGHT_HEADERS, readTextOrHash, type SentOperation } from "./read-operation";
import { sendErrors, sendOneMessage } from "./send-whole-stream";

/** A request to `/graphql`, as far as it was read. */
export interface StreamRequest {
  readonly req: IncomingMessage;
  readonly res: ServerResponse;
  /** The parsed body of a POST. */
  readonly body: unknown;
  readonly context: GraphqlContext;
  readonly caller: Caller;
  readonly observed: ObservedRequest;
}

/** Answers that go on: subscriptions over HTTP, and whatever is asked for as server-sent events. */
export interface StreamDoor {
  /**
   * @returns false when the request does not ask for such an answer: then nothing was written
   * @throws HttpRefusal for what is refused before GraphQL
   */
  answer(request: StreamRequest): Promise<boolean>;
}

/** With the text that its hash stands for. */
type SentText = SentOperation & { readonly query: string };

const PULSE_MS = 1_000;
const DELIVERIES = { events: eventStream, parts: multipart } as const;
/** What is no GraphQL request is told by HTTP; everything later is part of the stream, where clients find it. */
const TOLD_BY_HTTP: readonly (ErrorCode | undefined)[] = ["BAD_REQUEST", "METHOD_NOT_ALLOWED"];

/** @param options.streams undefined where there are none; asked for with each subscription */
export function createStreamDoor(options: {
  generations: Generations;
  access: AccessControl;
  checker: DocumentChecker;
  persistedQueries: PersistedQueryCache;
  graphql: GraphqlServer;
  cors: Pick<Cors, "isAllowed">;
  streams: () => Streams | undefined;
  metrics: Registry;
  times?: StreamTimes & { readonly pulseMs: number };
}): StreamDoor {
  const { generations, access, checker, persistedQueries, graphql, cors, streams } = options;
  const times = options.times ?? { ...STREAM_TIMES, pulseMs: PULSE_MS };
  const check = createOperationCheck({ checker, access });
  const pulse = createPulse(times.pulseMs);
  const observerOf = createHttpStreamMetrics(options.metrics);

  /** @returns undefined for an unknown hash, and for one that is not that of the text beside it */
  const textOf = async ({ query, hash }: SentOperation): Promise<string | undefined> => {
    if (hash === undefined) return query;
    const key = persistedQueryKey(hash);
    if (query === undefined) return persistedQueries.known(key) ?? (await persistedQueries.get(key));
    return createHash("sha256").update(query).digest("hex") === hash ? query : undefined;
  };

  /** Apollo Server's answer, whatever it is, as the only event. */
  const answerWithEvents = async ({ req, res, body, context }: StreamRequest, isHarmless: boolean) => {
    const request = asHttpGraphqlRequest(req, body);
    request.headers.set("accept", "application/json");
    if (isHarmless) request.headers.set(PREFLIGHT_HEADERS[1], "true");
    const answer = await graphql.answer(request, context);
    const text = wholeText(answer);
    if (TOLD_BY_HTTP.includes(codeIn(text, answer.status))) {
      res.writeHead(answer.status ?? 400, {
        ...Object.fromEntries(answer.headers),
        "content-length": Buffer.byteLength(text),
      });
      res.end(text);
    } else {
      sendOneMessage(res, eventStream, text.trimEnd());
    }
  };

  const subscribe = async (
    request: StreamRequest,
    accepted: AcceptedStream,
    delivery: DeliveryKind,
    sent: SentText,
  ) => {
    const { req, res, context, caller, observed } = request;
    const { viewer, expiresAtMs } = caller;
    const refuse = (errors: readonly GraphQLError[]) => sendErrors(res, accepted, errors, delivery === "events");

    const checked = check(generations.current(), sent, viewer);
    if (isErrors(checked)) return refuse(checked);
    if (sent.hash !== undefined) await persistedQueries.set(persistedQueryKey(sent.hash), sent.query);
    const running = streams();
    if (!running) return refuse([typed("SUBSCRIPTION_NOT_SUPPORTED", "This gateway has no event streams.")]);
    // A browser that lost its connection repeats its request and adds the last id, so that one counts.
    const cursor = lastEventIdOf(req) ?? resumeCursorOf(sent.extensions);
    if (cursor instanceof GraphQLError) return refuse([cursor]);
    // What waits behind another answer is not told when the client goes.
    if (res.socket === null) {
      throw new HttpRefusal(400, "BAD_REQUEST", "A subscription cannot wait behind another answer of the connection.");
    }

    observed.route = "/graphql (stream)";
    observed.attributes["delivery"] = delivery;
    // The document holds the text already, shared by everyone who sent the same.
    const { operationName, variables } = sent;
    const kept = { query: checked.document.loc?.source.body ?? sent.query, operationName, variables };
    const sink = createHttpSink(res, { delivery: DELIVERIES[delivery], pulse, times, observer: observerOf(delivery) });
    const { requestId, traceparent, forwardedHeaders } = context;
    const opened = await running.open(
      {
        checked,
        operationName,
        recheck: (generation) => check(generation, kept, viewer),
        context: { requestId, traceparent, viewer, ...(forwardedHeaders ? { forwardedHeaders } : {}) },
        expiresAtMs,
        client: clientOf(viewer, res.socket.remoteAddress),
        clientTrace: givenTraceparent(req.headers[TRACEPARENT_HEADER], req.headers[TRACESTATE_HEADER]),
        cursor,
        gone: context.signal,
      },
      sink,
    );
    // The answer may go on for days; what was asked for is done.
    context.span?.end({ "graphql.operation.type": "subscription" }, isErrors(opened) ? "refused" : undefined);
    if (isErrors(opened)) return refuse(opened);
    sink.begin(opened);
  };

  return {
    answer: async (request) => {
      const { req, res, body } = request;
      const accepted = readAcceptedStream(req.headers.accept);
      if (!accepted) return false;
      const isHarmless = isPreflighted(req) || comesFromAllowedPage(req, cors);
      const sent = readTextOrHash(req, body, isHarmless);
      const text = sent && (await textOf(sent));
      const leave = generations.enter();
      try {
        if (sent && text !== undefined) {
          const checked = await checker.checkAside(generations.current().supergraph, text);
          const operation = isRefused(checked) ? checked : chooseOperation(checked.document, sent.operationName);
          if ("errors" in operation || operation instanceof GraphQLError) {
            if (!accepted.prefersEvents && accepted.json) return false;
            sendErrors(res, accepted, shown("errors" in operation ? operation.errors : [operation]), false);
            return true;
          }
          if (operation.operation === "subscription" && accepted.delivery) {
            await subscribe(request, accepted, accepted.delivery, { ...sent, query: text });
            return true;
          }
        }
        if (!accepted.prefersEvents) return false;
        await answerWithEvents(request, isHarmless);
        return true;
      } finally {
        leave();
      }
    },
  };
}

/**
 * An `EventSource` can set no header that would make the browser ask first. But it says where its page is from: by an origin, or, for a page of
 * this very host, by a header that no page can set.
 * https://www.w3.org/TR/fetch-metadata/
 */
function comesFromAllowedPage(req: IncomingMessage, cors: Pick<Cors, "isAllowed">): boolean {
  if (req.method !== "GET") return false;
  const { origin, host } = req.headers;
  return origin === undefined ? req.headers["sec-fetch-site"] === "same-origin" : cors.isAllowed(origin, host);
}

const lastEventIdOf = ({ headers }: IncomingMessage): string | undefined => {
  const id = headers["last-event-id"];
  return typeof id === "string" && id !== "" ? id : undefined;
};

function wholeText({ body }: HTTPGraphQLResponse): string {
  if (body.kind === "complete") return body.string;
  throw new Error("Apollo Server answered in parts although nobody asked for it");
}

/** The code of the first error of an answer that is none but errors. */
function codeIn(text: string, status = 200): ErrorCode | undefined {
  if (status < 400) return undefined;
  const { errors } = JSON.parse(text) as { errors?: readonly { extensions?: { code?: ErrorCode } }[] };
  return errors?.[0]?.extensions?.code;
}

const typed = (code: ErrorCode, message: string) => new GraphQLError(message, { extensions: { code } });

const isErrors = <T extends object>(value: T | readonly GraphQLError[]): value is readonly GraphQLError[] =>
  Array.isArray(value);
