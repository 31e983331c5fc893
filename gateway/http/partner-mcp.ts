import type { GraphQLSchema } from "graphql";
import type { Logger } from "../../kit/log";
import type { RunCall } from "../partners/calls/call";
import { CallRefused } from "../partners/calls/call-refused";
import type { RunTool } from "../partners/mcp/answer-message";
import { createToolCatalogue } from "../partners/mcp/create-tool-catalogue";
import { refusalResult, toolResult, unexpectedResult } from "../partners/mcp/tool-result";
import type { OperationRegistry } from "../partners/registry/operation-registry";
import type { GraphqlAnswer } from "../partners/rest/rest-answer";
import type { Cors } from "./cors";
import { HttpRefusal } from "./http-refusal";
import { type PartnerCall, runRegistered } from "./partner-call";
import { answeringProblems } from "./partner-refusal";
import { isJson, parseJson, readLimited } from "./read-graphql-request";

/** The SDK takes thirty megabytes, and tenths of a second: no call shall wait for it, nor a gateway have it that nobody asks for tools. */
export const loadAnswer = () =>
  // eslint-disable-next-line @typescript-eslint/no-require-imports -- a dynamic import cannot name a TypeScript file
  require("../partners/mcp/answer-message") as typeof import("../partners/mcp/answer-message");

/**
 * `POST /partner/v1/mcp`: the partner's operations as tools for agents. Nothing is kept between two messages, so there is no stream to open by GET and
 * no session to end by DELETE.
 */
export function createPartnerMcp(options: {
  run: RunCall;
  registry: () => OperationRegistry;
  schema: () => GraphQLSchema;
  cors: Pick<Cors, "isAllowed">;
  /** Whether a request was meant for this gateway. @param host as the request names it */
  isAgentHost: (host: string | undefined) => boolean;
  maxBodyBytes: number;
  log: Logger;
}): (call: PartnerCall) => Promise<void> {
  const { registry, schema, cors, isAgentHost, maxBodyBytes, log } = options;
  const catalogue = createToolCatalogue();

  const runTool = (call: PartnerCall): RunTool => {
    const { requestId } = call.context;
    return async ({ operation }, { variables, idempotencyKey }) => {
      const request = {
        operation,
        variables,
        accept: "application/json",
        door: "mcp",
        ...(idempotencyKey === undefined ? {} : { idempotencyKey }),
      } as const;
      try {
        const { body } = await runRegistered(options.run, call, request);
        if (body.kind !== "complete") throw new Error("an answer came in parts that nobody asked for");
        return toolResult(JSON.parse(body.string) as GraphqlAnswer);
      } catch (error) {
        if (error instanceof CallRefused) return refusalResult(error, operation);
        log.error({ err: error, requestId }, "a tool failed unexpectedly");
        return unexpectedResult(requestId);
      }
    };
  };

  const answer = async (call: PartnerCall): Promise<void> => {
    const { req, res, partner, context } = call;
    // A page of another site that has its own name lead here is told by the origin, which names that site.
    if (req.headers.origin !== undefined && !cors.isAllowed(req.headers.origin, undefined)) {
      throw new HttpRefusal(403, "FORBIDDEN", "Pages of this origin may not call tools.");
    }
    if (!isAgentHost(req.headers.host)) {
      throw new HttpRefusal(403, "FORBIDDEN", "Tools are not called under this name of the gateway.");
    }
    if (req.method !== "POST") {
      throw new HttpRefusal(405, "METHOD_NOT_ALLOWED", "Messages are sent by POST.", { allow: "POST, OPTIONS" });
    }
    if (!isJson(req.headers["content-type"])) {
      throw new HttpRefusal(415, "UNSUPPORTED_MEDIA_TYPE", "The content type must be application/json in UTF-8.");
    }
    const body = parseJson(await readLimited(req, maxBodyBytes));
    if (Array.isArray(body))
      throw new HttpRefusal(400, "BAD_REQUEST", "Send one message per request; lists are not accepted.");
    const headers = new Headers();
    for (const name of ["accept", "content-type", "mcp-protocol-version"]) {
      const value = req.headers[name];
      if (value !== undefined) headers.set(name, value.toString());
    }
    const { answerMessage } = loadAnswer();
    const request = new Request("http://localhost/partner/v1/mcp", { method: "POST", headers });
    const response = await answerMessage(request, body, {
      tools: catalogue(registry(), schema(), partner),
      run: runTool(call),
      onError: (err) => log.debug({ err, requestId: context.requestId }, "a message of an agent was not understood"),
    });
    const text = await response.text();
    if (res.destroyed) return;
    res.writeHead(response.status, {
      ...(text === "" ? {} : { "content-type": response.headers.get("content-type") ?? "application/json" }),
      "content-length": Buffer.byteLength(text),
      "cache-control": "no-store",
    });
    res.end(text);
  };

  return answeringProblems(answer);
}
