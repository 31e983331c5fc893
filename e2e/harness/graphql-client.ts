import type { TypedDocumentNode } from "@graphql-typed-document-node/core";
import { type DocumentNode, print } from "graphql";
import { createClient } from "graphql-ws";
import { WebSocket } from "ws";
import { waitUntil } from "./wait-until";

export interface AnswerError {
  readonly message: string;
  readonly path?: readonly (string | number)[];
  readonly extensions?: Readonly<Record<string, unknown>> & { readonly code?: string };
}

export interface Result<Data> {
  readonly data?: Data | null;
  readonly errors?: readonly AnswerError[];
  readonly extensions?: Readonly<Record<string, unknown>>;
}

export interface Answer<Data> {
  readonly status: number;
  readonly headers: Headers;
  readonly body: Result<Data>;
}

/** A running subscription. What it was told is kept, so that nothing is missed between two looks. */
export interface LiveResults<Data> {
  /** Oldest first. */
  readonly results: readonly Result<Data>[];
  /** Set when the server ended it: with errors, with a close code, or neatly with neither. */
  readonly ended: { readonly errors?: readonly AnswerError[]; readonly closeCode?: number } | undefined;
  /** Waits for a result that `accepts` likes, among the past ones too. */
  until(what: string, accepts: (data: Data) => boolean): Promise<Data>;
  /** Waits until the server has ended it. */
  untilEnded(): Promise<{ errors?: readonly AnswerError[]; closeCode?: number }>;
  close(): Promise<void>;
}

type Text<Data, Variables> = TypedDocumentNode<Data, Variables> | string;

export interface GraphqlClient {
  graphql<Data = unknown, Variables = Record<string, unknown>>(
    document: Text<Data, Variables>,
    variables?: Variables,
    token?: string,
  ): Promise<Answer<Data>>;
  subscribe<Data = unknown, Variables = Record<string, unknown>>(
    document: Text<Data, Variables>,
    variables?: Variables,
    token?: string,
  ): LiveResults<Data>;
}

/** @param url of the gateway, without a path */
export function createGraphqlClient(url: string): GraphqlClient {
  return {
    graphql: (document, variables, token) =>
      postGraphql(`${url}/graphql`, { query: textOf(document), variables }, token),
    subscribe: (document, variables, token) =>
      subscribeTo(`${url.replace(/^http/, "ws")}/graphql`, textOf(document), variables, {
        ...(token && { authorization: `Bearer ${token}` }),
      }),
  };
}

/** One POST as every client sends it. @param body a string is sent as it is */
export async function postGraphql<Data>(
  url: string,
  body: object | string,
  token?: string,
  headers: Readonly<Record<string, string>> = {},
): Promise<Answer<Data>> {
  const response = await fetch(url, {
    method: "POST",
    headers: { "content-type": "application/json", ...(token && { authorization: `Bearer ${token}` }), ...headers },
    body: typeof body === "string" ? body : JSON.stringify(body),
    signal: AbortSignal.timeout(30_000),
  });
  return readAnswer(response);
}

/** @throws Error with the beginning of the text when the answer is not JSON */
export async function readAnswer<Data>(response: Response): Promise<Answer<Data>> {
  const text = await response.text();
  try {
    return { status: response.status, headers: response.headers, body: JSON.parse(text) as Result<Data> };
  } catch {
    throw new Error(`not JSON (${response.status} ${response.headers.get("content-type")}): ${text.slice(0, 300)}`);
  }
}

/**
 * @param connectionParams what is sent with `connection_init`
 * @param extensions of the operation
 * @param headers of the request for the socket
 */
export function subscribeTo<Data>(
  url: string,
  query: string,
  variables: unknown,
  connectionParams: Record<string, unknown>,
  origin?: string,
  extensions?: Record<string, unknown>,
  headers?: Readonly<Record<string, string>>,
): LiveResults<Data> {
  const results: Result<Data>[] = [];
  let ended: LiveResults<Data>["ended"];
  class Socket extends WebSocket {
    constructor(address: string, protocols?: string | string[]) {
      super(address, protocols, { ...(origin !== undefined && { origin }), ...(headers && { headers }) });
    }
  }
  const client = createClient({ url, webSocketImpl: Socket, connectionParams, retryAttempts: 0 });
  client.subscribe(
    { query, variables: variables as Record<string, unknown>, ...(extensions && { extensions }) },
    {
      next: (result) => results.push(result as Result<Data>),
      error: (error) => {
        if (Array.isArray(error)) ended = { errors: error as AnswerError[] };
        else if (isClose(error)) ended = { closeCode: error.code };
        else ended = { errors: [{ message: String((error as Error).message ?? error) }] };
      },
      complete: () => (ended ??= {}),
    },
  );
  return {
    results,
    get ended() {
      return ended;
    },
    until: async (what, accepts) => {
      const look = () => {
        const result = results.find(({ data }) => data && accepts(data));
        if (!result && ended) throw new EndedError("the server ended the subscription");
        return result;
      };
      const found = await waitUntil(what, look, { isFinal: (error) => error instanceof EndedError }).catch(
        (error: Error) => {
          throw new Error(`${error.message}; it was told ${JSON.stringify({ results, ended })}`, { cause: error });
        },
      );
      return found.data as Data;
    },
    untilEnded: () => waitUntil("the end of a subscription", () => ended),
    close: async () => client.dispose(),
  };
}

class EndedError extends Error {}

const isClose = (error: unknown): error is { code: number } =>
  typeof error === "object" && error !== null && typeof (error as { code?: unknown }).code === "number";

const textOf = (document: DocumentNode | string): string => (typeof document === "string" ? document : print(document));
