import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { type ExecutionResult, getOperationAST, GraphQLError, parse } from "graphql";
import { Registry } from "prom-client";
import { unauthenticated } from "../../../../kit/errors";
import { createLogger } from "../../../../kit/log";
import type { Identity } from "../../../../kit/viewer";
import type { CheckedOperation, SubscriptionRequest } from "../../stream";
import type { OperationInput, WebSocketDoor } from "../door";
import { serveWebSocket, type WebSocketSettings } from "../serve-websocket";
import { createFakeStreams, type FakeStreams } from "./fake-streams";

export const ALLOWED = "https://shop.example";
export const SUBSCRIPTION = "subscription { ticks }";
/** Of every valid token, in milliseconds. */
export const EXPIRES_AT_MS = 4_000_000_000_000;

export const asUser = (subject: string, ...roles: string[]): Identity => ({
  kind: "user",
  subject,
  roles,
  scopes: [],
});

export interface Execution {
  readonly input: OperationInput;
  readonly context: SubscriptionRequest["context"];
  answer(result: ExecutionResult): void;
}

/**
 * The protocol on a real HTTP server, before a core and a door that the test plays. Tokens are "Bearer <user>", with "/<role>" and "#<number>" behind it where it
 * matters; `refused` are not valid (any more).
 */
export async function serve(settings: Partial<WebSocketSettings> = {}, options: { streams?: "none" } = {}) {
  const server = createServer((_req, res) => res.end());
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  const streams: FakeStreams = createFakeStreams();
  const metrics = new Registry();
  const refused = new Map<string, Error>([["Bearer old", unauthenticated("The access token has expired.")]]);
  const executions: Execution[] = [];
  const held = { count: 0 };
  const generation = {} as CheckedOperation["generation"];
  /** Of `authenticate`: callers are known after it. */
  const state = { gate: Promise.resolve(), authentications: 0 };
  const door: WebSocketDoor = {
    authenticate: async (authorization) => {
      state.authentications++;
      await state.gate;
      const refusal = authorization === undefined ? undefined : refused.get(authorization);
      if (refusal) throw refusal;
      const [, user, role, number = "0"] = /^Bearer (\w+)(?:\/(\w+))?(?:#(\d+))?$/.exec(authorization ?? "") ?? [];
      if (user === undefined) return { viewer: undefined };
      return { viewer: asUser(user, ...(role ? [role] : [])), expiresAtMs: EXPIRES_AT_MS + Number(number) };
    },
    isOriginAllowed: (origin) => origin === undefined || origin === ALLOWED,
    check: ({ query, operationName, variables = {} }) => {
      if (query.includes("crash")) throw new Error("a secret of the gateway");
      try {
        const document = parse(query);
        const operation = getOperationAST(document, operationName);
        return operation ? { generation, document, operation, variables } : [new GraphQLError("no such operation")];
      } catch (error) {
        return [error as GraphQLError];
      }
    },
    enter: () => {
      held.count++;
      return () => void held.count--;
    },
    execute: (input, context) => new Promise((answer) => executions.push({ input, context, answer })),
  };
  const service = serveWebSocket({
    server,
    path: "/graphql",
    door,
    streams: options.streams === "none" ? undefined : streams,
    log: createLogger("test", "silent"),
    metrics,
    settings: { drainMs: 0, closeTimeoutMs: 500, ...settings },
  });
  return {
    url: `ws://127.0.0.1:${port}/graphql`,
    port,
    server,
    service,
    streams,
    refused,
    executions,
    state,
    held,
    metric: async (name: string, labels: Record<string, string> = {}) =>
      (await metrics.getSingleMetric(name)?.get())?.values.find(({ labels: found }) =>
        Object.entries(labels).every(([label, value]) => found[label] === value),
      )?.value ?? 0,
    close: async () => {
      await service.close();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

export type Served = Awaited<ReturnType<typeof serve>>;
