import type { GraphQLSchema } from "graphql";
import type { Logger } from "../../kit/log";
import type { Partner } from "../partners/keys/partner";
import type { OperationRegistry } from "../partners/registry/operation-registry";
import { describePartnerApi } from "../partners/openapi/describe-partner-api";
import { createRestCatalogue, type RestEntry } from "../partners/rest/create-rest-catalogue";
import type { RestOperation } from "../partners/rest/rest-operation";
import { matchPath } from "../partners/rest/match-path";
import { decodePath, readParameters } from "../partners/rest/read-parameters";
import { isProblem, restAnswer } from "../partners/rest/rest-answer";
import { operationRetired, retiredAtPath } from "../partners/registry/retired-operation";
import { addLink, type Call, type RunCall } from "../partners/calls/call";
import { endWithText } from "./end-with-text";
import { HttpRefusal } from "./http-refusal";
import { createKnownRequests } from "./known-requests";
import { nextPage } from "./next-page";
import { type PartnerCall, runRegistered } from "./partner-call";
import { answeringProblems } from "./partner-refusal";
import { searchOf } from "./read-graphql-request";
import { readPartnerBody } from "./read-partner-body";
import { sendProblem } from "./send-problem";
import { sendRevalidated, VARY } from "./send-revalidated";

const JSON_TYPE = "application/json; charset=utf-8";

/**
 * `GET|POST /partner/v1/<path of an operation>`: parameters become variables, the answer is plain JSON, every refusal a problem document. And
 * `GET /partner/v1/openapi.json`: what the key that asks can call.
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

  /** By the operations that a key is for, of which there are as many as there are keys. */
  const descriptions = new WeakMap<readonly RestEntry[], Map<string, string>>();
  /** What the key can call. Entries are made anew with every registry and every schema, and with them this. */
  const descriptionOf = (apiSchema: GraphQLSchema, entries: readonly RestEntry[], { operations }: Partner): string => {
    const known = descriptions.get(entries) ?? new Map<string, string>();
    descriptions.set(entries, known);
    const which = operations ? [...operations].sort().join() : "";
    const allowed = operations ? entries.filter(({ operation }) => operations.has(operation.name)) : entries;
    const text = known.get(which) ?? JSON.stringify(describePartnerApi(apiSchema, allowed));
    known.set(which, text);
    return text;
  };

  const requests = createKnownRequests<ResourceRequest>();

  const read = async (
    { req, partner, path }: PartnerCall,
    method: "GET" | "POST",
    entries: readonly RestEntry[],
  ): Promise<ResourceRequest> => {
    const parts = decodePath(path);
    const found = matchPath(entries, method, parts);
    if (Array.isArray(found)) {
      if (found.length > 0) throw notAllowed(found);
      const retired = retiredAtPath(registry(), partner.slug, method, parts);
      if (retired) throw operationRetired(retired);
      throw new HttpRefusal(404, "NOT_FOUND", "There is no operation at this path.");
    }
    const { rest, operation } = found as Exclude<typeof found, readonly string[]>;
    if (!rest) {
      const detail = "The operation does not fit the graph as it is now; its operators have been told.";
      throw new HttpRefusal(500, "GRAPHQL_VALIDATION_FAILED", detail);
    }
    const body = method === "POST" ? await readPartnerBody(req, maxBodyBytes) : undefined;
    return { rest, operation, variables: readParameters(rest, { path: parts, search: searchOf(req), body }) };
  };

  const answer = async (call: PartnerCall): Promise<void> => {
    const { req, res, head, partner, path, context } = call;
    const method = req.method === "HEAD" ? "GET" : req.method;
    if (method !== "GET" && method !== "POST") throw notAllowed(["GET", "POST"]);
    const apiSchema = schema();
    const entries = catalogue(registry(), apiSchema, partner.slug);
    if (path === "/openapi.json") {
      if (method !== "GET") throw notAllowed(["GET"]);
      return sendRevalidated(call, descriptionOf(apiSchema, entries, partner), JSON_TYPE);
    }
    const { url = "" } = req;
    const request =
      method === "GET"
        ? (requests.find(entries, partner.slug, url) ??
          requests.keep(entries, partner.slug, url, await read(call, method, entries)))
        : { meaning: await read(call, method, entries) };
    const { rest, operation, variables } = request.meaning;
    const response = await runRegistered(run, call, {
      operation,
      variables,
      accept: "application/json",
      door: "rest",
      kept: "keptFor" in request ? request.keptFor(partner, apiSchema) : undefined,
    });
    const plain = restAnswer(rest, response.body);
    if (isProblem(plain)) {
      head.move();
      return sendProblem(res, plain, context.requestId);
    }
    const { text, bytes = Buffer.byteLength(text) } = plain;
    // A stage may have named pages about the operation; this one is about the answer.
    if (plain.nextCursor !== undefined) addLink(head, `<${nextPage(req, plain.nextCursor)}>; rel="next"`);
    if ("tagOf" in request) return sendRevalidated(call, text, JSON_TYPE, { bytes, tagOf: request.tagOf });
    head.set("content-type", JSON_TYPE);
    head.set("content-length", String(bytes));
    head.set("cache-control", "no-store");
    head.set("vary", VARY);
    head.write(200);
    endWithText(res, text, bytes);
  };

  return answeringProblems(answer);
}

interface ResourceRequest extends Pick<Call, "operation" | "variables"> {
  readonly rest: RestOperation;
}

function notAllowed(methods: readonly ("GET" | "POST")[]): HttpRefusal {
  const allow = [...methods.flatMap((method) => (method === "GET" ? ["GET", "HEAD"] : [method])), "OPTIONS"].join(", ");
  return new HttpRefusal(405, "METHOD_NOT_ALLOWED", `This path takes ${methods.join(" and ")} only.`, { allow });
}
