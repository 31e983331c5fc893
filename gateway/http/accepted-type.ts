import { HeaderMap } from "@apollo/server";
import { LRUCache } from "lru-cache";
import type { Answer } from "../partners/calls/call";
import type { GraphqlServer } from "./create-graphql-server";

/** Tells the content type of a GraphQL answer for an `Accept` header, or how a request is answered that accepts none: with 406. */
export type AcceptedType = (accept: string | undefined) => string | Answer | Promise<string | Answer>;

const MAX_ACCEPT_LENGTH = 300;
const MAX_ACCEPTS = 200;

/** Apollo Server is asked once for each header, so that answers which it does not give agree with its own. */
export function createAcceptedType(graphql: Pick<GraphqlServer, "answer">): AcceptedType {
  const known = new LRUCache<string, string | Answer>({ max: MAX_ACCEPTS });

  const ask = async (accept: string): Promise<string | Answer> => {
    const headers = new HeaderMap([["content-type", "application/json"]]);
    if (accept !== "") headers.set("accept", accept);
    const request = { method: "POST", headers, search: "", body: { query: "{ __typename }" } };
    const context = { requestId: "accept", traceparent: "", viewer: undefined };
    const { status = 200, ...answer } = await graphql.answer(request, context);
    const found = status === 200 ? answer.headers.get("content-type") : undefined;
    const type = found ?? { status, ...answer };
    if (accept.length <= MAX_ACCEPT_LENGTH) known.set(accept, type);
    return type;
  };
  return (accept = "") => known.get(accept) ?? ask(accept);
}
