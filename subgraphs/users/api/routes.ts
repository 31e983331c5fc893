import type { JWK } from "jose";
import type { Route } from "../../../kit/subgraph/start-subgraph-server";
import type { PartnerKeys } from "../domain/partner-key";

const PARTNER_KEYS_PATH = "/internal/partner-keys/";
/** A gateway learns of a new key within a minute. */
const JWKS_MAX_AGE_S = 60;

/** What the gateway asks beside GraphQL: the keys that verify access tokens, and what admits a partner. */
export const createRoutes = (options: {
  readJwks: () => Promise<{ keys: JWK[] }>;
  partnerKeys: PartnerKeys;
}): Route[] => [
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
  {
    method: "GET",
    path: PARTNER_KEYS_PATH,
    trusted: true,
    handle: async ({ path }) => {
      const keyId = path.slice(PARTNER_KEYS_PATH.length);
      // Anything else is no id of a key (kit/api-key.ts), and not every text is one that PostgreSQL takes.
      const key = /^[0-9A-Za-z]{12}$/.test(keyId) ? await options.partnerKeys.find(keyId) : undefined;
      return key ? { status: 200, body: key } : { status: 404, body: { message: "There is no such key." } };
    },
  },
];
