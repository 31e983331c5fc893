import { operationFromDocument } from "@apollo/federation-internals";
import type { FetchNode, QueryPlan, SubscriptionNode } from "@apollo/query-planner";
import {
  type DocumentNode,
  type FieldNode,
  type GraphQLField,
  Kind,
  type OperationDefinitionNode,
  parse,
  print,
  visit,
} from "graphql";
import type { SupergraphSnapshot } from "../supergraph/supergraph-snapshot";

/** Name of the pretended subgraph that answers the first fetch of an event's plan; no GraphQL name can be equal to it. */
export const EVENT_SERVICE = "<event>";

/** All of a subscription that stays the same from event to event. */
export interface PreparedSubscription {
  readonly supergraph: SupergraphSnapshot;
  readonly document: DocumentNode;
  /** The document, printed. */
  readonly text: string;
  readonly operation: OperationDefinitionNode;
  readonly field: GraphQLField<unknown, unknown>;
  readonly fieldNode: FieldNode;
  readonly responseKey: string;
  /** The subgraph that owns the field and resolves the entity by its key. */
  readonly owner: string;
  readonly entityType: string;
  /** `query ($representations, …) { _entities(…) { ... on Order { … } } }`: the field's own selection, asked of the owner by key. */
  readonly entityQuery: string;
  readonly entityVariables: readonly string[];
  /** First the entity from its owner, then whatever the plan needs from other subgraphs. */
  readonly plan: QueryPlan;
}

/**
 * Plans a subscription for events that carry keys only. The planner splits it into what the field's owner gives and the rest; the first
 * part, which a subgraph with a socket of its own would stream, becomes an entity fetch by the event's key.
 *
 * @param document valid on the API schema, with one root field (https://spec.graphql.org/October2021/#sec-Single-root-field)
 */
export function prepareSubscription(
  supergraph: SupergraphSnapshot,
  document: DocumentNode,
  operationName: string | undefined,
): PreparedSubscription {
  const apiSchema = supergraph.supergraph.apiSchema();
  const operation = operationFromDocument(apiSchema, document, operationName === undefined ? {} : { operationName });
  const node = supergraph.planner().buildQueryPlan(operation).node as SubscriptionNode;
  const primary = node.primary;
  const definition = onlyOperation(parse(primary.operation));
  const fieldNode = definition.selectionSet.selections[0] as FieldNode;
  const field = supergraph.apiSchema.getSubscriptionType()?.getFields()[fieldNode.name.value];
  if (!field) throw new Error("the planned subscription field is not in the schema");
  const entityType = String(field.type).replace(/[[\]!]/g, "");

  const used = new Set<string>();
  if (fieldNode.selectionSet)
    visit(fieldNode.selectionSet, { Variable: (variable) => void used.add(variable.name.value) });
  const variables = (definition.variableDefinitions ?? []).filter(({ variable }) => used.has(variable.name.value));
  const parameters = ["$representations: [_Any!]!", ...variables.map(print)].join(", ");
  const selection = fieldNode.selectionSet ? print(fieldNode.selectionSet) : "{ __typename }";

  return {
    supergraph,
    document,
    text: print(document),
    operation: chosenOperation(document, operationName),
    field,
    fieldNode: chosenOperation(document, operationName).selectionSet.selections[0] as FieldNode,
    responseKey: fieldNode.alias?.value ?? fieldNode.name.value,
    owner: primary.serviceName,
    entityType,
    entityQuery: `query (${parameters}) { _entities(representations: $representations) { ... on ${entityType} ${selection} } }`,
    entityVariables: variables.map(({ variable }) => variable.name.value),
    plan: planOfEvent(primary, node),
  };
}

function planOfEvent(primary: FetchNode, node: SubscriptionNode): QueryPlan {
  const first: FetchNode = { ...primary, serviceName: EVENT_SERVICE, operationKind: "query" as never };
  return { kind: "QueryPlan", node: { kind: "Sequence", nodes: node.rest ? [first, node.rest] : [first] } };
}

const operations = (document: DocumentNode) =>
  document.definitions.filter((node): node is OperationDefinitionNode => node.kind === Kind.OPERATION_DEFINITION);

function onlyOperation(document: DocumentNode): OperationDefinitionNode {
  const [operation] = operations(document);
  if (!operation) throw new Error("the planner gave a fetch without an operation");
  return operation;
}

function chosenOperation(document: DocumentNode, name: string | undefined): OperationDefinitionNode {
  const all = operations(document);
  const chosen = name === undefined ? all[0] : all.find((operation) => operation.name?.value === name);
  if (!chosen) throw new Error("the document has no such operation");
  return chosen;
}
