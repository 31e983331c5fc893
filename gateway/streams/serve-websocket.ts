import type { IncomingMessage, Server } from "node:http";
import type { Duplex } from "node:stream";
import { type ExecutionArgs, type ExecutionResult, GraphQLError, type OperationDefinitionNode } from "graphql";
import { type Context, handleProtocols, makeServer, type SubscribePayload } from "graphql-ws";
import { WebSocketServer } from "ws";
import type { Logger } from "../../kit/log";
import {
  createRequestContext,
  REQUEST_ID_HEADER,
  type RequestContext,
  TRACEPARENT_HEADER,
} from "../../kit/request-context";
import type { Viewer } from "../../kit/viewer";
import type { Generation } from "../generation";
import type { Streams } from "./create-streams";
import { openSocket, type SocketExtra } from "./open-socket";

/** What the bearer of a token is known by. */
export interface Caller {
  readonly viewer: Viewer;
  /** When the token ends, in milliseconds since 1970. */
  readonly expiresAtMs?: number | undefined;
}

export interface OperationInput {
  readonly query: string;
  readonly operationName?: string | undefined;
  readonly variables?: Readonly<Record<string, unknown>> | undefined;
  readonly extensions?: Readonly<Record<string, unknown>> | undefined;
}

/** An operation that passed every check that the HTTP door makes: parse, validation, limits, access rules, variables. */
export interface CheckedOperation {
  readonly generation: Generation;
  readonly document: ExecutionArgs["document"];
  readonly operation: OperationDefinitionNode;
  readonly variables: Readonly<Record<string, unknown>>;
}

/** What the socket needs of the gateway. */
export interface WebSocketDoor {
  /** @throws Error when there is a token and it is not valid; its message may be shown to the client */
  authenticate(authorization: string | undefined): Promise<Caller>;
  isOriginAllowed(origin: string | undefined, host: string | undefined): boolean;
  check(input: OperationInput, viewer: Viewer): CheckedOperation | readonly GraphQLError[];
  /** Runs a query or mutation exactly as the HTTP door does. */
  execute(
    input: OperationInput,
    viewer: Viewer,
    context: RequestContext,
    signal: AbortSignal,
  ): Promise<ExecutionResult>;
}

export interface WebSocketService {
  close(): Promise<void>;
}

const INIT_TIMEOUT_MS = 5_000;
/** How long a client may take to say goodbye. */
const CLOSE_TIMEOUT_MS = 2_000;
const MAX_MESSAGE_BYTES = 262_144;

/**
 * The `graphql-transport-ws` protocol on the gateway's HTTP server.
 * https://github.com/enisdenjo/graphql-ws/blob/master/PROTOCOL.md
 *
 * The token comes with `connection_init` (browsers cannot set headers on a socket) or with the upgrade's `Authorization` header. It is checked
 * when the connection is made and again at each `subscribe`, because a connection outlives a token.
 */
export function serveWebSocket(options: {
  server: Server;
  path: string;
  door: WebSocketDoor;
  streams: Streams | undefined;
  log: Logger;
}): WebSocketService {
  const { server, path, door, streams, log } = options;
  const sockets = new WebSocketServer({ noServer: true, maxPayload: MAX_MESSAGE_BYTES, handleProtocols });
  const opened = new WeakMap<ExecutionArgs, AsyncIterableIterator<ExecutionResult>>();
  const single = new WeakMap<ExecutionArgs, () => Promise<ExecutionResult>>();

  const onUpgrade = (req: IncomingMessage, socket: Duplex, head: Buffer) => {
    const asked = (req.url ?? "/").split("?", 1)[0];
    if (asked !== path) return refuseUpgrade(socket, "404 Not Found");
    // WebSockets know no CORS: this check is what keeps other sites' pages out.
    if (!door.isOriginAllowed(req.headers.origin, req.headers.host)) return refuseUpgrade(socket, "403 Forbidden");
    socket.on("error", (err) => log.debug({ err }, "a socket broke during its upgrade"));
    sockets.handleUpgrade(req, socket, head, (ws) => openSocket(ws, req, protocol, log));
  };
  server.on("upgrade", onUpgrade);

  const subscribeTo = async (ctx: Context<Record<string, unknown>, SocketExtra>, payload: SubscribePayload) => {
    let caller: Caller;
    try {
      caller = await door.authenticate(authorizationOf(ctx));
    } catch (error) {
      return [new GraphQLError((error as Error).message, { extensions: { code: "UNAUTHENTICATED" } })];
    }
    const input: OperationInput = {
      query: payload.query,
      operationName: payload.operationName ?? undefined,
      variables: payload.variables ?? undefined,
      extensions: payload.extensions ?? undefined,
    };
    const checked = door.check(input, caller.viewer);
    if (isErrors(checked)) return checked;
    const { headers } = ctx.extra.request;
    const context = createRequestContext(headers[REQUEST_ID_HEADER], headers[TRACEPARENT_HEADER]);
    const args: ExecutionArgs = {
      schema: checked.generation.supergraph.apiSchema,
      document: checked.document,
      operationName: payload.operationName ?? null,
      variableValues: checked.variables,
    };
    if (checked.operation.operation !== "subscription") {
      const gone = new AbortController();
      single.set(args, () => door.execute(input, caller.viewer, context, gone.signal));
      return args;
    }
    if (!streams) {
      return [
        new GraphQLError("This gateway has no event streams.", { extensions: { code: "SUBSCRIPTION_NOT_SUPPORTED" } }),
      ];
    }
    const stream = await streams.open({
      generation: checked.generation,
      document: checked.document,
      operationName: input.operationName,
      variables: checked.variables,
      context: { ...context, viewer: caller.viewer },
      expiresAtMs: caller.expiresAtMs,
    });
    if (isErrors(stream)) return stream;
    opened.set(args, stream);
    return args;
  };

  const protocol = makeServer<Record<string, unknown>, SocketExtra>({
    connectionInitWaitTimeout: INIT_TIMEOUT_MS,
    onConnect: async (ctx) => {
      try {
        await door.authenticate(authorizationOf(ctx));
        return true;
      } catch {
        // Closes with 4403 Forbidden, as the protocol asks.
        return false;
      }
    },
    onSubscribe: (ctx, _id, payload) => subscribeTo(ctx, payload),
    subscribe: (args: ExecutionArgs) => opened.get(args) as never,
    execute: (args: ExecutionArgs) => single.get(args)?.() as never,
  });

  return {
    close: async () => {
      server.off("upgrade", onUpgrade);
      const closed = [...sockets.clients].map((client) => new Promise((resolve) => client.once("close", resolve)));
      // 1001 Going Away: clients reconnect, to another replica or to the next process.
      for (const client of sockets.clients) client.close(1001, "Going away");
      const patience = setTimeout(() => [...sockets.clients].forEach((client) => client.terminate()), CLOSE_TIMEOUT_MS);
      await Promise.all(closed);
      clearTimeout(patience);
    },
  };
}

/** Sandbox and GraphiQL send the headers of their header tab as connection parameters, in any letter case, some of them nested. */
function authorizationOf(ctx: Context<Record<string, unknown>, SocketExtra>): string | undefined {
  const parameters = ctx.connectionParams ?? {};
  const nested =
    typeof parameters["headers"] === "object" && parameters["headers"] !== null ? parameters["headers"] : {};
  for (const source of [parameters, nested]) {
    const entry = Object.entries(source).find(([name]) => name.toLowerCase() === "authorization");
    if (typeof entry?.[1] === "string") return entry[1];
  }
  return ctx.extra.request.headers.authorization;
}

const isErrors = (value: unknown): value is readonly GraphQLError[] => Array.isArray(value);

function refuseUpgrade(socket: Duplex, status: string): void {
  socket.end(`HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
}
