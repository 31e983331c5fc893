import { type GraphQLAbstractType, type GraphQLObjectType, isObjectType } from "graphql";
import type { AnswerShape } from "../layout/answer-shape";
import { asObject } from "../run/state";
import type { Told } from "../run/told";
import { holds } from "./resolve-values";

/**
 * "Resolving Abstract Types" (6.4.3): where a field's type is an interface or union, the value decides which object type is meant, and it must be
 * a possible one. Here the subgraphs name it, under `__typename`. https://spec.graphql.org/October2021/#ResolveAbstractType()
 */
export interface ResolveAbstractType {
  /** The name that counts of those that sources give to an object: a subgraph with an interface object names the interface. */
  nameOf(told: readonly Told[]): unknown;
  /** Whether the sources say which object type it is. */
  isNamed(told: readonly Told[]): boolean;
  /** @returns undefined when nobody says, or what is said is no possible type of the clients' schema */
  resolve(type: GraphQLAbstractType, told: readonly Told[]): GraphQLObjectType | undefined;
}

export function resolveAbstractType({ schema, types }: AnswerShape): ResolveAbstractType {
  const nameOf = (told: readonly Told[]) =>
    told
      .filter((one) => holds(one, "__typename"))
      .reduce<unknown>((found, { value }) => types.latestTypename(asObject(value)?.["__typename"], found), undefined);
  const namedType = (told: readonly Told[]) => {
    const name = nameOf(told);
    const type = typeof name === "string" ? schema.getType(name) : undefined;
    return isObjectType(type) ? type : undefined;
  };
  return {
    nameOf,
    isNamed: (told) => namedType(told) !== undefined,
    resolve: (type, told) => {
      const actual = namedType(told);
      return actual && schema.isSubType(type, actual) ? actual : undefined;
    },
  };
}
