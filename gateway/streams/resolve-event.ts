import { buildOperationContext, executeQueryPlan, type GraphQLDataSource, type ServiceMap } from "@apollo/gateway";
import type { ExecutionResult, GraphQLFormattedError } from "graphql";
import { GraphQLError } from "graphql";
import type { UpstreamContext } from "../upstream/upstream-context";
import type { Upstream, Upstreams } from "../upstream/upstreams";
import { EVENT_SERVICE, type PreparedSubscription } from "./prepare-subscription";

export type EntityKey = string | number;

interface SubgraphAnswer {
  readonly data?: { readonly _entities?: readonly (Record<string, unknown> | null)[] } | null;
  readonly errors?: readonly GraphQLFormattedError[];
}

/**
 * Executes a prepared subscription for one event: the entity from its owner by key, the rest through the plan, as the viewer who subscribed.
 * @returns `undefined` when the viewer may not see the entity (any more) or it is gone: such an event is none for this subscriber
 */
export async function resolveEvent(
  prepared: PreparedSubscription,
  key: EntityKey,
  variables: Readonly<Record<string, unknown>>,
  context: UpstreamContext,
  upstreams: Upstreams,
): Promise<ExecutionResult | undefined> {
  const { supergraph, responseKey } = prepared;
  const services: ServiceMap = {};
  for (const address of supergraph.subgraphs) {
    services[address.name] = upstreams.forSubgraph(address) as GraphQLDataSource;
  }
  const owner = services[prepared.owner];
  if (!owner) throw new Error(`the supergraph has no subgraph "${prepared.owner}"`);

  let missing = false;
  services[EVENT_SERVICE] = {
    process: async (options) => {
      const answer = (await owner.process({
        ...options,
        request: {
          ...options.request,
          query: prepared.entityQuery,
          // Of the planned fetch, whose text this one takes the place of: it has no name.
          operationName: undefined,
          variables: entityVariables(prepared, key, variables),
        },
      })) as SubgraphAnswer;
      const entity = answer.data?._entities?.[0] ?? null;
      missing = entity === null && !answer.errors?.length;
      return {
        ...answer,
        data: entity === null ? null : { [responseKey]: entity },
        errors: answer.errors?.map((error) => atResponseKey(error, responseKey)),
      } as never;
    },
  };

  const requestContext = {
    request: { query: prepared.text, variables, http: undefined },
    context,
    schema: supergraph.apiSchema,
    metrics: {},
    logger: undefined,
    cache: undefined,
  };
  const result = (await executeQueryPlan(
    prepared.plan,
    services,
    requestContext as never,
    buildOperationContext({
      schema: supergraph.apiSchema,
      operationDocument: prepared.document,
      ...(prepared.operation.name ? { operationName: prepared.operation.name.value } : {}),
    }),
    supergraph.runtimeSchema(),
    supergraph.supergraph.apiSchema(),
  )) as ExecutionResult;
  if (missing) return undefined;
  // `valueCompletion` explains nulls to developers of the gateway, not to clients.
  return result.errors?.length ? { data: result.data ?? null, errors: result.errors } : { data: result.data ?? null };
}

/** Asks the owner whether the viewer may see the entity at all: the subgraph's own rules decide. */
export async function canSee(
  prepared: PreparedSubscription,
  key: EntityKey,
  context: UpstreamContext,
  upstreams: Upstreams,
): Promise<{ visible: boolean; errors: readonly GraphQLError[] }> {
  const address = prepared.supergraph.subgraphs.find(({ name }) => name === prepared.owner);
  if (!address) throw new Error(`the supergraph has no subgraph "${prepared.owner}"`);
  const upstream: Upstream = upstreams.forSubgraph(address);
  const answer = (await upstream.process({
    kind: "incoming operation" as never,
    request: {
      query: `query ($representations: [_Any!]!) { _entities(representations: $representations) { __typename } }`,
      variables: { representations: [{ __typename: prepared.entityType, id: key }] },
    },
    context: context as never,
    incomingRequestContext: { context } as never,
  })) as SubgraphAnswer;
  return {
    visible: Boolean(answer.data?._entities?.[0]),
    errors: (answer.errors ?? []).map(
      ({ message, extensions }) => new GraphQLError(message, { ...(extensions ? { extensions } : {}) }),
    ),
  };
}

function entityVariables(prepared: PreparedSubscription, key: EntityKey, variables: Readonly<Record<string, unknown>>) {
  return {
    representations: [{ __typename: prepared.entityType, id: key }],
    ...Object.fromEntries(
      prepared.entityVariables.filter((name) => Object.hasOwn(variables, name)).map((name) => [name, variables[name]]),
    ),
  };
}

/** `["_entities", 0, "total"]` is `["orderUpdated", "total"]` to the client. */
const atResponseKey = (error: GraphQLFormattedError, responseKey: string): GraphQLFormattedError =>
  error.path ? { ...error, path: [responseKey, ...error.path.slice(2)] } : error;
