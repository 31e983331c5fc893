import { createHash } from "node:crypto";
import type { GraphQLResolveInfo } from "graphql";
import type { SubgraphContext } from "./subgraph-context";

/**
 * Names the effect of one mutation field: equal whenever the gateway sends the same call again, and another for every other field of the call. A subgraph that
 * has the effect of a key once may be named in the gateway's IDEMPOTENT_SUBGRAPHS.
 * @returns 43 characters; undefined when nobody promises to send the call again as it is
 */
export const effectKeyOf = (
  { idempotencyKey }: Pick<SubgraphContext<unknown>, "idempotencyKey">,
  { path }: Pick<GraphQLResolveInfo, "path">,
): string | undefined =>
  idempotencyKey === undefined
    ? undefined
    : createHash("sha256").update(`${idempotencyKey}\n${path.key}`).digest("base64url");
