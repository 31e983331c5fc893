import { Pool } from "undici";
import { z } from "zod";
import { serviceUnavailable } from "../errors";
import { createIdentityKey, IDENTITY_HEADER, serviceIdentity, signIdentity } from "../identity";
import { headersOfTrace, REQUEST_ID_HEADER, type RequestContext } from "../request-context";
import { inSpan } from "../tracing/in-span";

/** Asks another subgraph on a service's own account, by that subgraph's published contract. */
export interface SubgraphClient {
  /**
   * Runs a query (never a mutation: it is tried again once when the connection breaks).
   * @returns `data` as the schema given parses it
   * @throws ClientError SERVICE_UNAVAILABLE when the other service does not answer in time or answers with errors
   */
  query<T>(document: string, variables: unknown, schema: z.ZodType<T>, context: RequestContext): Promise<T>;
  close(): Promise<void>;
}

const TIMEOUT_MS = 2_000;
const envelope = z.object({ data: z.unknown(), errors: z.array(z.object({ message: z.string() })).optional() });

/**
 * @param options.url of the other subgraph's `/graphql`
 * @param options.audience its name
 * @param options.issuer the name of the service that asks
 */
export function createSubgraphClient(options: {
  url: string;
  audience: string;
  issuer: string;
  internalSecret: string;
  scopes?: readonly string[];
}): SubgraphClient {
  const { audience, issuer } = options;
  const url = new URL(options.url);
  const pool = new Pool(url.origin, { connections: 10, headersTimeout: TIMEOUT_MS, bodyTimeout: TIMEOUT_MS });
  const key = createIdentityKey(options.internalSecret);
  const viewer = serviceIdentity(issuer, options.scopes ?? []);
  const attributes = { "http.request.method": "POST", "server.address": url.hostname, "server.port": Number(url.port) };

  const post = async (body: string, context: RequestContext) => {
    const { statusCode, body: answer } = await pool.request({
      method: "POST",
      path: url.pathname,
      headers: {
        "content-type": "application/json",
        [IDENTITY_HEADER]: await signIdentity(key, viewer, audience, issuer),
        [REQUEST_ID_HEADER]: context.requestId,
        ...headersOfTrace(context.traceparent),
      },
      body,
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
    const text = await answer.text();
    if (statusCode !== 200) throw new Error(`${audience} answered with the status ${statusCode}`);
    return envelope.parse(JSON.parse(text));
  };

  return {
    query: async (document, variables, schema, context) => {
      const body = JSON.stringify({ query: document, variables });
      try {
        const { data, errors } = await inSpan(
          "client",
          `POST ${audience}`,
          context,
          (traced) => post(body, traced).catch(() => post(body, traced)),
          attributes,
        );
        if (errors?.length) throw new Error(`${audience} answered with errors: ${errors[0]?.message ?? ""}`);
        return schema.parse(data);
      } catch (cause) {
        throw serviceUnavailable(`The ${audience} service does not answer; try again in a moment.`, cause);
      }
    },
    close: () => pool.close(),
  };
}
