import {
  type DirectiveNode,
  type FieldNode,
  type GraphQLSchema,
  type InlineFragmentNode,
  Kind,
  parse,
  parseValue,
  print,
  type SelectionNode,
  type SelectionSetNode,
  TypeInfo,
  type ValueNode,
  visit,
  visitWithTypeInfo,
} from "graphql";
import type { Operation } from "./answerer";
import type { Draw } from "./draw";

/** Puts off some of an operation: fragments that it has, and fields in fragments of their own. Mutations' root fields stay. */
export function deferSome(draw: Draw, schema: GraphQLSchema, operation: Operation): Operation {
  const typeInfo = new TypeInfo(schema);
  const mutation = schema.getMutationType();
  let labels = 0;
  /** Boolean variables of the operation at hand; a fragment may be spread where there are none. */
  let flags: readonly string[] = [];

  const condition = (): ValueNode | undefined => {
    if (draw.chance(75)) return undefined;
    return parseValue(flags.length > 0 && draw.chance(60) ? `$${draw.pick(flags)}` : String(draw.chance(70)));
  };
  const defer = (): DirectiveNode => {
    const given = condition();
    const argument = (name: string, value: ValueNode) => ({
      kind: Kind.ARGUMENT as const,
      name: { kind: Kind.NAME as const, value: name },
      value,
    });
    return {
      kind: Kind.DIRECTIVE,
      name: { kind: Kind.NAME, value: "defer" },
      arguments: [
        ...(given ? [argument("if", given)] : []),
        ...(draw.chance(40) ? [argument("label", { kind: Kind.STRING, value: `part ${labels++}` })] : []),
      ],
    };
  };
  const wrap = (field: FieldNode): InlineFragmentNode => ({
    kind: Kind.INLINE_FRAGMENT,
    directives: [defer()],
    selectionSet: { kind: Kind.SELECTION_SET, selections: [field] },
  });
  const put = (node: SelectionNode): SelectionNode => {
    if (node.kind === Kind.FIELD) return draw.chance(12) ? wrap(node) : node;
    return draw.chance(45) ? { ...node, directives: [...(node.directives ?? []), defer()] } : node;
  };

  const document = visit(
    parse(operation.document, { noLocation: true }),
    visitWithTypeInfo(typeInfo, {
      OperationDefinition: {
        enter: ({ variableDefinitions = [] }) => {
          flags = variableDefinitions.flatMap(({ variable, type }) =>
            print(type) === "Boolean!" ? [variable.name.value] : [],
          );
        },
        leave: () => void (flags = []),
      },
      SelectionSet: {
        leave: (set): SelectionSetNode | undefined => {
          const parent = typeInfo.getParentType();
          return !parent || parent === mutation ? undefined : { ...set, selections: set.selections.map(put) };
        },
      },
    }),
  );
  return { ...operation, document: print(document) };
}
