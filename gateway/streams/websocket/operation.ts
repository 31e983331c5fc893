import { type ExecutionResult, GraphQLError } from "graphql";
import type { SubscribePayload } from "graphql-ws";
import { ClientError, type ErrorCode, UNEXPECTED_ERROR_MESSAGE } from "../../../kit/errors";
import type { Logger } from "../../../kit/log";
import type { RequestContext } from "../../../kit/request-context";
import { type Span, tracer } from "../../../kit/tracing/tracer";
import { clientOf, resumeCursorOf } from "../subscriber";
import type { Ending, Sink, StreamMessage, Streams, Subscription, SubscriptionRequest } from "../stream";
import type { ForwardedHeaders } from "./connection-parameters";
import type { Caller, OperationInput, WebSocketDoor } from "./door";

/** What an operation needs of its connection. */
export interface OperationHost {
  readonly door: WebSocketDoor;
  readonly streams: Streams | undefined;
  readonly log: Logger;
  readonly address: string;
  readonly forwardedHeaders: ForwardedHeaders;
  /** Verifies the connection's token of now. @throws ClientError */
  authenticate(): Promise<Caller>;
  /** The end of the connection's token, as it was last told. */
  readonly expiresAtMs: number | undefined;
  createContext(): RequestContext;
  /** W3C Trace Context that came with the request for the socket. */
  readonly clientTrace: string | undefined;
  /** @returns false when no more should come until the operation is `drained` */
  sendShared(operation: Operation, prefix: string, prefixBytes: number, shared: Buffer): boolean;
  /** The same for a message that is not shared. */
  sendOwn(operation: Operation, text: string): boolean;
  /** Several messages follow. */
  gather(): void;
  send(text: string): void;
  /** The operation is over: its id may be used again. */
  forget(operation: Operation): void;
  goAway(): void;
}

/**
 * One operation of one connection: a subscription, or a query or mutation. It is over when it says so to the client (`complete` or `error`) or the client does;
 * nothing is sent after that.
 */
export class Operation implements Sink {
  private isOver = false;
  private subscription: Subscription | undefined;
  /** Of a query or mutation under way. */
  private gone: AbortController | undefined;
  private readonly prefix: string;
  private readonly prefixBytes: number;

  constructor(
    private readonly host: OperationHost,
    readonly id: string,
  ) {
    this.prefix = `{"type":"next","id":${JSON.stringify(id)},"payload":`;
    this.prefixBytes = Buffer.byteLength(this.prefix);
  }

  /** Settles when the answer was sent, or the subscription is open; never rejects. */
  async start(payload: SubscribePayload): Promise<void> {
    if (this.isOver) return;
    const leave = this.host.door.enter();
    const given = this.host.createContext();
    const span = tracer()?.start("server", "graphql over websocket", this.host.clientTrace);
    const context = span ? { ...given, traceparent: span.traceparent } : given;
    try {
      const errors = await this.run(payload, context, span);
      span?.end(undefined, errors && "refused");
      if (errors) this.fail(errors);
    } catch (err) {
      const { requestId } = context;
      this.host.log.error({ err, requestId }, "an operation of a socket failed unexpectedly");
      this.fail([coded("INTERNAL_SERVER_ERROR", UNEXPECTED_ERROR_MESSAGE, { requestId })]);
    } finally {
      span?.end(undefined, "failed");
      leave();
    }
  }

  /** Instead of `start`. */
  refuse(error: GraphQLError): void {
    this.fail([error]);
  }

  /** @returns why it cannot run */
  private async run(
    payload: SubscribePayload,
    request: RequestContext,
    span: Span | undefined,
  ): Promise<readonly GraphQLError[] | undefined> {
    const { host } = this;
    const { door } = host;
    let caller: Caller;
    try {
      caller = await host.authenticate();
    } catch (error) {
      if (error instanceof ClientError) return [coded(error.code, error.message, error.details)];
      throw error;
    }
    const { viewer } = caller;
    const input: OperationInput = {
      query: payload.query,
      operationName: payload.operationName ?? undefined,
      variables: payload.variables ?? undefined,
      extensions: payload.extensions ?? undefined,
    };
    const unexamined = await door.examine?.(input);
    if (unexamined) return unexamined;
    const checked = door.check(input, viewer);
    if (isErrors(checked)) return checked;
    if (this.isOver) return undefined;
    const context = {
      ...request,
      viewer,
      ...(host.forwardedHeaders ? { forwardedHeaders: host.forwardedHeaders } : {}),
    };
    if (checked.operation.operation !== "subscription") {
      this.gone = new AbortController();
      this.answer(await door.execute(input, { ...context, signal: this.gone.signal, span }));
      return undefined;
    }
    span?.set({
      "graphql.operation.type": "subscription",
      "graphql.operation.name": checked.operation.name?.value,
    });
    if (!host.streams) return [coded("SUBSCRIPTION_NOT_SUPPORTED", "This gateway has no event streams.")];
    const cursor = resumeCursorOf(input.extensions);
    if (cursor instanceof GraphQLError) return [cursor];
    // The document holds the text already, shared by everyone who sent the same.
    const kept = { ...input, query: checked.document.loc?.source.body ?? input.query, extensions: undefined };
    return this.subscribe(host.streams, {
      checked,
      operationName: input.operationName,
      recheck: (generation) => door.check(kept, viewer, generation),
      context,
      expiresAtMs: caller.expiresAtMs,
      client: clientOf(viewer, host.address),
      clientTrace: host.clientTrace,
      cursor,
    });
  }

  private async subscribe(
    streams: Streams,
    request: SubscriptionRequest,
  ): Promise<readonly GraphQLError[] | undefined> {
    // Whoever comes back may have to wait for the broker; everyone else needs no signal.
    if (request.cursor !== undefined) this.gone = new AbortController();
    const opened = await streams.open({ ...request, gone: this.gone?.signal }, this);
    this.gone = undefined;
    if (isErrors(opened)) return opened;
    if (this.isOver) {
      opened.leave();
      return undefined;
    }
    this.subscription = opened;
    // A newer token may have come meanwhile.
    if (this.host.expiresAtMs !== request.expiresAtMs) opened.renew(this.host.expiresAtMs);
    return undefined;
  }

  private answer(result: ExecutionResult): void {
    if (this.isOver) return;
    this.host.send(`${this.prefix}${JSON.stringify(result)}}`);
    this.complete();
  }

  write(message: StreamMessage): boolean {
    if (this.isOver) return true;
    const { wire } = message;
    if (wire === undefined) {
      // Perhaps the only one who gets it.
      message.wire = null;
      return this.host.sendOwn(this, `${this.prefix}${message.text}}`);
    }
    const shared = wire ?? (message.wire = Buffer.from(`${message.text}}`));
    return this.host.sendShared(this, this.prefix, this.prefixBytes, shared);
  }

  gather(): void {
    if (!this.isOver) this.host.gather();
  }

  end(ending: Ending): void {
    switch (ending.kind) {
      case "complete":
        return this.complete();
      case "error":
        return this.fail(ending.errors);
      case "going-away":
        // Neither `complete` nor `error`: to the client the subscription goes on, over another connection.
        this.stop();
        return this.host.goAway();
    }
  }

  drained(): void {
    this.subscription?.drained();
  }

  renew(expiresAtMs: number | undefined): void {
    this.subscription?.renew(expiresAtMs);
  }

  /** The client does not want it any more, or is gone. */
  leave(): void {
    if (this.isOver) return;
    this.stop();
    this.subscription?.leave();
    this.gone?.abort();
  }

  private complete(): void {
    if (this.isOver) return;
    this.stop();
    this.host.send(`{"type":"complete","id":${JSON.stringify(this.id)}}`);
  }

  private fail(errors: readonly GraphQLError[]): void {
    if (this.isOver) return;
    this.stop();
    this.host.send(`{"type":"error","id":${JSON.stringify(this.id)},"payload":${JSON.stringify(errors)}}`);
  }

  private stop(): void {
    this.isOver = true;
    this.host.forget(this);
  }
}

export const coded = (code: ErrorCode, message: string, details: Readonly<Record<string, unknown>> = {}) =>
  new GraphQLError(message, { extensions: { ...details, code } });

const isErrors = (value: unknown): value is readonly GraphQLError[] => Array.isArray(value);
