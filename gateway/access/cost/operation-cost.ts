import {
  type ArgumentNode,
  type ConstValueNode,
  type DocumentNode,
  type FieldNode,
  type FragmentDefinitionNode,
  getNamedType,
  getNullableType,
  getOperationAST,
  type GraphQLCompositeType,
  type GraphQLField,
  type GraphQLInputType,
  type GraphQLNamedType,
  type GraphQLObjectType,
  type GraphQLSchema,
  isAbstractType,
  isCompositeType,
  isInputObjectType,
  isLeafType,
  isListType,
  isObjectType,
  isUnionType,
  Kind,
  OperationTypeNode,
  type SelectionSetNode,
  valueFromASTUntyped,
  visit,
} from "graphql";
import { ClientError } from "../../../kit/errors";
import { type Conditions, decideDirectives } from "../../operation/conditions";
import { argumentCoordinate, type CostDirectives, type ListSize, readCostDirectives } from "./cost-directives";

type Variables = Readonly<Record<string, unknown>>;

/** What an operation costs: a number, unless the values of variables decide. */
export type CostFormula = number | ((variables: Variables) => number);

/**
 * @param variables as the client gave them
 * @returns at least 0, and never more than the largest number there is
 * @throws ClientError BAD_USER_INPUT when a field that needs one slicing argument has none or several
 */
export const costOf = (formula: CostFormula, variables: Variables): number =>
  typeof formula === "number" ? formula : formula(variables);

/** What the operations of one supergraph cost. */
export interface OperationCosts {
  /** @throws ClientError as `costOf` does, when no variable is needed to tell */
  formulaOf(document: DocumentNode, operationName: string | undefined, conditions: Conditions): CostFormula;
}

const MUTATION = 10;
const COMPOSITE = 1;
/** Input values nested deeper than this are taken for endless. */
const MAX_INPUT_LEVELS = 200;
const MOST = Number.MAX_VALUE;

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
  const known = new WeakMap<DocumentNode, Map<string, CostFormula>>();
  return {
    formulaOf: (document, operationName, conditions) => {
      const formulas = known.get(document) ?? new Map<string, CostFormula>();
      known.set(document, formulas);
      const key = `${operationName ?? ""} ${conditions.key}`;
      const found = formulas.get(key);
      if (found !== undefined) return found;
      const formula = prepareFormula({ schema, directives, listSize, document, operationName, conditions });
      formulas.set(key, formula);
      return formula;
    },
  };
}

/** A field as one selection set answers it, however often and in whichever fragments it is written. */
interface MergedField {
  readonly parent: GraphQLCompositeType;
  /** The object types that it is selected for. */
  readonly scope: readonly GraphQLObjectType[];
  readonly nodes: FieldNode[];
}

/** Sizes that a field hands down to lists of the object that it gives. */
interface SizesBelow {
  readonly fields: ReadonlySet<string>;
  readonly size: Size;
}

/** Undefined: nothing is known. */
type Size = number | undefined | ((variables: Variables) => number | undefined);

function prepareFormula(options: {
  schema: GraphQLSchema;
  directives: CostDirectives;
  listSize: number;
  document: DocumentNode;
  operationName: string | undefined;
  conditions: Conditions;
}): CostFormula {
  const { schema, directives, listSize, document, operationName, conditions } = options;
  const operation = getOperationAST(document, operationName);
  const root = operation && schema.getRootType(operation.operation);
  if (!root) throw new Error("the document does not hold the operation");
  const fragments = new Map<string, FragmentDefinitionNode>();
  for (const node of document.definitions) {
    if (node.kind === Kind.FRAGMENT_DEFINITION) fragments.set(node.name.value, node);
  }

  const possibleTypes = (type: GraphQLCompositeType): readonly GraphQLObjectType[] =>
    isAbstractType(type) ? schema.getPossibleTypes(type) : [type];

  const weightOfType = (type: GraphQLNamedType): number => {
    if (isAbstractType(type)) return heaviest(schema.getPossibleTypes(type).map(weightOfType)) ?? COMPOSITE;
    return directives.weightOf(type.name) ?? (isObjectType(type) || isInputObjectType(type) ? COMPOSITE : 0);
  };

  const merge = (
    set: SelectionSetNode,
    parent: GraphQLCompositeType,
    scope: readonly GraphQLObjectType[],
    merged: Map<string, MergedField>,
  ): void => {
    for (const node of set.selections) {
      if (!decideDirectives(node.directives, conditions)) continue;
      if (node.kind === Kind.FIELD) {
        const key = [node.alias?.value ?? node.name.value, ...scope.map(({ name }) => name)].join(" ");
        const field = merged.get(key);
        if (field) field.nodes.push(node);
        else merged.set(key, { parent, scope, nodes: [node] });
        continue;
      }
      const fragment = node.kind === Kind.FRAGMENT_SPREAD ? fragments.get(node.name.value) : node;
      const on = fragment?.typeCondition?.name.value;
      const type = on === undefined ? parent : schema.getType(on);
      if (!fragment || !isCompositeType(type)) throw new Error("the fragment is not defined, or not on a type");
      const possible = possibleTypes(type);
      const narrowed = scope.filter((candidate) => possible.includes(candidate));
      if (narrowed.length > 0) merge(fragment.selectionSet, type, narrowed, merged);
    }
  };

  const costOfSets = (
    sets: readonly SelectionSetNode[],
    type: GraphQLCompositeType,
    below: readonly SizesBelow[],
  ): CostFormula => {
    const merged = new Map<string, MergedField>();
    for (const set of sets) merge(set, type, possibleTypes(type), merged);
    return sum([...merged.values()].map((field) => costOfField(field, below)));
  };

  const costOfField = ({ parent, scope, nodes }: MergedField, below: readonly SizesBelow[]): CostFormula => {
    const [node] = nodes;
    const name = node?.name.value ?? "";
    // The gateway answers questions about the schema itself.
    if (!node || name.startsWith("__")) return 0;
    const definition = isUnionType(parent) ? undefined : parent.getFields()[name];
    if (!definition) throw new Error(`the operation selects ${parent.name}.${name}, which the schema does not have`);
    const coordinates = [...new Set([parent, ...scope])].map((type) => `${type.name}.${name}`);
    const sizes = coordinates.flatMap((coordinate) => directives.listSizeOf(coordinate) ?? []);
    const own = sizes.map((size): SizesBelow => ({ fields: size.sizedFields, size: sizeOf(size, node, definition) }));

    const named = getNamedType(definition.type);
    const weight = heaviest(coordinates.map((coordinate) => directives.weightOf(coordinate))) ?? weightOfType(named);
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
    const given = (node.arguments ?? []).map((argument) => costOfArgument(argument, definition, coordinates));
    return atLeastNothing(sum([product(count, one), ...given]));
  };

  const costOfArgument = (
    { name, value }: ArgumentNode,
    definition: GraphQLField<unknown, unknown>,
    coordinates: readonly string[],
  ): CostFormula => {
    const type = definition.args.find((argument) => argument.name === name.value)?.type;
    if (!type) throw new Error(`the argument ${name.value} is not in the schema`);
    const weights = coordinates.map((field) => directives.weightOf(argumentCoordinate(field, name.value)));
    const weight = heaviest(weights);
    if (!weight && isLeafType(getNamedType(type)) && weightOfType(getNamedType(type)) === 0) return 0;
    if (!hasVariables(value)) return costOfInput(valueFromASTUntyped(value), type, weight, 0);
    return (variables) => costOfInput(valueFromASTUntyped(value, { ...variables }), type, weight, 0);
  };

  /** A list costs its weight and that of each element. */
  const costOfInput = (value: unknown, type: GraphQLInputType, weight: number | undefined, level: number): number => {
    if (value === null || value === undefined) return 0;
    if (level > MAX_INPUT_LEVELS) return MOST;
    const named = getNamedType(type);
    const own = weight ?? weightOfType(named);
    if (Array.isArray(value)) {
      const elements = (value as unknown[]).map((element) => costOfInput(element, type, weight, level + 1));
      return elements.reduce(plus, weight ?? directives.weightOf(named.name) ?? 0);
    }
    if (!isInputObjectType(named) || typeof value !== "object") return own;
    const fields = named.getFields();
    return Object.entries(value)
      .flatMap(([name, inner]) => {
        const field = Object.hasOwn(fields, name) ? fields[name] : undefined;
        // What is wrong with a value is told when variables are coerced.
        return field ? costOfInput(inner, field.type, directives.weightOf(`${named.name}.${name}`), level + 1) : [];
      })
      .reduce(plus, own);
  };

  const formula = atLeastNothing(
    sum([
      operation.operation === OperationTypeNode.MUTATION ? MUTATION : 0,
      costOfSets([operation.selectionSet], root, []),
    ]),
  );
  if (typeof formula === "number") return formula;
  const defaults: Record<string, unknown> = Object.create(null) as Record<string, unknown>;
  for (const { variable, defaultValue } of operation.variableDefinitions ?? []) {
    if (defaultValue) defaults[variable.name.value] = valueFromASTUntyped(defaultValue);
  }
  return (variables) => formula({ ...defaults, ...variables });
}

/**
 * How long `@listSize` says a list is: the largest of its slicing arguments, or else what it assumes.
 * https://ibm.github.io/graphql-specs/cost-spec.html#sec-The-List-Size-Directive
 */
function sizeOf(
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
      return typeof size === "number" ? [Math.max(0, size)] : [];
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

function hasVariables(value: ArgumentNode["value"]): value is Exclude<ArgumentNode["value"], ConstValueNode> {
  let found = false;
  visit(value, { Variable: () => void (found = true) });
  return found;
}

/** Sums and products end at the largest number: an infinite one times nothing would be no number, which is below every limit. */
const plus = (a: number, b: number): number => Math.min(a + b, MOST);
const times = (a: number, b: number): number => Math.min(a * b, MOST);

function sum(terms: readonly CostFormula[]): CostFormula {
  let constant = 0;
  const varying: ((variables: Variables) => number)[] = [];
  for (const term of terms) {
    if (typeof term === "number") constant = plus(constant, term);
    else varying.push(term);
  }
  if (varying.length === 0) return constant;
  return (variables) => varying.reduce((total, term) => plus(total, term(variables)), constant);
}

function product(a: CostFormula, b: CostFormula): CostFormula {
  if (typeof a === "number" && typeof b === "number") return times(a, b);
  return (variables) => times(costOf(a, variables), costOf(b, variables));
}

const atLeastNothing = (term: CostFormula): CostFormula =>
  typeof term === "number" ? Math.max(0, term) : (variables) => Math.max(0, term(variables));

const sizeAt = (size: Size, variables: Variables) => (typeof size === "function" ? size(variables) : size);

/** One size out of several, now if no variable has a say. */
function combine(sizes: readonly Size[], choose: (known: readonly (number | undefined)[]) => number | undefined): Size {
  if (sizes.every((size) => typeof size !== "function")) return choose(sizes);
  return (variables) => choose(sizes.map((size) => sizeAt(size, variables)));
}

const first = (values: readonly (number | undefined)[]) => values.find((value) => value !== undefined);

const withStandard = (size: Size, standard: number): CostFormula =>
  typeof size === "function" ? (variables) => size(variables) ?? standard : (size ?? standard);

function heaviest(values: readonly (number | undefined)[]): number | undefined {
  const known = values.filter((value) => value !== undefined);
  return known.length > 0 ? Math.max(...known) : undefined;
}
