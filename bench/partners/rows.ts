import { createApiKey } from "../../kit/api-key";
import type { ClientRequest } from "./client-requests";
import { DIGITS } from "../gateway/processes/numbered-request";
import type { Answer } from "../gateway/processes/ask";
import type { Check } from "../gateway/verify";

/** What a row's request is made of. */
export interface RowSetting {
  readonly port: number;
  readonly token: string;
  readonly key: string;
  /** Path below `/partner/v1`. */
  readonly operation: { readonly path: string };
  /** What one client sends for the operation: with its text, and with its id in its place. */
  readonly client: Readonly<Record<"text" | "idByPost" | "idByGet", ClientRequest>>;
}

/** One way to ask, whose requests are all alike. */
export interface Row {
  readonly id: string;
  readonly label: string;
  request(setting: RowSetting): string;
  /** @param data of the operation's right answer */
  isRight(data: unknown): Check;
}

const hasData: Row["isRight"] = (data) => (answer) =>
  answer.status === 200 && JSON.stringify((JSON.parse(answer.body) as { data: unknown }).data) === JSON.stringify(data);
const isOnlyField: Row["isRight"] = (data) => (answer) =>
  answer.status === 200 && answer.body === JSON.stringify(Object.values(data as object)[0]);
const isRefused =
  (status: number, code: string): Row["isRight"] =>
  () =>
  (answer: Answer) =>
    answer.status === status && answer.body.includes(code);

export const rows: readonly Row[] = [
  {
    id: "text",
    label: "text, no token",
    request: ({ port, client }) => asClient(port, client.text),
    isRight: hasData,
  },
  {
    id: "text-token",
    label: "text, with a token",
    request: ({ port, client, token }) => asClient(port, client.text, { authorization: `Bearer ${token}` }),
    isRight: hasData,
  },
  {
    id: "id-post",
    label: "id, POST",
    request: ({ port, client, key }) => asClient(port, client.idByPost, { "x-api-key": key }),
    isRight: hasData,
  },
  {
    id: "id-get",
    label: "id, GET",
    request: ({ port, client, key }) => asClient(port, client.idByGet, { "x-api-key": key }),
    isRight: hasData,
  },
  {
    id: "rest",
    label: "REST",
    request: ({ port, operation, key }) => get(port, `/partner/v1${operation.path}`, { "x-api-key": key }),
    isRight: isOnlyField,
  },
  {
    id: "nothing",
    label: "a path that leads nowhere",
    request: ({ port }) => get(port, "/nowhere", {}),
    isRight: isRefused(404, "NOT_FOUND"),
  },
  {
    id: "refused-typo",
    label: "refused: a key with a wrong checksum",
    request: ({ port, operation, key }) =>
      get(port, `/partner/v1${operation.path}`, { "x-api-key": key.slice(0, -DIGITS.length) + DIGITS }),
    isRight: isRefused(401, "UNAUTHENTICATED"),
  },
  {
    id: "refused-key",
    label: "refused: an unknown key",
    request: ({ port, operation }) =>
      get(port, `/partner/v1${operation.path}`, { "x-api-key": createApiKey("live").text }),
    isRight: isRefused(401, "UNAUTHENTICATED"),
  },
  {
    id: "refused-id",
    label: "refused: an unknown id",
    request: ({ port, key }) =>
      post(port, "/partner/v1/graphql", { documentId: `${"a".repeat(56)}${DIGITS}` }, { "x-api-key": key }),
    isRight: isRefused(404, "PERSISTED_QUERY_NOT_IN_LIST"),
  },
];

function asClient(port: number, sent: ClientRequest, who: Readonly<Record<string, string>> = {}): string {
  const { method, target, headers, body } = sent;
  const length = body === "" ? [] : [["content-length", String(body.length)] as const];
  const all = Object.fromEntries([...Object.entries({ ...headers, ...who }), ...length]);
  return `${method} ${target} HTTP/1.1\r\n${lines(port, all)}\r\n${body}`;
}

function post(port: number, path: string, body: object, headers: Readonly<Record<string, string>> = {}): string {
  const text = JSON.stringify(body);
  const own = { "content-type": "application/json", "content-length": String(text.length) };
  return `POST ${path} HTTP/1.1\r\n${lines(port, { ...own, ...headers })}\r\n${text}`;
}

const get = (port: number, path: string, headers: Readonly<Record<string, string>>): string =>
  `GET ${path} HTTP/1.1\r\n${lines(port, headers)}\r\n`;

const lines = (port: number, headers: Readonly<Record<string, string>>): string =>
  Object.entries({ host: `127.0.0.1:${port}`, accept: "application/json", ...headers })
    .map(([name, value]) => `${name}: ${value}\r\n`)
    .join("");
