import { type DocumentNode, type GraphQLSchema, TypeInfo, visit, visitWithTypeInfo } from "graphql";

/** Coordinates of the deprecated fields, arguments and input fields that a document names, as `Type.field`, `Type.field(argument:)` and `Input.field`. */
export function createDeprecatedFields(): (schema: GraphQLSchema, document: DocumentNode) => readonly string[] {
  const known = new WeakMap<GraphQLSchema, WeakMap<DocumentNode, readonly string[]>>();
  return (schema, document) => {
    const found = known.get(schema)?.get(document);
    if (found) return found;
    const fields = findDeprecated(schema, document);
    const byDocument = known.get(schema) ?? new WeakMap<DocumentNode, readonly string[]>();
    known.set(schema, byDocument.set(document, fields));
    return fields;
  };
}

function findDeprecated(schema: GraphQLSchema, document: DocumentNode): readonly string[] {
  const found = new Set<string>();
  const info = new TypeInfo(schema);
  const fieldOf = () => `${info.getParentType()?.name}.${info.getFieldDef()?.name}`;
  visit(
    document,
    visitWithTypeInfo(info, {
      Field: () => {
        if (info.getFieldDef()?.deprecationReason != null) found.add(fieldOf());
      },
      Argument: () => {
        const argument = info.getArgument();
        if (argument?.deprecationReason != null && !info.getDirective()) found.add(`${fieldOf()}(${argument.name}:)`);
      },
      ObjectField: ({ name }) => {
        const type = info.getParentInputType();
        const field = type && "getFields" in type ? type.getFields()[name.value] : undefined;
        if (type && field?.deprecationReason != null) found.add(`${String(type)}.${field.name}`);
      },
    }),
  );
  return [...found].sort();
}
