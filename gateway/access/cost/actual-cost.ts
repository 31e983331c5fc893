import {
  getNamedType,
  getNullableType,
  type GraphQLCompositeType,
  type GraphQLNamedType,
  type GraphQLOutputType,
  isAbstractType,
  isCompositeType,
  isListType,
  OperationTypeNode,
  type SelectionSetNode,
} from "graphql";
import { type CostFormula, costOf, plus, type Variables } from "./cost-formula";
import { type CostWeights, MUTATION } from "./cost-weights";
import { type CostedSelections, type MergedField, withDefaults } from "./merge-fields";

/** What an answer cost, in the units of the estimate: every object that is really there, lists by their real length. */
export interface CostMeter {
  /** @param data of the answer @param variables as the client gave them */
  of(data: unknown, variables: Variables): number;
  /**
   * The same of `data` in JSON. Where each object costs one and nothing else does, it is not even read.
   * @param objects how many it holds, where that is known
   */
  ofText(data: string, objects: number | undefined, variables: Variables): number;
}

type ResponseObject = Readonly<Record<string, unknown>>;

/** A field that may cost something; the others are left out. */
interface MeteredField {
  readonly key: string;
  /** How many lists lie around a value. */
  readonly listDepth: number;
  /** Of a field that was asked and has nothing. */
  readonly nullWeight: number;
  readonly argumentsCost: number | { readonly index: number };
  readonly value: MeteredValue;
}

interface MeteredValue {
  weightOf(object: ResponseObject | undefined): number;
  fieldsOf(object: ResponseObject): readonly (readonly MeteredField[])[];
}

/**
 * Works out what in an operation's answers costs something, so that an answer is walked along those fields only.
 * Where an answer does not say of which type an object is, it is taken for the heaviest, as in the estimate; of selections for several types
 * that meet in one field, the dearest counts.
 */
export function createCostMeter(selections: CostedSelections, weights: CostWeights): CostMeter {
  const { operation, root, fieldsOf, possibleTypes } = selections;
  const varying: CostFormula[] = [];
  /** Each object costs one, and nothing else costs anything. */
  let isPlain = true;

  const meterField = (field: MergedField): MeteredField | undefined => {
    const { key, nodes, definition, coordinates } = field;
    if (!definition) return undefined;
    const own = weights.ofField(coordinates);
    const given = weights.ofArguments(nodes[0], definition, coordinates);
    const named = getNamedType(definition.type);
    const sets = nodes.flatMap(({ selectionSet }) => selectionSet ?? []);
    isPlain &&= given === 0 && isPlainType(named, own);
    const value = isCompositeType(named) ? meterObject(sets, named, own) : meterLeaf(own ?? weights.ofType(named));
    if (!value && given === 0) return undefined;
    const listDepth = listsAround(definition.type);
    return {
      key,
      listDepth,
      nullWeight: listDepth === 0 ? (own ?? 0) : 0,
      argumentsCost: typeof given === "number" ? given : { index: varying.push(withDefaults(operation, given)) - 1 },
      value: value ?? NOTHING,
    };
  };

  /** A field with a weight of its own costs it without an object as well. */
  const isPlainType = (type: GraphQLNamedType, own: number | undefined): boolean =>
    isCompositeType(type)
      ? own === undefined && possibleTypes(type).every((one) => weights.ofType(one) === 1)
      : (own ?? weights.ofType(type)) === 0;

  /** Fields of the same key stand together. */
  const meterFields = (fields: readonly MergedField[]): readonly (readonly MeteredField[])[] => {
    const byKey = new Map<string, MeteredField[]>();
    for (const field of fields) {
      const metered = meterField(field);
      if (metered) byKey.set(field.key, [...(byKey.get(field.key) ?? []), metered]);
    }
    return [...byKey.values()];
  };

  const meterObject = (
    sets: readonly SelectionSetNode[],
    type: GraphQLCompositeType,
    own: number | undefined,
  ): MeteredValue | undefined => {
    const fields = fieldsOf(sets, type);
    const standard = own ?? weights.ofType(type);
    const types = possibleTypes(type);
    const typename = fields.find(({ name, scope }) => name === "__typename" && scope.length === types.length)?.key;
    if (!isAbstractType(type) || typename === undefined) {
      const metered = meterFields(fields);
      return standard === 0 && metered.length === 0 ? undefined : { weightOf: () => standard, fieldsOf: () => metered };
    }
    const byName = new Map(
      types.map((one) => [one.name, { weight: own ?? weights.ofType(one), fields: meterFields(fieldsOf(sets, one)) }]),
    );
    const find = (object: ResponseObject | undefined) => byName.get(String(object?.[typename]));
    return {
      weightOf: (object) => find(object)?.weight ?? standard,
      fieldsOf: (object) => find(object)?.fields ?? [],
    };
  };

  const rootFields = meterFields(fieldsOf([operation.selectionSet], root));
  const base = operation.operation === OperationTypeNode.MUTATION ? MUTATION : 0;
  const of: CostMeter["of"] = (data, variables) => {
    const given = varying.map((formula) => costOf(formula, variables));
    return isObject(data) ? costOfObject(rootFields, data, given, base) : base;
  };
  return {
    of,
    ofText: (data, objects, variables) =>
      isPlain && objects !== undefined ? base + Math.max(0, objects - 1) : of(JSON.parse(data), variables),
  };
}

const NOTHING: MeteredValue = { weightOf: () => 0, fieldsOf: () => [] };

const meterLeaf = (weight: number): MeteredValue | undefined =>
  weight === 0 ? undefined : { weightOf: () => weight, fieldsOf: () => [] };

function costOfObject(
  fields: readonly (readonly MeteredField[])[],
  object: ResponseObject,
  given: readonly number[],
  base: number,
): number {
  let total = base;
  for (const candidates of fields) {
    let most = 0;
    for (const field of candidates) {
      const value = object[field.key];
      if (value === undefined) continue;
      const { argumentsCost } = field;
      const before = typeof argumentsCost === "number" ? argumentsCost : (given[argumentsCost.index] ?? 0);
      most = Math.max(most, plus(before, costOfValue(field, value, field.listDepth, given)));
    }
    total = plus(total, most);
  }
  return total;
}

function costOfValue(field: MeteredField, value: unknown, lists: number, given: readonly number[]): number {
  if (value === null) return lists === field.listDepth ? field.nullWeight : 0;
  if (lists > 0 && Array.isArray(value)) {
    let total = 0;
    for (const element of value as unknown[]) total = plus(total, costOfValue(field, element, lists - 1, given));
    return total;
  }
  const { value: metered } = field;
  if (!isObject(value)) return metered.weightOf(undefined);
  return costOfObject(metered.fieldsOf(value), value, given, metered.weightOf(value));
}

const isObject = (value: unknown): value is ResponseObject =>
  typeof value === "object" && value !== null && !Array.isArray(value);

function listsAround(type: GraphQLOutputType): number {
  const nullable = getNullableType(type);
  return isListType(nullable) ? 1 + listsAround(nullable.ofType) : 0;
}
