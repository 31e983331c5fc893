/**
 * Clients spell the id of a persisted operation in many ways; here they become one.
 * https://graphql.github.io/graphql-over-http/ appendix "Persisted Documents" (draft), Apollo, Relay and Hive conventions.
 */

const HASH = /^(?:sha256:)?([0-9a-f]{64})$/i;
const CUSTOM = /^(?:x-[A-Za-z0-9-]+:)?[A-Za-z0-9._~-]+$/;
const MAX_LENGTH = 256;

/** @returns `sha256:<lower-case hex>` for a hash with or without prefix, a custom id as it is, `undefined` for anything else */
export function canonicalId(id: string): string | undefined {
  if (id.length > MAX_LENGTH) return undefined;
  const [, hash] = HASH.exec(id) ?? [];
  if (hash) return `sha256:${hash.toLowerCase()}`;
  return CUSTOM.test(id) ? id : undefined;
}

/** Names of the parameter, the one that wins first. */
const PARAMETERS = ["documentId", "doc_id", "docId", "id", "queryId"] as const;

/** The id in a request's parameters as the client wrote it: Apollo's `extensions.persistedQuery.sha256Hash`, or one of the plain parameters. */
export function idOf(parameters: Readonly<Record<string, unknown>>): string | undefined {
  const { extensions } = parameters;
  const hash = property(property(extensions, "persistedQuery"), "sha256Hash");
  if (isId(hash)) return hash;
  for (const name of PARAMETERS) {
    const id = property(parameters, name);
    if (isId(id)) return id;
  }
  return undefined;
}

const isId = (value: unknown): value is string => typeof value === "string" && value !== "";

function property(value: unknown, name: string): unknown {
  return typeof value === "object" && value !== null && Object.hasOwn(value, name)
    ? (value as Record<string, unknown>)[name]
    : undefined;
}
