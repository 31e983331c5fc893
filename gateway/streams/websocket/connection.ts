import type { Socket } from "node:net";
import { isDeepStrictEqual } from "node:util";
import { CloseCode, type Message, MessageType, parseMessage, type SubscribeMessage } from "graphql-ws";
import type { WebSocket } from "ws";
import { ClientError } from "../../../kit/errors";
import type { Logger } from "../../../kit/log";
import { createRequestContext, givenTraceparent } from "../../../kit/request-context";
import type { Streams } from "../stream";
import { closeReason } from "./close-reason";
import { forwardedHeadersOf, parameterOf, type Upgrade } from "./connection-parameters";
import type { Caller, WebSocketDoor } from "./door";
import type { HeartbeatMember } from "./heartbeat";
import { coded, Operation, type OperationHost } from "./operation";
import { Outlet, type OutletOwner } from "./outlet";
import type { SocketMetrics } from "./socket-metrics";
import type { Turns } from "./turns";

export interface ConnectionSettings {
  /** How long `connection_init` may be awaited, in milliseconds. */
  readonly initTimeoutMs: number;
  /** How long a peer may take no byte of what waits for it, in milliseconds. */
  readonly writeTimeoutMs: number;
  /** Operations under way at the same time. */
  readonly maxOperations: number;
  /** Names, in lower case, of the client's headers that subgraphs see. */
  readonly forwardHeaders: readonly string[];
}

/** What all connections share. */
export interface ConnectionServices {
  readonly door: WebSocketDoor;
  readonly streams: Streams | undefined;
  readonly settings: ConnectionSettings;
  readonly turns: Turns;
  readonly metrics: SocketMetrics;
  readonly log: Logger;
}

/** https://www.iana.org/assignments/websocket/websocket.xhtml#close-code-number */
const GOING_AWAY = 1001;
const TRY_AGAIN_LATER = 1013;
/** An id is repeated in each message to the client. */
const MAX_ID_LENGTH = 256;
/** A ping may wait behind megabytes in the buffers of the system, which a slow peer reads first. */
const MAX_SILENT_BEATS = 2;

/**
 * One socket that speaks `graphql-transport-ws`: https://github.com/enisdenjo/graphql-ws/blob/master/PROTOCOL.md
 *
 * graphql-ws's own server awaits each message's way out and encodes it again for each socket; so only its parser and its words are used. A class, as its parts
 * are: methods are shared by ten thousand idle sockets, closures are not.
 */
export class Connection implements OperationHost, OutletOwner, HeartbeatMember {
  readonly door: WebSocketDoor;
  readonly streams: Streams | undefined;
  readonly log: Logger;
  readonly address: string;
  forwardedHeaders: OperationHost["forwardedHeaders"];
  private readonly outlet: Outlet;
  private readonly operations = new Map<string, Operation>();
  /** Those that were asked to wait, the one that waits longest first. */
  private waiting: Set<Operation> | undefined;
  private state: "new" | "initialising" | "acknowledged" = "new";
  private initTimer: NodeJS.Timeout | undefined;
  private lastLook: NodeJS.Immediate | undefined;
  private authorization: string | undefined;
  private caller: Caller | undefined;
  /** A newer token that is being verified. */
  private renewal: Promise<void> | undefined;
  private bytesReadBefore = 0;
  private silentBeats = 0;

  constructor(
    private readonly ws: WebSocket,
    private readonly socket: Socket,
    private readonly upgrade: Upgrade,
    private readonly services: ConnectionServices,
  ) {
    const { door, streams, log, settings } = services;
    this.door = door;
    this.streams = streams;
    this.log = log;
    this.address = upgrade.address;
    this.authorization = upgrade.authorization;
    this.forwardedHeaders = upgrade.forwardedHeaders;
    this.outlet = new Outlet(ws, socket, settings.writeTimeoutMs, this);
    this.initTimer = setTimeout(() => this.missInit(), settings.initTimeoutMs);
  }

  /** Takes one message of the client; never throws. */
  receive(data: Buffer, isBinary: boolean): void {
    // After the close frame `ws` still reads what was on its way.
    if (!this.isOpen) return;
    if (isBinary) return this.close(CloseCode.BadRequest, "Invalid message: expected text, but got a binary frame");
    let message: Message;
    try {
      message = parseMessage(data.toString("utf8"));
    } catch (error) {
      const reason = error instanceof SyntaxError ? "it is not JSON" : (error as Error).message;
      return this.close(CloseCode.BadRequest, `Invalid message: ${reason}`);
    }
    try {
      this.handle(message);
    } catch (err) {
      this.breakDown(err);
    }
  }

  private handle(message: Message): void {
    switch (message.type) {
      case MessageType.ConnectionInit:
        return void this.initialise(message.payload ?? undefined).catch((err) => this.breakDown(err));
      case MessageType.Ping: {
        const token = parameterOf(message.payload, "authorization");
        // A token is not sent back.
        const payload = message.payload && token === undefined ? `,"payload":${JSON.stringify(message.payload)}` : "";
        this.outlet.send(`{"type":"pong"${payload}}`);
        if (token !== undefined && this.state === "acknowledged") this.renew(token);
        return;
      }
      case MessageType.Pong:
        return;
      case MessageType.Subscribe:
        return this.subscribe(message);
      case MessageType.Complete:
        // That of an operation which is over may have been on its way.
        return this.operations.get(message.id)?.leave();
      case MessageType.ConnectionAck:
      case MessageType.Next:
      case MessageType.Error:
        return this.close(CloseCode.BadRequest, `Invalid message: only a server sends "${message.type}"`);
    }
  }

  private async initialise(payload: unknown): Promise<void> {
    if (this.state !== "new") {
      return this.close(CloseCode.TooManyInitialisationRequests, "Too many initialisation requests");
    }
    this.state = "initialising";
    this.stopInitTimer();
    this.authorization = parameterOf(payload, "authorization") ?? this.authorization;
    const { forwardHeaders } = this.services.settings;
    this.forwardedHeaders = forwardedHeadersOf(payload, this.forwardedHeaders, forwardHeaders);
    try {
      this.caller = await this.door.authenticate(this.authorization);
    } catch (error) {
      return this.turnAway(error);
    }
    if (!this.isOpen) return;
    this.state = "acknowledged";
    this.outlet.send('{"type":"connection_ack"}');
  }

  private subscribe({ id, payload }: SubscribeMessage): void {
    if (this.state !== "acknowledged") return this.close(CloseCode.Unauthorized, "Unauthorized");
    if (this.operations.has(id)) {
      return this.close(CloseCode.SubscriberAlreadyExists, `Subscriber for ${id} already exists`);
    }
    if (id.length > MAX_ID_LENGTH) {
      return this.close(CloseCode.BadRequest, `Invalid message: an id has at most ${MAX_ID_LENGTH} characters`);
    }
    const operation = new Operation(this, id);
    const { maxOperations } = this.services.settings;
    const isFull = this.operations.size >= maxOperations;
    this.operations.set(id, operation);
    if (isFull) {
      const message = `A connection carries at most ${maxOperations} operations at the same time.`;
      return operation.refuse(coded("SUBSCRIPTION_LIMIT_EXCEEDED", message));
    }
    this.services.turns.take("operation", () => void operation.start(payload));
  }

  /** The same viewer goes on with a newer token. Someone else does not: streams that were opened for one are not another's. */
  private renew(authorization: string): void {
    const before = this.renewal;
    const renewal = (async () => {
      await before;
      const caller = await this.door.authenticate(authorization);
      if (!this.isOpen) return;
      if (!isDeepStrictEqual(caller.viewer, this.caller?.viewer)) {
        return this.close(CloseCode.Forbidden, "Forbidden: the token is of another viewer, or grants something else");
      }
      this.authorization = authorization;
      this.caller = caller;
      for (const operation of this.operations.values()) operation.renew(caller.expiresAtMs);
    })()
      .catch((error: unknown) => this.turnAway(error))
      .finally(() => {
        if (this.renewal === renewal) this.renewal = undefined;
      });
    this.renewal = renewal;
  }

  /** Not `caller` of before: the connection outlives its token. */
  async authenticate(): Promise<Caller> {
    await this.renewal;
    return this.door.authenticate(this.authorization);
  }

  get expiresAtMs(): number | undefined {
    return this.caller?.expiresAtMs;
  }

  get clientTrace(): string | undefined {
    return givenTraceparent(this.upgrade.traceparent);
  }

  createContext() {
    return createRequestContext(this.upgrade.requestId, this.upgrade.traceparent);
  }

  sendShared(operation: Operation, prefix: string, prefixBytes: number, shared: Buffer): boolean {
    return this.awaitRoom(operation, this.outlet.sendShared(prefix, prefixBytes, shared));
  }

  sendOwn(operation: Operation, text: string): boolean {
    return this.awaitRoom(operation, this.outlet.send(text));
  }

  private awaitRoom(operation: Operation, takesMore: boolean): boolean {
    if (!takesMore) (this.waiting ??= new Set()).add(operation);
    return takesMore;
  }

  gather(): void {
    this.outlet.gather();
  }

  send(text: string): void {
    this.outlet.send(text);
  }

  forget(operation: Operation): void {
    this.waiting?.delete(operation);
    this.operations.delete(operation.id);
  }

  onDrained(): void {
    // Meanwhile nothing was read, no answer to a ping either.
    this.silentBeats = 0;
    // One that fills the socket again goes to the end, so that all get their turn.
    for (const operation of this.waiting ?? []) {
      if (this.outlet.isCongested) return;
      this.waiting?.delete(operation);
      operation.drained();
    }
    if (!this.outlet.isCongested) this.waiting = undefined;
  }

  onStalled(): void {
    this.services.metrics.lost("stalled");
    this.ws.terminate();
  }

  /** Called at an even pace, whatever waits to be sent. */
  beat(): void {
    // It is not read from, and its writes have a timeout.
    if (this.outlet.isCongested || !this.isOpen) return;
    const { bytesRead } = this.socket;
    this.silentBeats = bytesRead === this.bytesReadBefore ? this.silentBeats + 1 : 0;
    this.bytesReadBefore = bytesRead;
    if (this.silentBeats > MAX_SILENT_BEATS) {
      this.services.metrics.lost("silent");
      return this.ws.terminate();
    }
    this.ws.ping();
  }

  /** The client is to come back, to another process; its subscriptions are not completed. */
  goAway(): void {
    this.close(GOING_AWAY, "Going away");
  }

  /** The socket is gone. */
  closed(): void {
    this.stopInitTimer();
    this.outlet.release();
    for (const operation of [...this.operations.values()]) operation.leave();
  }

  private get isOpen(): boolean {
    return this.ws.readyState === this.ws.OPEN;
  }

  private turnAway(error: unknown): void {
    if (!(error instanceof ClientError)) return this.breakDown(error);
    if (error.code === "UNAUTHENTICATED") return this.close(CloseCode.Forbidden, "Forbidden");
    this.close(TRY_AGAIN_LATER, error.message);
  }

  private breakDown(err: unknown): void {
    this.log.error({ err }, "a message of a socket could not be handled");
    this.close(CloseCode.InternalServerError, "Internal server error");
  }

  private close(code: number, reason: string): void {
    if (!this.isOpen) return;
    this.stopInitTimer();
    this.ws.close(code, closeReason(reason));
    this.outlet.release();
    // What was asked for is nobody's from here on; the socket may need a while to close.
    for (const operation of [...this.operations.values()]) operation.leave();
  }

  /** A process that was busy for as long looks at its timers before it reads what came meanwhile: https://nodejs.org/en/learn/asynchronous-work/event-loop-timers-and-nexttick */
  private missInit(): void {
    this.lastLook = setImmediate(() =>
      this.close(CloseCode.ConnectionInitialisationTimeout, "Connection initialisation timeout"),
    );
  }

  private stopInitTimer(): void {
    clearTimeout(this.initTimer);
    clearImmediate(this.lastLook);
    this.initTimer = undefined;
    this.lastLook = undefined;
  }
}
