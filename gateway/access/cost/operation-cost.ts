import {
  type DocumentNode,
  getNamedType,
  getNullableType,
  type GraphQLCompositeType,
  type GraphQLSchema,
  isCompositeType,
  isListType,
  OperationTypeNode,
  type SelectionSetNode,
} from "graphql";
import type { Conditions } from "../../operation/conditions";
import { type CostMeter, createCostMeter } from "./actual-cost";
import { type CostDirectives, readCostDirectives } from "./cost-directives";
import { atLeastNothing, type CostFormula, heaviest, product, sum } from "./cost-formula";
import { type CostWeights, createCostWeights, MUTATION } from "./cost-weights";
import { combine, first, type Size, sizeOf, withStandard } from "./list-size";
import { type CostedSelections, type MergedField, selectCosted, withDefaults } from "./merge-fields";

export { type CostFormula, costOf } from "./cost-formula";

/** What the operations of one supergraph cost. Each is worked out once and kept as long as its document. */
export interface OperationCosts {
  /** Before it runs. @throws ClientError as `costOf` does, when no variable is needed to tell */
  formulaOf(document: DocumentNode, operationName: string | undefined, conditions: Conditions): CostFormula;
  /** When it was answered. */
  meterOf(document: DocumentNode, operationName: string | undefined, conditions: Conditions): CostMeter;
}

/**
 * Estimates costs before anything is fetched: each object, interface, union and input object costs 1, leaves nothing, a mutation 10 more, unless
 * `@cost` gives another weight; whatever a list holds counts as often as `@listSize` or else `listSize` says.
 * An interface or union, and a field of an interface, weighs as much as the heaviest of the types behind it; selections for several types add up.
 *
 * https://ibm.github.io/graphql-specs/cost-spec.html, with the integers of
 * https://www.apollographql.com/docs/graphos/routing/security/demand-control#calculating-cost
 *
 * @param options.listSize how long a list is of which the supergraph says nothing
 */
export function createOperationCosts(options: {
  schema: GraphQLSchema;
  /** As composed. */
  supergraph: DocumentNode;
  listSize: number;
}): OperationCosts {
  const { schema, supergraph, listSize } = options;
  const directives = readCostDirectives(supergraph);
  const weights = createCostWeights(schema, directives);
  return {
    formulaOf: oncePerOperation((...operation) =>
      prepareFormula({ selections: selectCosted(schema, ...operation), directives, weights, listSize }),
    ),
    meterOf: oncePerOperation((...operation) => createCostMeter(selectCosted(schema, ...operation), weights)),
  };
}

function oncePerOperation<Result>(
  make: (document: DocumentNode, operationName: string | undefined, conditions: Conditions) => Result,
): typeof make {
  /** By document, operation and conditions; putting the two names into one would cost more than the look-ups. */
  const known = new WeakMap<DocumentNode, Map<string, Map<string, Result>>>();
  return (document, operationName, conditions) => {
    const operations = known.get(document) ?? new Map<string, Map<string, Result>>();
    const name = operationName ?? "";
    const results = operations.get(name) ?? new Map<string, Result>();
    const found = results.get(conditions.key);
    if (found !== undefined) return found;
    const result = make(document, operationName, conditions);
    known.set(document, operations.set(name, results.set(conditions.key, result)));
    return result;
  };
}

/** Sizes that a field hands down to lists of the object that it gives. */
interface SizesBelow {
  readonly fields: ReadonlySet<string>;
  readonly size: Size;
}

function prepareFormula(options: {
  selections: CostedSelections;
  directives: CostDirectives;
  weights: CostWeights;
  listSize: number;
}): CostFormula {
  const { selections, directives, weights, listSize } = options;
  const { operation, root, fieldsOf } = selections;

  const costOfSets = (
    sets: readonly SelectionSetNode[],
    type: GraphQLCompositeType,
    below: readonly SizesBelow[],
  ): CostFormula => sum(fieldsOf(sets, type).map((field) => costOfField(field, below)));

  const costOfField = (
    { name, nodes, definition, coordinates }: MergedField,
    below: readonly SizesBelow[],
  ): CostFormula => {
    if (!definition) return 0;
    const [node] = nodes;
    const sizes = coordinates.flatMap((coordinate) => directives.listSizeOf(coordinate) ?? []);
    const own = sizes.map((size): SizesBelow => ({ fields: size.sizedFields, size: sizeOf(size, node, definition) }));

    const named = getNamedType(definition.type);
    const weight = weights.ofField(coordinates) ?? weights.ofType(named);
    const sets = nodes.flatMap(({ selectionSet }) => selectionSet ?? []);
    const one = isCompositeType(named) ? sum([weight, costOfSets(sets, named, own)]) : weight;
    const fromAbove = below.filter(({ fields }) => fields.has(name));
    const sizeIn = (found: readonly SizesBelow[]) =>
      combine(
        found.map(({ size }) => size),
        heaviest,
      );
    const count = isListType(getNullableType(definition.type))
      ? withStandard(combine([sizeIn(fromAbove), sizeIn(own)], first), listSize)
      : 1;
    return atLeastNothing(sum([product(count, one), weights.ofArguments(node, definition, coordinates)]));
  };

  const formula = atLeastNothing(
    sum([
      operation.operation === OperationTypeNode.MUTATION ? MUTATION : 0,
      costOfSets([operation.selectionSet], root, []),
    ]),
  );
  return withDefaults(operation, formula);
}
