import {
  type GraphQLArgument,
  type GraphQLCompositeType,
  type GraphQLField,
  type GraphQLSchema,
  getNamedType,
  isAbstractType,
  isCompositeType,
  isEnumType,
  isRequiredArgument,
  parse,
  print,
  type SelectionNode,
  type SelectionSetNode,
  TypeInfo,
  validate,
  visit,
  visitWithTypeInfo,
} from "graphql";
import type { Operation } from "./answerer";
import type { Draw } from "./draw";

type Field = GraphQLField<unknown, unknown>;
/** What is asked of objects of one type, and of objects of the other. */
type Rivals = readonly [string, string];

const MAX_DEPTH = 3;

/**
 * Where objects of several types can be, asks two of these types for different fields under one response key, or for one field with different arguments,
 * and so on in what is behind them: `... on A { k0: maker(of: 1) { name } } ... on B { k0: owner { name: nick } }`.
 *
 * @returns the operation as it is when it has no such place, or the key is taken there
 */
export function rivalSome(draw: Draw, schema: GraphQLSchema, operation: Operation): Operation {
  const typeInfo = new TypeInfo(schema);
  let keys = 0;

  const fieldsOf = (type: GraphQLCompositeType): readonly Field[] =>
    "getFields" in type ? Object.values(type.getFields()).filter(({ args }) => !args.some(isRequiredArgument)) : [];

  const rivalsOf = (types: readonly [GraphQLCompositeType, GraphQLCompositeType], depth: number): Rivals => {
    const [one, other] = types.map(fieldsOf) as [readonly Field[], readonly Field[]];
    const pairs = one.flatMap((a) =>
      other.flatMap((b) => (String(a.type) === String(b.type) ? [[a, b] as const] : [])),
    );
    if (pairs.length === 0) return ["__typename", "__typename"];
    // Two fetches come together most where objects are entered that several subgraphs know of.
    const composite = pairs.filter(([{ type }]) => isCompositeType(getNamedType(type)));
    const pair = draw.pick(composite.length > 0 && draw.chance(60) ? composite : pairs);
    const key = draw.chance(30) ? pair[0].name : `k${keys++}`;
    const below = behind(getNamedType(pair[0].type) as GraphQLCompositeType, depth);
    return pair.map((field, i) => `${key}: ${field.name}${argumentsOf(field)}${below[i]}`) as unknown as Rivals;
  };

  const behind = (type: GraphQLCompositeType, depth: number): Rivals => {
    if (!isCompositeType(type)) return ["", ""];
    if (depth === MAX_DEPTH) return [" { __typename }", " { __typename }"];
    const on = isAbstractType(type) && (!("getFields" in type) || draw.chance(50)) ? pickType(type) : type;
    const [one, other] = rivalsOf([on, on], depth + 1);
    return on === type
      ? [` { ${one} }`, ` { ${other} }`]
      : [` { ... on ${on.name} { ${one} } }`, ` { ... on ${on.name} { ${other} } }`];
  };

  const pickType = (type: GraphQLCompositeType): GraphQLCompositeType =>
    isAbstractType(type) ? draw.pick(schema.getPossibleTypes(type)) : type;

  const argumentsOf = ({ args }: Field): string => {
    const given = args.flatMap((argument) => (draw.chance(60) ? literalFor(draw, argument) : []));
    return given.length > 0 ? `(${given.join(", ")})` : "";
  };

  const fragmentsFor = (type: GraphQLCompositeType): readonly SelectionNode[] => {
    const [one, other] = isAbstractType(type) ? draw.shuffle(schema.getPossibleTypes(type)) : [];
    if (!one || !other) return [];
    const [first, second] = rivalsOf([one, other], 0);
    const { definitions } = parse(`{ ... on ${one.name} { ${first} } ... on ${other.name} { ${second} } }`, {
      noLocation: true,
    });
    return definitions.flatMap((node) => ("selectionSet" in node && node.selectionSet?.selections) || []);
  };

  const document = visit(
    parse(operation.document, { noLocation: true }),
    visitWithTypeInfo(typeInfo, {
      SelectionSet: {
        leave: (set): SelectionSetNode | undefined => {
          const parent = typeInfo.getParentType();
          if (!parent || !isAbstractType(parent) || !draw.chance(60)) return undefined;
          return { ...set, selections: [...set.selections, ...fragmentsFor(parent)] };
        },
      },
    }),
  );
  return validate(schema, document).length > 0 ? operation : { ...operation, document: print(document) };
}

/** For arguments of simple types. */
function literalFor(draw: Draw, { name, type }: GraphQLArgument): readonly string[] {
  const named = getNamedType(type);
  if (isEnumType(named)) return [`${name}: ${draw.pick(named.getValues()).name}`];
  if (String(type).startsWith("[")) return [];
  if (named.name === "Int") return [`${name}: ${draw.between(-3, 3)}`];
  if (named.name === "Boolean") return [`${name}: ${draw.chance(50)}`];
  return named.name === "String" ? [`${name}: "${draw.pick(["a", "b"])}"`] : [];
}
