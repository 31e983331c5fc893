import type { IncomingMessage } from "node:http";
import type { GraphQLSchema } from "graphql";
import type { Logger } from "../../kit/log";
import type { OperationRegistry } from "../partners/manifest";
import { describePartnerApi } from "../partners/openapi/describe-partner-api";
import { createRestCatalogue, type RestEntry } from "../partners/rest/create-rest-catalogue";
import { matchPath } from "../partners/rest/match-path";
import { type Problem, problem } from "../partners/rest/problem";
import { decodePath, ParameterError, readParameters } from "../partners/rest/read-parameters";
import { isProblem, restAnswer } from "../partners/rest/rest-answer";
import type { RunCall } from "../partners/calls/call";
import { CallRefused } from "../partners/calls/call-refused";
import { HttpRefusal } from "./http-refusal";
import { type PartnerCall, runRegistered } from "./partner-call";
import { isJson, parseJson, readLimited, searchOf } from "./read-graphql-request";
import { sendProblem } from "./send-problem";
import { sendRevalidated, VARY } from "./send-revalidated";

const JSON_TYPE = "application/json; charset=utf-8";

/**
 * `GET|POST /partner/v1/<path of an operation>`: parameters become variables, the answer is plain JSON, every refusal a problem document. And
 * `GET /partner/v1/openapi.json`: what there is for the partner who asks.
 */
export function createPartnerRest(options: {
  run: RunCall;
  registry: () => OperationRegistry;
  schema: () => GraphQLSchema;
  maxBodyBytes: number;
  log: Logger;
}): (call: PartnerCall) => Promise<void> {
  const { run, registry, schema, maxBodyBytes, log } = options;
  const catalogue = createRestCatalogue((partner, err) =>
    log.error({ err, partner }, "a registered operation does not fit the supergraph"),
  );

  const descriptions = new WeakMap<readonly RestEntry[], string>();
  /** Entries are made anew with every registry and every schema, and with them this. */
  const descriptionOf = (apiSchema: GraphQLSchema, entries: readonly RestEntry[]): string => {
    const text = descriptions.get(entries) ?? JSON.stringify(describePartnerApi(apiSchema, entries));
    descriptions.set(entries, text);
    return text;
  };

  const answer = async (call: PartnerCall): Promise<void> => {
    const { req, res, partner, path, context } = call;
    const method = req.method === "HEAD" ? "GET" : req.method;
    if (method !== "GET" && method !== "POST") throw notAllowed(["GET", "POST"]);
    const apiSchema = schema();
    const entries = catalogue(registry(), apiSchema, partner.slug);
    if (path === "/openapi.json") {
      if (method !== "GET") throw notAllowed(["GET"]);
      return sendRevalidated(req, res, descriptionOf(apiSchema, entries), { "content-type": JSON_TYPE });
    }
    const parts = decodePath(path);
    const found = matchPath(entries, method, parts);
    if (Array.isArray(found)) {
      if (found.length > 0) throw notAllowed(found);
      throw new HttpRefusal(404, "NOT_FOUND", "There is no operation at this path.");
    }
    const { rest, operation } = found as Exclude<typeof found, readonly string[]>;
    if (!rest) {
      const detail = "The operation does not fit the graph as it is now; its operators have been told.";
      return sendProblem(res, problem(500, "GRAPHQL_VALIDATION_FAILED", detail), context.requestId);
    }
    const body = method === "POST" ? await readBody(req, maxBodyBytes) : undefined;
    const variables = readParameters(rest, { path: parts, search: searchOf(req), body });
    const response = await runRegistered(run, call, {
      operation,
      variables,
      accept: "application/json",
      door: "rest",
    });
    const plain = restAnswer(rest, response.body);
    if (isProblem(plain)) return sendProblem(res, plain, context.requestId);
    const { text } = plain;
    // A stage may have named pages about the operation; this one is about the answer.
    if (plain.nextCursor !== undefined) res.appendHeader("link", `<${nextPage(req, plain.nextCursor)}>; rel="next"`);
    const headers = { "content-type": JSON_TYPE };
    if (method === "GET") return sendRevalidated(req, res, text, headers);
    res.writeHead(200, {
      ...headers,
      "content-length": Buffer.byteLength(text),
      "cache-control": "no-store",
      vary: VARY,
    });
    res.end(text);
  };

  return async (call) => {
    try {
      await answer(call);
    } catch (error) {
      const refusal = refusalOf(error);
      if (!refusal || call.res.headersSent) throw error;
      sendProblem(call.res, refusal.problem, call.context.requestId, refusal.headers);
    }
  };
}

/** @returns undefined for what is nobody's to know */
function refusalOf(error: unknown): { problem: Problem; headers: Readonly<Record<string, string>> } | undefined {
  if (error instanceof ParameterError) return { problem: problem(400, "BAD_USER_INPUT", error.message), headers: {} };
  if (error instanceof CallRefused) {
    const { status, code, message, headers, type, details } = error;
    return { problem: problem(status, code, message, { ...(type === undefined ? {} : { type }), details }), headers };
  }
  if (!(error instanceof HttpRefusal)) return undefined;
  return { problem: problem(error.status, error.code, error.message), headers: error.headers };
}

function notAllowed(methods: readonly ("GET" | "POST")[]): HttpRefusal {
  const allow = [...methods.flatMap((method) => (method === "GET" ? ["GET", "HEAD"] : [method])), "OPTIONS"].join(", ");
  return new HttpRefusal(405, "METHOD_NOT_ALLOWED", `This path takes ${methods.join(" and ")} only.`, { allow });
}

/** @returns undefined when there is none: an operation without variables needs none */
async function readBody(req: IncomingMessage, maxBytes: number): Promise<unknown> {
  const { "content-length": length, "transfer-encoding": coding, "content-encoding": compression } = req.headers;
  if (coding === undefined && (length === undefined || length === "0")) return undefined;
  if (!isJson(req.headers["content-type"])) {
    throw new HttpRefusal(415, "UNSUPPORTED_MEDIA_TYPE", "The content type must be application/json in UTF-8.");
  }
  if (compression !== undefined && compression !== "identity") {
    throw new HttpRefusal(415, "UNSUPPORTED_MEDIA_TYPE", "The body must not be compressed.");
  }
  return parseJson(await readLimited(req, maxBytes));
}

/** The same address with another cursor, so that the size of a page and whatever else was asked for stays. */
function nextPage(req: IncomingMessage, cursor: string): string {
  const [path = ""] = (req.url ?? "").split("?", 1);
  const search = new URLSearchParams(searchOf(req));
  search.set("after", cursor);
  // In a header between angle brackets, where neither of them may be.
  return `${path}?${search.toString()}`.replace(/[<>\s]/g, encodeURIComponent);
}
