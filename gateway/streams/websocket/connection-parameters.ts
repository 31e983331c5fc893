import type { IncomingMessage } from "node:http";
import {
  givenTraceparent,
  REQUEST_ID_HEADER,
  TRACEPARENT_HEADER,
  TRACESTATE_HEADER,
} from "../../../kit/request-context";

/** What is kept of the request that asked for the socket. The request itself is let go: thousands of idle sockets would keep all their headers. */
export interface Upgrade {
  readonly authorization: string | undefined;
  readonly requestId: string | undefined;
  readonly traceparent: string | undefined;
  readonly forwardedHeaders: ForwardedHeaders;
  /** Of the peer, as the system tells it. */
  readonly address: string;
}

export type ForwardedHeaders = Readonly<Record<string, string>> | undefined;

/** @param forwarded names, in lower case, that subgraphs are to see */
export function readUpgrade({ headers, socket }: IncomingMessage, forwarded: readonly string[]): Upgrade {
  return {
    authorization: headers.authorization,
    requestId: asText(headers[REQUEST_ID_HEADER]),
    traceparent: givenTraceparent(headers[TRACEPARENT_HEADER], headers[TRACESTATE_HEADER]),
    forwardedHeaders: pick(forwarded, (name) => asText(headers[name])),
    address: socket.remoteAddress ?? "",
  };
}

/**
 * Browsers cannot set headers on a socket, so clients send them as the payload of `connection_init`, and Sandbox and GraphiQL those of their header tab: in any
 * letter case, some of them nested below `headers`.
 */
export function parameterOf(payload: unknown, name: string): string | undefined {
  if (!isObject(payload)) return undefined;
  const nested = Object.entries(payload).find(([key]) => key.toLowerCase() === "headers")?.[1];
  for (const source of [payload, nested]) {
    if (!isObject(source)) continue;
    for (const key of Object.keys(source)) {
      if (key.toLowerCase() === name && typeof source[key] === "string") return source[key];
    }
  }
  return undefined;
}

/** Parameters win over the headers of the upgrade, as they do for the token. */
export function forwardedHeadersOf(payload: unknown, upgrade: ForwardedHeaders, forwarded: readonly string[]) {
  return pick(forwarded, (name) => parameterOf(payload, name) ?? upgrade?.[name]);
}

function pick(names: readonly string[], valueOf: (name: string) => string | undefined): ForwardedHeaders {
  if (names.length === 0) return undefined;
  const given = names.flatMap((name) => {
    const value = valueOf(name);
    return value === undefined || !HEADER_VALUE.test(value) ? [] : [[name, value] as const];
  });
  return given.length > 0 ? Object.fromEntries(given) : undefined;
}

/** RFC 9110, section 5.5. Headers of a request are so already; parameters are any text. */
const HEADER_VALUE = /^[\t\x20-\x7e\x80-\xff]*$/;

const asText = (value: string | string[] | undefined) => (Array.isArray(value) ? value.join(", ") : value);

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && !Array.isArray(value);
