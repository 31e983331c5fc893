import { GraphQLError, Kind } from "graphql";
import type { Logger } from "../../kit/log";
import type { CostMeter } from "../access/cost/actual-cost";
import type { AccessControl } from "../access/enforcement/access-control";
import { type OperationResult, runOperation } from "../execution/run-operation";
import type { Generation, Generations } from "../generation";
import {
  type CheckableGraph,
  type CheckedDocument,
  chooseOperation,
  type DocumentChecker,
  isRefused,
  type RefusedDocument,
} from "../operation/check-document";
import { conditionsOf } from "../operation/conditions";
import { type Answer, type Call, keeping, type RunCall } from "../partners/calls/call";
import type { RegisteredOperation } from "../partners/registry/operation-registry";
import type { AcceptedType } from "./accepted-type";
import { withStatus } from "./generations-as-gateway";
import { subscriptionTransportRequired } from "./operation-checks";
import { publicErrors } from "./public-error";
import { acceptsParts, PARTS_TYPE, partsOf } from "./send-parts";

/** An operation as it was found to be on one graph. */
type Ready = CheckedDocument | RefusedDocument | { readonly unfit: GraphQLError };

/** A call as it was found to be on one graph. */
interface ReadyCall {
  readonly graph: CheckableGraph;
  readonly ready: Ready;
  /** Tells what an answer cost; asked for when there is one. */
  meter?: CostMeter;
}

/**
 * The last step of a call: from here on it is an operation like any other, under the same rules and limits, and answered as Apollo Server would; a test
 * compares the two. Apollo Server itself takes several times as long.
 */
export function runOnGraph(options: {
  generations: Generations;
  access: AccessControl;
  checker: DocumentChecker;
  acceptedType: AcceptedType;
  socketPath: string;
  log: Logger;
}): RunCall {
  const { generations, access, checker, acceptedType, socketPath, log } = options;
  const byGraph = new WeakMap<CheckableGraph, WeakMap<RegisteredOperation, Ready>>();

  const examine = (graph: CheckableGraph, { body }: RegisteredOperation): Ready => {
    const checked = checker.check(graph, body);
    if (isRefused(checked)) return checked;
    const operation = chooseOperation(checked.document, undefined);
    if (operation instanceof GraphQLError) return { unfit: operation };
    if (operation.operation === "subscription") return { unfit: subscriptionTransportRequired(socketPath) };
    return checked;
  };
  /** Once for each registered operation and graph; both go when nobody holds them any more. */
  const readyOn = (graph: CheckableGraph, operation: RegisteredOperation): Ready => {
    const known = byGraph.get(graph)?.get(operation);
    if (known) return known;
    const ready = examine(graph, operation);
    const ofGraph = byGraph.get(graph) ?? new WeakMap<RegisteredOperation, Ready>();
    byGraph.set(graph, ofGraph.set(operation, ready));
    return ready;
  };
  const found = keeping(({ operation }): ReadyCall => {
    const graph = generations.current().supergraph;
    return { graph, ready: readyOn(graph, operation) };
  });

  const answerOf = (
    { data, isAscii = false, errors, extensions, refused = false }: OperationResult,
    headers: Answer["headers"],
    report: Parameters<typeof publicErrors>[1],
    cost: number | undefined,
  ): Answer => {
    if (errors.length === 0)
      return { status: 200, headers, body: complete(data, NO_ERRORS, extensions, isAscii), cost };
    const all = refused ? errors.map(withStatus) : errors;
    const { status, more } = httpOf(all);
    return {
      // https://graphql.github.io/graphql-over-http/draft/#sec-Status-Codes
      status: status ?? (data === undefined ? 400 : 200),
      headers: more ? new Map([...headers, ...more]) : headers,
      body: complete(data, publicErrors(all.map(asBadInput), report), extensions),
      cost,
    };
  };

  return async (call) => {
    const { operation, variables, accept, requestId, traceparent, partner, signal, span, idempotencyKey } = call;
    const leave = generations.enter();
    let isEnded = true;
    try {
      const accepted = acceptedType(accept);
      const type = accepted instanceof Promise ? await accepted : accepted;
      // What is kept has an end.
      const inParts = idempotencyKey === undefined && acceptsParts(accept) && operation.body.includes("@defer");
      if (typeof type !== "string" && !inParts) return type;
      // A client of parts only; what comes as a whole it is refused.
      const headers = headersOf(typeof type === "string" ? type : JSON_TYPE);

      const generation = generations.current();
      const known = found(call);
      const own = known.graph === generation.supergraph ? known : undefined;
      const ready = own?.ready ?? readyOn(generation.supergraph, operation);
      if ("unfit" in ready) return refusal([ready.unfit], headers);
      if (isRefused(ready)) return refusal(ready.errors, headers);
      const report = { requestId, log };
      let result: OperationResult;
      try {
        result = await runOperation(generation, access, {
          document: ready.document,
          documentKey: ready.key,
          variables,
          context: { requestId, traceparent, viewer: partner.identity, signal, span, idempotencyKey },
          acceptsParts: inParts,
        });
      } catch (error) {
        const shown = publicErrors([asGraphqlError(error)], report);
        return { status: 500, headers, body: complete(undefined, shown) };
      }
      const { parts } = result;
      if (parts) {
        const framed = partsOf({ ...result, parts }, (some) => publicErrors(some, report));
        // It ends with its last part.
        isEnded = false;
        return {
          status: 200,
          headers: headersOf(PARTS_TYPE),
          body: { kind: "chunked", asyncIterator: until(framed, leave) },
        };
      }
      if (typeof type !== "string") return type;
      return answerOf(result, headers, report, costOf(generation, call, result, own));
    } finally {
      if (isEnded) leave();
    }
  };
}

const JSON_TYPE = "application/json; charset=utf-8";
const NO_ERRORS = Object.freeze([]);

const heads = new Map<string, Answer["headers"]>();

/** There are few types, and every answer has one of them. */
function headersOf(type: string): Answer["headers"] {
  const known = heads.get(type);
  if (known) return known;
  const headers = new Map(Object.entries({ "cache-control": "no-store", "content-type": type }));
  heads.set(type, headers);
  return headers;
}

/** @param known of the call @returns undefined when nothing ran */
function costOf(
  { costs }: Generation,
  { operation, variables }: Call,
  { data, objects }: OperationResult,
  known: ReadyCall | undefined,
): number | undefined {
  if (data === undefined) return undefined;
  const meter =
    known?.meter ??
    costs.meterOf(operation.document, undefined, conditionsOf(operation.document, undefined, variables));
  if (known) known.meter = meter;
  return meter.ofText(data, objects, variables);
}

function complete(
  data: string | undefined,
  errors: ReturnType<typeof publicErrors> | typeof NO_ERRORS,
  extensions?: OperationResult["extensions"],
  isAscii = false,
): Answer["body"] {
  const result = { data, errors };
  if (data !== undefined && errors.length === 0 && !extensions) {
    const string = `{"data":${data}}\n`;
    // Of the data: REST sends a part of it, and nobody puts the whole in one piece then.
    const more = isAscii ? 0 : Buffer.byteLength(data) - data.length;
    return { kind: "complete", string, bytes: string.length + more, result };
  }
  const fields = [
    ...(errors.length > 0 ? [`"errors":${JSON.stringify(errors)}`] : []),
    ...(data === undefined ? [] : [`"data":${data}`]),
    ...(extensions ? [`"extensions":${JSON.stringify(extensions)}`] : []),
  ];
  const string = `{${fields.join(",")}}\n`;
  return { kind: "complete", string, bytes: Buffer.byteLength(string), result };
}

function refusal(errors: readonly GraphQLError[], headers: Answer["headers"]): Answer {
  return { status: httpOf(errors).status ?? 400, headers, body: complete(undefined, publicErrors(errors)) };
}

/** What errors say about the HTTP answer; of several the last, as Apollo Server has it. */
function httpOf(errors: readonly GraphQLError[]) {
  let status: number | undefined;
  let more: ReadonlyMap<string, string> | undefined;
  for (const { extensions } of errors) {
    const http = extensions["http"] as { status?: number; headers?: ReadonlyMap<string, string> } | undefined;
    status = http?.status ?? status;
    if (http?.headers) more = new Map([...(more ?? []), ...http.headers]);
  }
  return { status, more };
}

/** A value that does not fit its variable comes from graphql-js, which gives no codes. */
function asBadInput(error: GraphQLError): GraphQLError {
  const [node, ...others] = error.nodes ?? [];
  if (error.extensions["code"] !== undefined || others.length > 0 || node?.kind !== Kind.VARIABLE_DEFINITION)
    return error;
  const { message, nodes, originalError } = error;
  return new GraphQLError(message, {
    nodes,
    originalError,
    extensions: { ...error.extensions, code: "BAD_USER_INPUT" },
  });
}

function asGraphqlError(error: unknown): GraphQLError {
  if (error instanceof GraphQLError) return error;
  const originalError = error instanceof Error ? error : new Error(String(error));
  return new GraphQLError(originalError.message, { originalError });
}

async function* until(texts: AsyncIterable<string>, onEnd: () => void): AsyncGenerator<string> {
  try {
    yield* texts;
  } finally {
    onEnd();
  }
}
