import type { IncomingMessage } from "node:http";
import {
  choosePartnerOperation,
  isPartnerRefusal,
  type PartnerOperation,
  type PartnerRefusal,
  REFUSAL_CACHE_CONTROL,
} from "../partners/choose-operation";
import type { OperationRegistry } from "../partners/registry/operation-registry";
import { decodePath, ParameterError, parseSearch } from "../partners/rest/read-parameters";
import type { GraphQLSchema } from "graphql";
import type { Answer, AnswerBody, RunCall } from "../partners/calls/call";
import { CallRefused } from "../partners/calls/call-refused";
import { endWithText } from "./end-with-text";
import { send } from "./graphql-routes";
import { HttpRefusal, respondRefusal } from "./http-refusal";
import { createKnownRequests, type KnownRequest } from "./known-requests";
import { type PartnerCall, runRegistered } from "./partner-call";
import { isJson, parseJson, readLimited, searchOf } from "./read-graphql-request";
import { sendRevalidated, VARY } from "./send-revalidated";

/** `GET|POST /partner/v1/graphql[/<id>[/<operation name>]]`: GraphQL over HTTP, with ids in place of texts. */
export function createPartnerGraphql(options: {
  run: RunCall;
  registry: () => OperationRegistry;
  schema: () => GraphQLSchema;
  maxBodyBytes: number;
}): (call: PartnerCall) => Promise<void> {
  const { run, registry, schema, maxBodyBytes } = options;
  const requests = createKnownRequests<PartnerOperation>();

  /** @param text all that tells what the request means */
  const find = (
    { slug }: PartnerCall["partner"],
    text: string,
    choose: (operations: OperationRegistry) => PartnerOperation | PartnerRefusal,
  ): KnownRequest<PartnerOperation> | PartnerRefusal => {
    const operations = registry();
    const known = requests.find(operations, slug, text);
    if (known) return known;
    const chosen = choose(operations);
    return isPartnerRefusal(chosen) ? chosen : requests.keep(operations, slug, text, chosen);
  };
  const findByTarget = ({ req, partner, path }: PartnerCall) =>
    find(partner, req.url ?? "", (operations) =>
      refusingBadAddress(() => {
        const named = namesIn(path);
        return choosePartnerOperation(operations, partner.slug, "GET", searchFields(req), named);
      }),
    );
  // Neither a target nor JSON looks like the two together.
  const findByBody = ({ partner, path }: PartnerCall, body: string) =>
    find(partner, path === "/graphql" ? body : `${path} ${body}`, (operations) => {
      const named = refusingBadAddress(() => namesIn(path));
      return choosePartnerOperation(operations, partner.slug, "POST", parseJson(body), named);
    });

  return async (call) => {
    const { req, res, head, context } = call;
    const isGet = req.method === "GET" || req.method === "HEAD";
    if (!isGet && req.method !== "POST") {
      throw new HttpRefusal(405, "METHOD_NOT_ALLOWED", "Operations are sent by GET or POST.", {
        allow: "GET, HEAD, POST, OPTIONS",
      });
    }
    const found = isGet ? findByTarget(call) : findByBody(call, (await bodyOf(req, maxBodyBytes)).toString("utf8"));
    if ("status" in found) {
      head.move();
      const headers = { ...found.headers, "cache-control": REFUSAL_CACHE_CONTROL };
      const { status, code, message, details = NO_DETAILS } = found;
      return respondRefusal(req, res, { status, code, message, headers, details }, context.requestId);
    }
    const { operation, variables } = found.meaning;
    const kept = found.keptFor(call.partner, schema());
    const request = { operation, variables, accept: req.headers.accept, door: "graphql", kept } as const;
    let answer: Answer;
    try {
      answer = await runRegistered(run, call, request);
    } catch (error) {
      if (!(error instanceof CallRefused)) throw error;
      head.move();
      const headers = { "cache-control": REFUSAL_CACHE_CONTROL, ...error.headers };
      const { status, code, message, details } = error;
      return respondRefusal(req, res, { status, code, message, headers, details }, context.requestId);
    }
    const { body, headers, status } = answer;
    if (body.kind !== "complete") {
      head.move();
      return send(res, answer);
    }
    const { bytes = Buffer.byteLength(body.string), string } = body;
    if (isGet && status === 200 && !hasErrors(body)) {
      const type = headers.get("content-type") ?? "application/json; charset=utf-8";
      return sendRevalidated(call, string, type, { vary: VARY_WITH_ACCEPT, bytes, tagOf: found.tagOf });
    }
    for (const [name, value] of headers) head.set(name, value);
    head.set("content-length", String(bytes));
    head.write(status);
    endWithText(res, string, bytes);
  };
}

const NO_DETAILS = Object.freeze({});
const VARY_WITH_ACCEPT = `${VARY}, Accept`;

/** An answer with errors begins with them. It is one of a bad moment and not to be kept. */
const hasErrors = ({ string, result }: AnswerBody & { kind: "complete" }): boolean =>
  result ? result.errors.length > 0 : string.startsWith('{"errors"');

/** @throws HttpRefusal, at once or later */
function bodyOf(req: IncomingMessage, maxBytes: number): Promise<Buffer> {
  if (!isJson(req.headers["content-type"])) {
    throw new HttpRefusal(415, "UNSUPPORTED_MEDIA_TYPE", "The content type must be application/json in UTF-8.");
  }
  return readLimited(req, maxBytes);
}

const NO_NAMES = Object.freeze({});

/** https://github.com/graphql/graphql-over-http appendix "Persisted Documents" (draft): id and name as parts of the path. */
function namesIn(path: string): { readonly id?: string | undefined; readonly operationName?: string | undefined } {
  if (path === "/graphql") return NO_NAMES;
  const parts = decodePath(path);
  if (parts.length > 3) throw new HttpRefusal(404, "NOT_FOUND", "There is nothing at this path.");
  return { id: parts[1], operationName: parts[2] };
}

const NO_FIELDS: Readonly<Record<string, unknown>> = Object.freeze({});

/** Each once; `variables` and `extensions` are JSON. */
function searchFields(req: IncomingMessage): Readonly<Record<string, unknown>> {
  const search = searchOf(req);
  if (search === "") return NO_FIELDS;
  const fields = [...parseSearch(search)].map(([name, [text = "", ...more]]): [string, unknown] => {
    if (more.length > 0) throw new ParameterError(`The parameter "${name.slice(0, 60)}" may be given once.`);
    if (name !== "variables" && name !== "extensions") return [name, text];
    try {
      return [name, JSON.parse(text)];
    } catch {
      throw new ParameterError(`The parameter "${name}" must be JSON.`);
    }
  });
  return Object.fromEntries(fields);
}

function refusingBadAddress<Result>(read: () => Result): Result {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof ParameterError)) throw error;
    throw new HttpRefusal(400, "BAD_REQUEST", error.message, { "cache-control": REFUSAL_CACHE_CONTROL });
  }
}
