import type { IncomingMessage, ServerResponse } from "node:http";
import type { HTTPGraphQLResponse } from "@apollo/server";
import { GraphQLError } from "graphql";
import { LRUCache } from "lru-cache";
import type { Logger } from "../../kit/log";
import type { AccessControl } from "../access/enforcement/access-control";
import { type OperationResult, runOperation } from "../execution/run-operation";
import type { Generations } from "../generation";
import { chooseOperation, type DocumentChecker, isRefused, type RefusedDocument } from "../operation/check-document";
import { endWhole, endWithText } from "./end-with-text";
import type { GraphqlContext } from "./graphql-context";
import type { PersistedQueryCache } from "./persisted-query-cache";
import { publicErrors } from "./public-error";
import { readOperation } from "./read-operation";
import { acceptsParts, sendParts } from "./send-parts";

/** What is left for Apollo Server to do; with an outcome, only to answer with it. */
export type Remainder = Pick<GraphqlContext, "outcome">;

/** Answers what Apollo Server has answered before, at a fraction of the cost and byte for byte alike. */
export interface WarmDoor {
  /**
   * Answers when the document is known and nothing about request and answer is unusual; and whoever takes deferred answers, which Apollo
   * Server cannot give.
   *
   * @param body the parsed body of a POST
   * @returns undefined when the request is answered
   */
  answer(
    req: IncomingMessage,
    res: ServerResponse,
    body: unknown,
    context: GraphqlContext,
  ): Promise<Remainder | undefined>;
  /** Learns from an answer of Apollo Server which type of answer an `Accept` header gets. */
  learn(req: IncomingMessage, answer: HTTPGraphQLResponse): void;
}

const FOR_APOLLO: Remainder = Object.freeze({});
const JSON_TYPE = "application/json; charset=utf-8";
const MAX_ACCEPT_LENGTH = 300;
const MAX_ACCEPTS = 200;
/** Apollo Server's prefix in front of the hash. */
const APQ_PREFIX = "apq:";
const PERSISTED_QUERY_NOT_FOUND = answerText(
  `"errors":${JSON.stringify([
    { message: "PersistedQueryNotFound", extensions: { code: "PERSISTED_QUERY_NOT_FOUND" } },
  ])}`,
);

/** @param options.isWarm false: nothing but deferred answers is given here */
export function createWarmDoor(options: {
  isWarm: boolean;
  generations: Generations;
  access: AccessControl;
  checker: DocumentChecker;
  persistedQueries: PersistedQueryCache;
  log: Logger;
}): WarmDoor {
  const { isWarm, generations, access, checker, persistedQueries, log } = options;
  const types = new LRUCache<string, string>({ max: MAX_ACCEPTS });
  for (const accept of ["", "*/*", "application/json"]) types.set(accept, JSON_TYPE);
  const refusals = new WeakMap<RefusedDocument, string>();

  const sharedBytes = new WeakMap<OperationResult, Buffer>();

  /** Of an answer that several requests get. */
  const bytesOfShared = (result: OperationResult): Buffer => {
    const known = sharedBytes.get(result) ?? Buffer.from(answerText(`"data":${result.data}`), "latin1");
    sharedBytes.set(result, known);
    return known;
  };

  const textOfRefusal = (refused: RefusedDocument): string => {
    const known = refusals.get(refused);
    if (known !== undefined) return known;
    const text = answerText(`"errors":${JSON.stringify(publicErrors(refused.errors))}`);
    refusals.set(refused, text);
    return text;
  };

  const answer: WarmDoor["answer"] = async (req, res, body, context) => {
    const { accept = "" } = req.headers;
    const type = isWarm ? types.get(accept) : undefined;
    if (type === undefined && !acceptsParts(accept)) return FOR_APOLLO;
    const sent = readOperation(req, body);
    if (!sent) return FOR_APOLLO;

    let text = sent.query;
    if (sent.hash !== undefined) {
      const key = APQ_PREFIX + sent.hash;
      text = persistedQueries.known(key) ?? (await persistedQueries.get(key));
      if (text === undefined) {
        if (type === undefined) return FOR_APOLLO;
        return send(res, 200, type, PERSISTED_QUERY_NOT_FOUND, "private, no-cache, must-revalidate");
      }
    }
    if (text === undefined) return FOR_APOLLO;
    const inParts = text.includes("@defer") && acceptsParts(accept);
    if (type === undefined && !inParts) return FOR_APOLLO;

    const generation = generations.current();
    const known = checker.find(generation.supergraph, text);
    const isKnown = inParts || known !== undefined;
    // What is refused is refused here at once; what is not, Apollo Server answers first.
    const checked = known ?? (await checker.checkAside(generation.supergraph, text));
    if (isRefused(checked)) {
      return type === undefined || checked.isTransient
        ? FOR_APOLLO
        : send(res, 400, type, textOfRefusal(checked), "no-store");
    }
    if (!isKnown) return FOR_APOLLO;
    const operation = chooseOperation(checked.document, sent.operationName);
    if (operation instanceof GraphQLError || operation.operation === "subscription") return FOR_APOLLO;
    if (operation.operation !== "query" && req.method !== "POST") return FOR_APOLLO;

    const { explain = false, requestId } = context;
    const outcome = runOperation(generation, access, {
      document: checked.document,
      documentKey: checked.key,
      operationName: sent.operationName,
      variables: sent.variables,
      context,
      explain,
      acceptsParts: inParts,
    });
    let result: OperationResult;
    try {
      result = await outcome;
    } catch {
      // Apollo Server meets the same error and words it.
      return { outcome };
    }
    const { data, isAscii = false, errors, extensions, parts } = result;
    if (parts) {
      await sendParts(res, { ...result, parts }, (some) => publicErrors(some, { requestId, log }));
      return undefined;
    }
    if (type === undefined || data === undefined || errors.some(isUnusual)) return { outcome };
    if (isAscii && errors.length === 0 && !extensions) {
      return sendData(res, type, result.isShared ? bytesOfShared(result) : answerText(`"data":${data}`));
    }
    const shown = errors.length > 0 ? `"errors":${JSON.stringify(publicErrors(errors, { requestId, log }))},` : "";
    const explained = extensions ? `,"extensions":${JSON.stringify(extensions)}` : "";
    return send(res, 200, type, answerText(`${shown}"data":${data}${explained}`), "no-store");
  };

  return {
    answer: async (req, res, body, context) => {
      const leave = generations.enter();
      try {
        return await answer(req, res, body, context);
      } finally {
        leave();
      }
    },
    learn: ({ headers: { accept = "" } }, { status = 200, headers }) => {
      const type = headers.get("content-type");
      // Other answers may have a type although the client accepts none.
      if (status === 200 && type !== undefined && accept.length <= MAX_ACCEPT_LENGTH) types.set(accept, type);
    },
  };
}

/** Apollo Server ends every answer with a line feed. */
function answerText(fields: string): string {
  return `{${fields}}\n`;
}

/** Errors that decide the status, or that Apollo Server gives a code of its own. */
const isUnusual = ({ extensions }: GraphQLError): boolean =>
  extensions["http"] !== undefined || extensions["code"] === undefined;

function send(res: ServerResponse, status: number, type: string, text: string, cacheControl: string): undefined {
  const length = Buffer.byteLength(text);
  res.writeHead(status, { "cache-control": cacheControl, "content-type": type, "content-length": length });
  endWithText(res, text, length);
}

/**
 * A whole answer in ASCII, or its bytes. A text was put together a moment ago; counting its bytes would copy it once more than sending it does.
 */
function sendData(res: ServerResponse, type: string, answer: string | Buffer): undefined {
  res.writeHead(200, { "cache-control": "no-store", "content-type": type, "content-length": answer.length });
  endWhole(res, answer, "latin1");
}
