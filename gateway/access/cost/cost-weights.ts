import {
  type FieldNode,
  getNamedType,
  type GraphQLField,
  type GraphQLInputType,
  type GraphQLNamedType,
  type GraphQLSchema,
  isAbstractType,
  isInputObjectType,
  isLeafType,
  isObjectType,
  valueFromASTUntyped,
} from "graphql";
import { argumentCoordinate, type CostDirectives } from "./cost-directives";
import { type CostFormula, heaviest, MOST, plus, sum } from "./cost-formula";
import { hasVariables } from "./list-size";

/** What one thing costs, whether it is estimated or was answered. */
export interface CostWeights {
  /** Of an interface or union: that of the heaviest type behind it. */
  ofType(type: GraphQLNamedType): number;
  /** The heaviest of a field's own weights. @returns undefined where the type's weight counts */
  ofField(coordinates: readonly string[]): number | undefined;
  ofArguments(node: FieldNode, definition: GraphQLField<unknown, unknown>, coordinates: readonly string[]): CostFormula;
}

/** Of a mutation, beside its fields. */
export const MUTATION = 10;
const COMPOSITE = 1;
/** Input values nested deeper than this are taken for endless. */
const MAX_INPUT_LEVELS = 200;

export function createCostWeights(schema: GraphQLSchema, directives: CostDirectives): CostWeights {
  const ofType = (type: GraphQLNamedType): number => {
    if (isAbstractType(type)) return heaviest(schema.getPossibleTypes(type).map(ofType)) ?? COMPOSITE;
    return directives.weightOf(type.name) ?? (isObjectType(type) || isInputObjectType(type) ? COMPOSITE : 0);
  };

  /** A list costs its weight and that of each element. */
  const ofInput = (value: unknown, type: GraphQLInputType, weight: number | undefined, level: number): number => {
    if (value === null || value === undefined) return 0;
    if (level > MAX_INPUT_LEVELS) return MOST;
    const named = getNamedType(type);
    const own = weight ?? ofType(named);
    if (Array.isArray(value)) {
      const elements = (value as unknown[]).map((element) => ofInput(element, type, weight, level + 1));
      return elements.reduce(plus, weight ?? directives.weightOf(named.name) ?? 0);
    }
    if (!isInputObjectType(named) || typeof value !== "object") return own;
    const fields = named.getFields();
    return Object.entries(value)
      .flatMap(([name, inner]) => {
        const field = Object.hasOwn(fields, name) ? fields[name] : undefined;
        // What is wrong with a value is told when variables are coerced.
        return field ? ofInput(inner, field.type, directives.weightOf(`${named.name}.${name}`), level + 1) : [];
      })
      .reduce(plus, own);
  };

  const ofArguments: CostWeights["ofArguments"] = (node, definition, coordinates) =>
    sum(
      (node.arguments ?? []).map(({ name, value }): CostFormula => {
        const type = definition.args.find((argument) => argument.name === name.value)?.type;
        if (!type) throw new Error(`the argument ${name.value} is not in the schema`);
        const weight = heaviest(coordinates.map((field) => directives.weightOf(argumentCoordinate(field, name.value))));
        if (!weight && isLeafType(getNamedType(type)) && ofType(getNamedType(type)) === 0) return 0;
        if (!hasVariables(value)) return ofInput(valueFromASTUntyped(value), type, weight, 0);
        return (variables) => ofInput(valueFromASTUntyped(value, { ...variables }), type, weight, 0);
      }),
    );

  return {
    ofType,
    ofField: (coordinates) => heaviest(coordinates.map((coordinate) => directives.weightOf(coordinate))),
    ofArguments,
  };
}
