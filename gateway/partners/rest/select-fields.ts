import {
  type DirectiveNode,
  type DocumentNode,
  type FieldNode,
  type FragmentDefinitionNode,
  type GraphQLField,
  type GraphQLObjectType,
  type GraphQLSchema,
  isAbstractType,
  Kind,
  SchemaMetaFieldDef,
  type SelectionSetNode,
  TypeMetaFieldDef,
  TypeNameMetaFieldDef,
} from "graphql";

/** What stands under one response key of one object type: the field, and its places in the document, fragments put in place. */
export interface SelectedField {
  readonly field: GraphQLField<unknown, unknown>;
  readonly nodes: readonly FieldNode[];
  /** The key may be missing from an answer: at every place `@skip` or `@include` decides. */
  readonly isConditional: boolean;
}

export type Fragments = ReadonlyMap<string, FragmentDefinitionNode>;

export const fragmentsOf = (document: DocumentNode): Fragments =>
  new Map(
    document.definitions.flatMap((node) =>
      node.kind === Kind.FRAGMENT_DEFINITION ? [[node.name.value, node] as const] : [],
    ),
  );

/**
 * CollectFields for every value of the variables at once; the document is valid on the schema.
 * https://spec.graphql.org/October2021/#CollectFields()
 */
export function selectFields(
  schema: GraphQLSchema,
  fragments: Fragments,
  type: GraphQLObjectType,
  selectionSets: readonly SelectionSetNode[],
): ReadonlyMap<string, SelectedField> {
  const selected = new Map<string, { field: SelectedField["field"]; nodes: FieldNode[]; isConditional: boolean }>();
  const collect = ({ selections }: SelectionSetNode, isConditional: boolean): void => {
    for (const selection of selections) {
      const presence = presenceOf(selection.directives ?? []);
      if (presence === "never") continue;
      const depends = isConditional || presence === "depends";
      if (selection.kind === Kind.FIELD) {
        const field = fieldOf(schema, type, selection.name.value);
        const key = (selection.alias ?? selection.name).value;
        const known = selected.get(key);
        if (known) {
          known.nodes.push(selection);
          known.isConditional &&= depends;
        } else selected.set(key, { field, nodes: [selection], isConditional: depends });
      } else {
        const fragment = selection.kind === Kind.INLINE_FRAGMENT ? selection : fragments.get(selection.name.value);
        if (fragment && applies(schema, fragment.typeCondition?.name.value, type)) {
          collect(fragment.selectionSet, depends);
        }
      }
    }
  };
  for (const set of selectionSets) collect(set, false);
  return selected;
}

function presenceOf(directives: readonly DirectiveNode[]): "always" | "depends" | "never" {
  let presence: "always" | "depends" = "always";
  for (const { name, arguments: given = [] } of directives) {
    if (name.value !== "skip" && name.value !== "include") continue;
    const value = given[0]?.value;
    if (value?.kind !== Kind.BOOLEAN) presence = "depends";
    else if (value.value === (name.value === "skip")) return "never";
  }
  return presence;
}

function applies(schema: GraphQLSchema, condition: string | undefined, type: GraphQLObjectType): boolean {
  if (condition === undefined || condition === type.name) return true;
  const on = schema.getType(condition);
  return isAbstractType(on) && schema.isSubType(on, type);
}

function fieldOf(schema: GraphQLSchema, type: GraphQLObjectType, name: string): SelectedField["field"] {
  if (name === TypeNameMetaFieldDef.name) return TypeNameMetaFieldDef;
  const isRoot = type === schema.getQueryType();
  if (isRoot && name === SchemaMetaFieldDef.name) return SchemaMetaFieldDef;
  if (isRoot && name === TypeMetaFieldDef.name) return TypeMetaFieldDef;
  const field = type.getFields()[name];
  if (!field) throw new Error(`${type.name} has no field ${name}`);
  return field;
}
