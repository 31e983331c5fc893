import {
  type ArgumentNode,
  type ConstValueNode,
  type FieldNode,
  type GraphQLField,
  valueFromASTUntyped,
  visit,
} from "graphql";
import { ClientError } from "../../../kit/errors";
import type { ListSize } from "./cost-directives";
import { type CostFormula, MOST, type Variables } from "./cost-formula";

/** Undefined: nothing is known. */
export type Size = number | undefined | ((variables: Variables) => number | undefined);

/**
 * How long `@listSize` says a list is: the largest of its slicing arguments, or else what it assumes.
 * https://ibm.github.io/graphql-specs/cost-spec.html#sec-The-List-Size-Directive
 */
export function sizeOf(
  { assumedSize, slicingArguments, requiresOneSlicingArgument }: ListSize,
  node: FieldNode,
  definition: GraphQLField<unknown, unknown>,
): Size {
  if (slicingArguments.length === 0) return assumedSize;
  const sizeWith = (variables: Variables): number | undefined => {
    const sizes = slicingArguments.flatMap((name) => {
      const given = node.arguments?.find((argument) => argument.name.value === name)?.value;
      const value = given && valueFromASTUntyped(given, { ...variables });
      const standard = definition.args.find((argument) => argument.name === name)?.defaultValue;
      const size: unknown = value === undefined ? standard : value;
      // JSON can hold numbers that are read as infinite ones.
      return typeof size === "number" ? [Math.min(Math.max(0, size), MOST)] : [];
    });
    if (requiresOneSlicingArgument && sizes.length !== 1) {
      const names = slicingArguments.map((name) => `"${name}"`).join(", ");
      throw new ClientError("BAD_USER_INPUT", `The field "${definition.name}" needs one of the arguments ${names}.`);
    }
    return sizes.length > 0 ? Math.max(...sizes) : assumedSize;
  };
  const isConstant = (node.arguments ?? []).every(
    ({ name, value }) => !slicingArguments.includes(name.value) || !hasVariables(value),
  );
  return isConstant ? sizeWith({}) : sizeWith;
}

export function hasVariables(value: ArgumentNode["value"]): value is Exclude<ArgumentNode["value"], ConstValueNode> {
  let found = false;
  visit(value, { Variable: () => void (found = true) });
  return found;
}

/** One size out of several, now if no variable has a say. */
export function combine(
  sizes: readonly Size[],
  choose: (known: readonly (number | undefined)[]) => number | undefined,
): Size {
  if (sizes.every((size) => typeof size !== "function")) return choose(sizes);
  return (variables) => choose(sizes.map((size) => (typeof size === "function" ? size(variables) : size)));
}

export const first = (values: readonly (number | undefined)[]) => values.find((value) => value !== undefined);

export const withStandard = (size: Size, standard: number): CostFormula =>
  typeof size === "function" ? (variables) => size(variables) ?? standard : (size ?? standard);
