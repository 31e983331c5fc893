import { ApolloClient, ApolloLink, gql, HttpLink, InMemoryCache } from "@apollo/client";
import { PersistedQueryLink } from "@apollo/client/link/persisted-queries";

/** What a client puts on the wire for an operation, but for who it is. */
export interface ClientRequest {
  readonly method: "GET" | "POST";
  /** With the query string. */
  readonly target: string;
  /** Names in small letters. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

const ORIGIN = "http://gateway.example";

/**
 * The request that Apollo Client sends for an operation: with its text, or with an id that was registered before, by POST or by GET. Asked of the client itself,
 * so that a text is compared with the id that the same client sends in its place.
 * @param text of one operation, as somebody wrote it: the client adds `__typename` and prints it anew
 */
export async function requestOfClient(
  text: string,
  path: string,
  persisted?: { readonly id: string; readonly method: "GET" | "POST" },
): Promise<ClientRequest> {
  let sent: ClientRequest | undefined;
  const fetch = (uri: string, { method, headers, body }: RequestInit): Promise<Response> => {
    const named = Object.entries(headers as Record<string, string>);
    const { pathname, search } = new URL(uri);
    sent = {
      method: method === "GET" ? "GET" : "POST",
      target: pathname + search,
      headers: Object.fromEntries(named.map(([name, value]) => [name.toLowerCase(), value])),
      body: (body as string | undefined) ?? "",
    };
    return Promise.reject(new Error("nobody is asked"));
  };
  const http = new HttpLink({ uri: ORIGIN + path, fetch: fetch as typeof globalThis.fetch });
  const link = persisted
    ? ApolloLink.from([
        new PersistedQueryLink({
          generateHash: () => persisted.id,
          useGETForHashedQueries: persisted.method === "GET",
          retry: () => false,
          disable: () => false,
        }),
        http,
      ])
    : http;
  const client = new ApolloClient({ cache: new InMemoryCache(), link });
  await client.query({ query: gql(text) }).catch(() => undefined);
  if (!sent) throw new Error("Apollo Client sent nothing");
  return sent;
}

/** The text that Apollo Client sends, which is the one to register. */
export async function textOfClient(text: string): Promise<string> {
  const { body } = await requestOfClient(text, "/graphql");
  return (JSON.parse(body) as { query: string }).query;
}
