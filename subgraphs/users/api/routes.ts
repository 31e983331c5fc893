import type { JWK } from "jose";
import type { Route } from "../../../kit/subgraph/start-subgraph-server";

/** A gateway learns of a new key within a minute. */
const JWKS_MAX_AGE_S = 60;

/** What the gateway asks beside GraphQL: the keys that verify access tokens. */
export const createRoutes = (options: { readJwks: () => Promise<{ keys: JWK[] }> }): Route[] => [
  {
    method: "GET",
    path: "/.well-known/jwks.json",
    trusted: false,
    handle: async () => ({
      status: 200,
      body: await options.readJwks(),
      headers: { "cache-control": `public, max-age=${JWKS_MAX_AGE_S}` },
    }),
  },
];
