import {
  type DocumentNode,
  type FieldNode,
  getNamedType,
  getOperationAST,
  type GraphQLField,
  type GraphQLSchema,
  isAbstractType,
  Kind,
  type OperationDefinitionNode,
  print,
  type SelectionSetNode,
  visit,
} from "graphql";
import { ClientError } from "../../../kit/errors";
import type { ExecutableOperation } from "../../execution/executor";
import type { Fetch } from "../../execution/plan/fetch";
import { entitySelection, readFetchGraph } from "../../execution/plan/fetch-graph";
import type { Conditions } from "../../operation/conditions";
import { type NormalisedOperation, normaliseOperation } from "../../operation/normalise-operation";
import type { EventField } from "../event-field";
import { AskedQuestion } from "./ask-entities";
import { createEntityQuestion, createVisibilityQuestion, digest, type EntityQuestion, rootOf } from "./entity-question";
import { createPayloadReader, type ReadPayload } from "./payload-entity";
import type { StreamGraph } from "./stream-graphs";
import { subscriptionRoot } from "./subscription-root";

/** A subscription operation as far as it is the same for all who send it. */
export interface PlannedStream {
  /** First the entity from its owner, given as the event, then whatever the plan needs from other subgraphs. */
  readonly operation: ExecutableOperation;
  readonly field: EventField;
  readonly definition: GraphQLField<unknown, unknown>;
  /** As the client wrote it. */
  readonly node: FieldNode;
  /** What the owner is asked, by object type: one unless the field returns a union or an interface. */
  readonly entities: ReadonlyMap<string, PlannedEntity>;
  /** The response key of the field in the plan; the client's may be another. */
  readonly responseKey: string;
  /** Variables that reach a subgraph. */
  readonly variables: readonly ReachingVariable[];
  /** Nothing that any subgraph is asked for depends on who asks. */
  readonly isViewerIndependent: boolean;
  /** Equal for streams that ask the same of every subgraph and write the answers alike, if variables and callers are equal. */
  readonly key: string;
}

export interface PlannedEntity {
  readonly question: EntityQuestion;
  /** Whether the entity is there for whoever asks. */
  readonly visibility: AskedQuestion;
  /** In place of the question, where events bring along all that it asks. */
  readonly readPayload: ReadPayload | undefined;
}

export interface ReachingVariable {
  /** The plan's name. */
  readonly name: string;
  /** The client's name. */
  readonly given: string;
}

/** A subscription that is valid on the API schema, with its plan. */
export interface PlannableStream {
  readonly schema: GraphQLSchema;
  readonly document: DocumentNode;
  readonly operationName: string | undefined;
  readonly conditions: Conditions;
  readonly operation: ExecutableOperation;
}

/**
 * Makes a stream of events out of a subscription's plan. The planner splits the operation into what the field's owner gives and the rest; the first
 * part, which a subgraph with a socket of its own would stream, becomes a question for the entity that an event is about.
 * @throws ClientError when the subscription cannot be run
 */
export function planStream(source: PlannableStream, graph: StreamGraph): PlannedStream {
  const { schema, document, operationName, conditions, operation } = source;
  const node = subscriptionRoot(document, operationName);
  const rootType = schema.getSubscriptionType();
  const definition = rootType?.getFields()[node.name.value];
  if (!rootType || !definition) throw new Error("the subscription field is not in the schema");
  const field = graph.eventFields.get(definition.name);
  if (!field) {
    const message = `No event feeds the subscription field "${definition.name}".`;
    throw new ClientError("SUBSCRIPTION_NOT_SUPPORTED", message);
  }
  const { plan } = operation;
  if (!plan) throw new ClientError("SUBSCRIPTION_NOT_SUPPORTED", "The executor of this gateway runs no subscriptions.");
  const [primary, ...rest] = readFetchGraph(plan).fetches;
  if (!primary) throw new Error("the planner gave a subscription without a root field");

  const normalised = normaliseOperation(document, operationName, graph.names, conditions);
  if (!normalised) throw new Error("the document does not hold the operation");
  const entities = planEntities(primary, entityTypes(schema, definition, field), field, graph);
  const root = rootOf(primary);
  const asked = [...entities.values()].map(({ question }) => question);
  const reaching = new Set([
    ...asked.flatMap(({ definitions }) => definitions.map(({ variable }) => variable.name.value)),
    ...rest.flatMap(({ node: { variableUsages } }) => variableUsages ?? []),
  ]);
  return {
    operation,
    field,
    definition,
    node,
    entities,
    responseKey: root.alias?.value ?? root.name.value,
    variables: variablesOf(document, operationName, normalised).filter(({ name }) => reaching.has(name)),
    isViewerIndependent:
      // What only some may watch may be about entities that only they see.
      graph.rules.ofField(rootType.name, definition.name).length === 0 &&
      asked.every(({ selection, type }) => graph.independence.holdsFor(selection, type)) &&
      rest.every(
        ({ requires, operation: fetch }) => requires && graph.independence.holdsFor(entitySelection(fetch), "_Entity"),
      ),
    key: digest([
      graph.version,
      field.name,
      asked.map(({ id }) => id),
      rest.map(({ service, path, node: fetch }) => [service, path, fetch]),
      answerShape(normalised),
    ]),
  };
}

/** Names of the object types whose entities events of the field are about. */
function entityTypes(
  schema: GraphQLSchema,
  definition: GraphQLField<unknown, unknown>,
  field: EventField,
): readonly string[] {
  const type = getNamedType(definition.type);
  if (!isAbstractType(type)) return [type.name];
  const possible = new Set(schema.getPossibleTypes(type).map(({ name }) => name));
  const named = [...new Set(field.entities.values())].filter((name) => possible.has(name));
  if (named.length > 0) return named;
  const message = `The events of the subscription field "${definition.name}" do not say which type they are about.`;
  throw new ClientError("SUBSCRIPTION_NOT_SUPPORTED", message);
}

function planEntities(
  primary: Fetch,
  names: readonly string[],
  { delivery }: EventField,
  { types, client }: StreamGraph,
): ReadonlyMap<string, PlannedEntity> {
  const owner = client(primary.service);
  return new Map(
    names.map((type): [string, PlannedEntity] => {
      const question = createEntityQuestion(primary, { type, types, owner });
      const visibility = new AskedQuestion(createVisibilityQuestion(primary.service, type, owner), {});
      const readPayload = delivery.kind === "PAYLOAD" ? createPayloadReader(question, delivery.fields) : undefined;
      return [type, { question, visibility, readPayload }];
    }),
  );
}

/** All variables of the operation; some have another name in the plan. */
function variablesOf(
  document: DocumentNode,
  operationName: string | undefined,
  { planVariable }: NormalisedOperation,
): readonly ReachingVariable[] {
  const definitions = getOperationAST(document, operationName)?.variableDefinitions ?? [];
  return definitions
    .map(({ variable: { name } }) => ({ name: planVariable(name.value), given: name.value }))
    .sort((a, b) => (a.name < b.name ? -1 : 1));
}

/**
 * What the answer looks like, in the client's words. Arguments of the root field are left out: they say which events come, and reach no
 * subgraph.
 */
function answerShape({ operation, responseKey }: NormalisedOperation): string {
  const shape: OperationDefinitionNode = {
    kind: Kind.OPERATION_DEFINITION,
    operation: operation.operation,
    selectionSet: withoutArguments(operation.selectionSet),
  };
  return print(
    visit(shape, {
      Field: (field) => {
        const key = field.alias?.value ?? field.name.value;
        return { ...field, alias: { kind: Kind.NAME, value: responseKey(key) } };
      },
    }),
  );
}

const withoutArguments = (set: SelectionSetNode): SelectionSetNode => ({
  ...set,
  selections: set.selections.map((node) => {
    if (node.kind === Kind.INLINE_FRAGMENT) return { ...node, selectionSet: withoutArguments(node.selectionSet) };
    return node.kind === Kind.FIELD ? { ...node, arguments: [] } : node;
  }),
});
