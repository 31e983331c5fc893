import type { IncomingMessage } from "node:http";
import { searchOf } from "./read-graphql-request";

/** An operation as a request names it: by its text or by the hash of a persisted query. */
export interface SentOperation {
  readonly query: string | undefined;
  /** SHA-256 of the text, hex, when the text is not sent. */
  readonly hash: string | undefined;
  readonly operationName: string | undefined;
  readonly variables: Readonly<Record<string, unknown>>;
  readonly extensions: Readonly<Record<string, unknown>> | undefined;
}

/** Headers that a browser does not send to another site before having asked: one of them must be there where no content type says as much. */
export const PREFLIGHT_HEADERS = [
  "x-apollo-operation-name",
  "apollo-require-preflight",
  "graphql-require-preflight",
] as const;

/**
 * Reads what nearly every client sends. Whatever is in any way unusual is not read here, so that one place judges it: Apollo Server.
 * @returns undefined for everything unusual
 */
export function readOperation(req: IncomingMessage, body: unknown): SentOperation | undefined {
  const sent = readTextOrHash(req, body, isPreflighted(req));
  // A text beside its hash is to be kept.
  return sent?.query !== undefined && sent.hash !== undefined ? undefined : sent;
}

/**
 * As `readOperation`, and with a text beside its hash.
 * @param isHarmless no page that may not ask has sent this GET; without it nothing of a GET is read
 */
export function readTextOrHash(req: IncomingMessage, body: unknown, isHarmless: boolean): SentOperation | undefined {
  if (req.method === "POST") return readFields(body);
  return isHarmless ? readSearch(req) : undefined;
}

/** A browser has asked first whether the page may send this. */
export const isPreflighted = ({ headers }: IncomingMessage): boolean =>
  headers["content-type"] === undefined && PREFLIGHT_HEADERS.some((name) => headers[name]);

function readFields(body: unknown): SentOperation | undefined {
  if (!isRecord(body)) return undefined;
  const query = body["query"] ?? undefined;
  const operationName = body["operationName"] ?? undefined;
  const variables = body["variables"] ?? NO_VARIABLES;
  const extensions = body["extensions"] ?? undefined;
  if (!isNamed(query) || !isNamed(operationName) || !isRecord(variables)) return undefined;
  const hash = extensions === undefined ? undefined : hashIn(extensions);
  if (hash === NOT_READ || (query === undefined && hash === undefined)) return undefined;
  return { query, hash, operationName, variables, extensions: isRecord(extensions) ? extensions : undefined };
}

/** https://graphql.github.io/graphql-over-http/draft/#sec-GET */
function readSearch(req: IncomingMessage): SentOperation | undefined {
  const search = new URLSearchParams(searchOf(req));
  const fields: Record<string, unknown> = {};
  for (const [name, value] of search) {
    if (name in fields) return undefined;
    if (name === "query" || name === "operationName") fields[name] = value;
    else if (name === "variables" || name === "extensions") {
      fields[name] = parsed(value);
      if (!isRecord(fields[name])) return undefined;
    }
  }
  return readFields(fields);
}

const NO_VARIABLES: Readonly<Record<string, unknown>> = Object.freeze({});
const NOT_READ = Symbol("not read here");

/** https://www.apollographql.com/docs/apollo-server/performance/apq */
function hashIn(extensions: unknown): string | undefined | typeof NOT_READ {
  if (!isRecord(extensions)) return NOT_READ;
  const persisted = extensions["persistedQuery"];
  if (!persisted) return undefined;
  if (!isRecord(persisted) || persisted["version"] !== 1) return NOT_READ;
  const hash = persisted["sha256Hash"];
  return typeof hash === "string" ? hash : NOT_READ;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

const isNamed = (value: unknown): value is string | undefined =>
  value === undefined || (typeof value === "string" && value !== "");

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && !Array.isArray(value);
