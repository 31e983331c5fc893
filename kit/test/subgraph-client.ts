import { createIdentityKey, IDENTITY_HEADER, signIdentity } from "../identity";
import type { Viewer } from "../viewer";

export interface SubgraphAnswer {
  /** HTTP status. */
  readonly status: number;
  readonly data?: Record<string, unknown> | null;
  readonly errors?: readonly {
    readonly message: string;
    readonly path?: readonly (string | number)[];
    readonly extensions?: Readonly<Record<string, unknown>>;
  }[];
}

/**
 * Asks a running subgraph as the gateway does: `POST /graphql` with the signed identity header.
 * @param request.name the subgraph's name, which is the audience of the header
 * @param request.secret the subgraph's INTERNAL_SECRET
 * @param request.viewer who asks; nothing for an anonymous caller
 * @param request.headers put over the ones made here, for forged and missing signatures (`undefined` removes one)
 */
export async function askSubgraph(request: {
  port: number;
  name: string;
  secret: string;
  viewer?: Viewer;
  query: string;
  variables?: Readonly<Record<string, unknown>>;
  headers?: Readonly<Record<string, string | undefined>>;
}): Promise<SubgraphAnswer> {
  const { port, name, secret, viewer, query, variables, headers = {} } = request;
  const all: Record<string, string | undefined> = {
    "content-type": "application/json",
    [IDENTITY_HEADER]: await signIdentity(createIdentityKey(secret), viewer, name),
    ...headers,
  };
  const response = await fetch(`http://127.0.0.1:${port}/graphql`, {
    method: "POST",
    headers: Object.entries(all).filter((entry): entry is [string, string] => entry[1] !== undefined),
    body: JSON.stringify({ query, variables }),
  });
  const body = (await response.json()) as Omit<SubgraphAnswer, "status">;
  return { ...body, status: response.status };
}
