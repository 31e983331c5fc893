import { IDEMPOTENCY_HEADER, IDENTITY_HEADER } from "../../kit/identity";
import { headersOfTrace, REQUEST_ID_HEADER, TRACEPARENT_HEADER, TRACESTATE_HEADER } from "../../kit/request-context";
import { type Span, tracer } from "../../kit/tracing/tracer";
import type { Deadlines, Timed } from "./deadlines";
import { ACCEPTED_ENCODINGS, decodeBody, isEncoded } from "./decode-body";
import type { ConnectionPool } from "./http1/connection-pool";
import { Exchange } from "./http1/exchange";
import { hasInternalError } from "./mask-subgraph-errors";
import { type Answer, type HttpAnswer, readAnswer } from "./read-answer";
import type { SignFor } from "./sign-for-subgraph";
import type { UpstreamContext } from "./upstream-context";
import { UpstreamFault } from "./upstream-fault";
import type { SubgraphRequest } from "./upstreams";

export type Outcome = Answer | UpstreamFault;

/** Told once of the outcome, unless the call was given up first; never both. @param isShared others are told of the same outcome */
export type OnOutcome = (outcome: Outcome, isShared?: boolean) => void;

export type CallSubgraph = (request: SubgraphRequest, context: UpstreamContext, onEnd: OnOutcome) => RunningCall;

export interface RunningCall {
  /** Nobody waits for the outcome any more. Harmless after the end. */
  giveUp(): void;
}

export interface CallOptions {
  readonly name: string;
  readonly url: URL;
  readonly pool: ConnectionPool;
  readonly maxResponseBytes: number;
  readonly compression: boolean;
  readonly deadlines: Deadlines;
  readonly sign: SignFor | undefined;
  /** Called once for each call, given up or not. */
  readonly observe: (outcome: Outcome, seconds: number) => void;
}

/** Calls one subgraph: signed, within one deadline, and a second time when a connection failed under a query. */
export function createCallSubgraph(options: CallOptions): CallSubgraph {
  const target: Target = {
    ...options,
    head:
      `POST ${options.url.pathname}${options.url.search} HTTP/1.1\r\nhost: ${options.url.host}\r\n` +
      "accept: application/graphql-response+json, application/json;q=0.9\r\ncontent-type: application/json\r\n" +
      (options.compression ? `accept-encoding: ${ACCEPTED_ENCODINGS}\r\n` : ""),
  };
  return (request, context, onEnd) => new Call(target, request, context, onEnd);
}

interface Target extends CallOptions {
  /** The request line and the headers that are the same for every call. */
  readonly head: string;
}

class Call implements RunningCall, Timed {
  dueAtMs = 0;
  place = 0;
  private readonly startedAtMs = performance.now();
  private head = "";
  private exchange: Exchange | undefined;
  private isOver = false;
  private mayRepeat: boolean;
  private readonly span: Span | undefined;

  constructor(
    private readonly target: Target,
    private readonly request: SubgraphRequest,
    context: UpstreamContext,
    private readonly onEnd: OnOutcome,
  ) {
    // A mutation may have arrived although its connection failed.
    this.mayRepeat = request.kind === "query";
    this.span = tracer()?.start("client", `POST ${target.name}`, context.traceparent, {
      "http.request.method": "POST",
      "server.address": target.url.hostname,
      "server.port": Number(target.url.port),
      "graphql.operation.type": request.kind,
    });
    target.deadlines.start(this);
    const identity = target.sign?.(context.viewer, target.name);
    if (typeof identity === "object") {
      identity.then(
        (header) => this.begin(context, header),
        (cause: unknown) => this.end(new UpstreamFault("fault", "the identity could not be signed", { cause })),
      );
    } else {
      this.begin(context, identity);
    }
  }

  onDue(): void {
    this.end(new UpstreamFault("deadline", "the answer did not come in time"));
  }

  giveUp(): void {
    if (!this.isOver) this.close(new UpstreamFault("aborted", "the client is gone"));
  }

  private begin(context: UpstreamContext, identity: string | undefined): void {
    const head = headOf(
      this.target,
      this.request.kind,
      context,
      identity,
      this.span?.traceparent ?? context.traceparent,
    );
    if (head === undefined) return this.end(new UpstreamFault("fault", "a header cannot be passed on"));
    this.head = head;
    this.send();
  }

  private send(): void {
    if (this.isOver) return;
    const { pool, maxResponseBytes } = this.target;
    this.exchange = new Exchange(this.head, this.request.body, maxResponseBytes, (result) => this.take(result));
    pool.send(this.exchange);
  }

  private take(result: HttpAnswer | UpstreamFault): void {
    if (result instanceof UpstreamFault) {
      if (result.reason !== "connection" || !this.mayRepeat) return this.end(result);
      this.mayRepeat = false;
      // Not at once: the pool is in the middle of giving up the connection.
      queueMicrotask(() => this.send());
    } else if (!isEncoded(result)) {
      this.read(result);
    } else if (!this.target.compression) {
      this.end(new UpstreamFault("malformed", `the answer is encoded as "${result.contentEncoding}", unasked`));
    } else {
      decodeBody(result, this.target.maxResponseBytes).then(
        (decoded) => this.read(decoded),
        (fault: unknown) => this.end(asFault(fault)),
      );
    }
  }

  private read(result: HttpAnswer): void {
    if (this.isOver) return;
    let outcome: Outcome;
    try {
      outcome = readAnswer(result);
      if (outcome.data) this.request.rewrite?.(outcome.data);
    } catch (error) {
      outcome = asFault(error);
    }
    this.end(outcome);
  }

  private end(outcome: Outcome): void {
    if (this.isOver) return;
    this.close(outcome);
    this.onEnd(outcome);
  }

  private close(outcome: Outcome): void {
    this.isOver = true;
    this.target.deadlines.stop(this);
    this.exchange?.giveUp();
    this.target.observe(outcome, (performance.now() - this.startedAtMs) / 1_000);
    this.span?.end(undefined, failureOf(outcome));
  }
}

/** As the metric calls it. */
function failureOf(outcome: Outcome): string | undefined {
  if (outcome instanceof UpstreamFault) return outcome.reason;
  return hasInternalError(outcome.errors) ? "error" : undefined;
}

const asFault = (error: unknown): UpstreamFault =>
  error instanceof UpstreamFault
    ? error
    : new UpstreamFault("fault", "the answer could not be made use of", { cause: error });

/** Set by the gateway itself: a client's header of the same name is never passed on. */
const OWN_HEADERS: ReadonlySet<string> = new Set([
  ...["accept", "accept-encoding", "content-type", "content-length", "host", "connection"],
  ...[REQUEST_ID_HEADER, TRACEPARENT_HEADER, TRACESTATE_HEADER, IDENTITY_HEADER, IDEMPOTENCY_HEADER],
]);

/** https://www.rfc-editor.org/rfc/rfc9110#section-5.5: nothing in it can begin a line of its own. */
const FIELD_VALUE = /^[\t\x20-\x7e\x80-\xff]*$/;

/** @returns undefined when a header's value would break the head */
function headOf(
  target: Target,
  kind: SubgraphRequest["kind"],
  { requestId, forwardedHeaders, idempotencyKey }: UpstreamContext,
  identity: string | undefined,
  traceparent: string,
): string | undefined {
  const trace = headersOfTrace(traceparent);
  let head = `${target.head}${REQUEST_ID_HEADER}: ${requestId}\r\n${TRACEPARENT_HEADER}: ${trace.traceparent}\r\n`;
  if (trace.tracestate !== undefined) head += `${TRACESTATE_HEADER}: ${trace.tracestate}\r\n`;
  if (identity !== undefined) head += `${IDENTITY_HEADER}: ${identity}\r\n`;
  if (idempotencyKey !== undefined && kind === "mutation") head += `${IDEMPOTENCY_HEADER}: ${idempotencyKey}\r\n`;
  for (const name in forwardedHeaders) {
    const value = forwardedHeaders[name] as string;
    if (!FIELD_VALUE.test(value)) return undefined;
    if (!OWN_HEADERS.has(name)) head += `${name}: ${value}\r\n`;
  }
  return head;
}
