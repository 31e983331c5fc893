import {
  getNullableType,
  type GraphQLInputType,
  type GraphQLSchema,
  isCompositeType,
  isInputType,
  isLeafType,
  isListType,
  isNonNullType,
  Kind,
  typeFromAST,
  validate,
  type VariableDefinitionNode,
} from "graphql";
import type { RestBinding, RestSegment } from "../../../schema/rest-path";
import type { RegisteredOperation } from "../registry/operation-registry";
import { fragmentsOf, type SelectedField, selectFields } from "./select-fields";

/** A variable as a caller over plain HTTP gives it. */
export interface RestParameter {
  readonly name: string;
  readonly type: GraphQLInputType;
  readonly definition: VariableDefinitionNode;
  readonly place: "path" | "query" | "body";
  readonly isRequired: boolean;
  /** One text; as many as there are elements of a list; or one text in JSON, for whatever has parts of its own. */
  readonly spelling: "text" | "texts" | "json";
}

/** A registered operation as a resource, made from its document and the schema. */
export interface RestOperation {
  readonly operation: RegisteredOperation;
  readonly binding: RestBinding;
  readonly segments: readonly RestSegment[];
  readonly parameters: ReadonlyMap<string, RestParameter>;
  /** The only root field, when there is always exactly one: the answer is its value, otherwise the object of them all. */
  readonly root: (SelectedField & { readonly key: string }) | undefined;
  /** Null says that there is no such thing: a query looks one object up by arguments. */
  readonly nullIsNotFound: boolean;
  /** `$first` and `$after` walk through a connection whose `pageInfo` is selected. */
  readonly isPaged: boolean;
}

/** The text of a registered operation does not fit the schema that is served now. */
export class UnfitOperationError extends Error {
  override readonly name = "UnfitOperationError";
}

/** @throws UnfitOperationError */
export function createRestOperation(
  schema: GraphQLSchema,
  operation: RegisteredOperation,
  binding: RestBinding,
  segments: readonly RestSegment[],
): RestOperation {
  const { document, definition } = operation;
  const [error] = validate(schema, document, undefined, { maxErrors: 1 });
  const rootType = schema.getRootType(definition.operation);
  if (error || !rootType) {
    throw new UnfitOperationError(`${operation.name} does not fit the schema: ${error?.message ?? "no such root"}`);
  }
  const fragments = fragmentsOf(document);
  const fields = [...selectFields(schema, fragments, rootType, [definition.selectionSet])];
  const [first] = fields;
  const root = fields.length === 1 && first && !first[1].isConditional ? { key: first[0], ...first[1] } : undefined;
  const parameters = new Map(
    (definition.variableDefinitions ?? []).map((variable) => [
      variable.variable.name.value,
      parameterOf(schema, variable, binding, segments),
    ]),
  );
  return {
    operation,
    binding,
    segments,
    parameters,
    root,
    nullIsNotFound:
      operation.type === "query" &&
      root !== undefined &&
      isCompositeType(root.field.type) &&
      root.nodes.some((node) => (node.arguments ?? []).length > 0),
    isPaged:
      operation.type === "query" &&
      parameters.has("first") &&
      parameters.has("after") &&
      root !== undefined &&
      hasPageInfo(root),
  };
}

function parameterOf(
  schema: GraphQLSchema,
  definition: VariableDefinitionNode,
  { method }: RestBinding,
  segments: readonly RestSegment[],
): RestParameter {
  const name = definition.variable.name.value;
  const type = typeFromAST(schema, definition.type as Parameters<typeof typeFromAST>[1]);
  if (!isInputType(type)) throw new UnfitOperationError(`$${name} has a type that is not there`);
  const isInPath = segments.some((segment) => "variable" in segment && segment.variable === name);
  const isRequired = isInPath || (isNonNullType(type) && definition.defaultValue === undefined);
  const place = isInPath ? "path" : method === "GET" ? "query" : "body";
  return { name, type, definition, place, isRequired, spelling: spellingOf(type) };
}

function spellingOf(type: GraphQLInputType): RestParameter["spelling"] {
  const nullable = getNullableType(type);
  if (isLeafType(nullable)) return "text";
  return isListType(nullable) && isLeafType(getNullableType(nullable.ofType)) ? "texts" : "json";
}

/** Under their own names, so that the answer can be read without the document. */
function hasPageInfo({ nodes }: SelectedField): boolean {
  const below = (from: SelectedField["nodes"], name: string) =>
    from.flatMap(({ selectionSet }) =>
      (selectionSet?.selections ?? []).flatMap((node) =>
        node.kind === Kind.FIELD && !node.alias && node.name.value === name && !node.directives?.length ? [node] : [],
      ),
    );
  const pageInfo = below(nodes, "pageInfo");
  return ["hasNextPage", "endCursor"].every((name) => below(pageInfo, name).length > 0);
}
