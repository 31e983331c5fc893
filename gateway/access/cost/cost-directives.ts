import {
  type ConstDirectiveNode,
  type DocumentNode,
  type FieldDefinitionNode,
  type InputValueDefinitionNode,
  Kind,
  valueFromASTUntyped,
} from "graphql";
import { linkedDirectives } from "../../supergraph/linked-directives";

const COST = "https://specs.apollo.dev/cost";

/** `@listSize` of a field. */
export interface ListSize {
  readonly assumedSize: number | undefined;
  /** Names of arguments of the field. */
  readonly slicingArguments: readonly string[];
  /** Names of fields of what the field gives: these are the lists that it sizes. */
  readonly sizedFields: ReadonlySet<string>;
  readonly requiresOneSlicingArgument: boolean;
}

/** What a supergraph says of costs, by coordinate: `Type`, `Type.field`, `Type.field(argument:)`, `Input.field`. */
export interface CostDirectives {
  weightOf(coordinate: string): number | undefined;
  listSizeOf(coordinate: string): ListSize | undefined;
}

/**
 * Reads `@cost` and `@listSize` from a full supergraph, under whatever names it imports them.
 * https://www.apollographql.com/docs/graphos/schema-design/federated-schemas/reference/directives#customizing-demand-controls
 */
export function readCostDirectives(supergraph: DocumentNode): CostDirectives {
  const names = linkedDirectives(supergraph, { cost: COST, listSize: COST });
  const weights = new Map<string, number>();
  const listSizes = new Map<string, ListSize>();

  const read = (coordinate: string, node: { readonly directives?: readonly ConstDirectiveNode[] | undefined }) => {
    for (const directive of node.directives ?? []) {
      const meaning = names.get(directive.name.value);
      if (meaning === undefined) continue;
      const given = argumentsOf(directive);
      if (meaning === "listSize") listSizes.set(coordinate, listSizeFrom(given));
      else if (typeof given["weight"] === "number") weights.set(coordinate, given["weight"]);
    }
  };
  const readField = (type: string, field: FieldDefinitionNode | InputValueDefinitionNode) => {
    const coordinate = `${type}.${field.name.value}`;
    read(coordinate, field);
    if (field.kind !== Kind.FIELD_DEFINITION) return;
    for (const argument of field.arguments ?? []) read(argumentCoordinate(coordinate, argument.name.value), argument);
  };

  for (const node of supergraph.definitions) {
    if (!("name" in node) || node.kind === Kind.DIRECTIVE_DEFINITION) continue;
    const name = node.name?.value;
    if (name === undefined || !("directives" in node)) continue;
    if (node.kind === Kind.OPERATION_DEFINITION || node.kind === Kind.FRAGMENT_DEFINITION) continue;
    read(name, node);
    if ("fields" in node) for (const field of node.fields ?? []) readField(name, field);
  }
  return {
    weightOf: (coordinate) => weights.get(coordinate),
    listSizeOf: (coordinate) => listSizes.get(coordinate),
  };
}

export const argumentCoordinate = (field: string, argument: string): string => `${field}(${argument}:)`;

const argumentsOf = (directive: ConstDirectiveNode): Readonly<Record<string, unknown>> =>
  Object.fromEntries(
    (directive.arguments ?? []).map(({ name, value }) => [name.value, valueFromASTUntyped(value) as unknown]),
  );

function listSizeFrom(given: Readonly<Record<string, unknown>>): ListSize {
  const { assumedSize, slicingArguments, sizedFields, requireOneSlicingArgument } = given;
  return {
    assumedSize: typeof assumedSize === "number" ? assumedSize : undefined,
    slicingArguments: namesIn(slicingArguments),
    sizedFields: new Set(namesIn(sizedFields)),
    requiresOneSlicingArgument: requireOneSlicingArgument !== false,
  };
}

/** List input coercion: a single value stands for a list of one. */
const namesIn = (value: unknown): readonly string[] =>
  (Array.isArray(value) ? (value as unknown[]) : [value]).filter((name) => typeof name === "string");
