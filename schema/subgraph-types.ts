import {
  type ConstDirectiveNode,
  type DocumentNode,
  type FieldDefinitionNode,
  isTypeDefinitionNode,
  isTypeExtensionNode,
  Kind,
  type TypeNode,
  valueFromASTUntyped,
} from "graphql";

/** A type of a subgraph with its extensions. */
export interface SubgraphType {
  readonly kind: "object" | "interface" | "union" | "enum" | "scalar" | "input";
  readonly directives: readonly ConstDirectiveNode[];
  readonly fields: ReadonlyMap<string, FieldDefinitionNode>;
  /** Of an enum: its values; of a union: its members; of an object or interface: the interfaces it implements. */
  readonly names: readonly string[];
}

/** What of a subgraph's SDL the checks of composition ask for. */
export interface SubgraphTypes {
  readonly types: ReadonlyMap<string, SubgraphType>;
  /** The name under which the subgraph uses a directive; `undefined` when it does not. */
  directive(specification: string, name: string): string | undefined;
}

const BUILT_IN = ["ID", "String", "Int", "Float", "Boolean"];
const KINDS: Readonly<Record<string, SubgraphType["kind"]>> = {
  [Kind.OBJECT_TYPE_DEFINITION]: "object",
  [Kind.OBJECT_TYPE_EXTENSION]: "object",
  [Kind.INTERFACE_TYPE_DEFINITION]: "interface",
  [Kind.INTERFACE_TYPE_EXTENSION]: "interface",
  [Kind.UNION_TYPE_DEFINITION]: "union",
  [Kind.UNION_TYPE_EXTENSION]: "union",
  [Kind.ENUM_TYPE_DEFINITION]: "enum",
  [Kind.ENUM_TYPE_EXTENSION]: "enum",
  [Kind.SCALAR_TYPE_DEFINITION]: "scalar",
  [Kind.SCALAR_TYPE_EXTENSION]: "scalar",
  [Kind.INPUT_OBJECT_TYPE_DEFINITION]: "input",
  [Kind.INPUT_OBJECT_TYPE_EXTENSION]: "input",
};

export function readSubgraphTypes(document: DocumentNode): SubgraphTypes {
  const types = new Map<string, SubgraphType>();
  for (const name of BUILT_IN) types.set(name, { kind: "scalar", directives: [], fields: new Map(), names: [] });
  for (const node of document.definitions) {
    const kind = KINDS[node.kind];
    if (!kind || (!isTypeDefinitionNode(node) && !isTypeExtensionNode(node))) continue;
    const known = types.get(node.name.value);
    const fields = new Map(known?.fields);
    if ("fields" in node) {
      for (const field of node.fields ?? []) {
        if (field.kind === Kind.FIELD_DEFINITION) fields.set(field.name.value, field);
      }
    }
    const names = [
      ...("interfaces" in node ? (node.interfaces ?? []) : []),
      ...("types" in node ? (node.types ?? []) : []),
      ...("values" in node ? (node.values ?? []) : []),
    ].map(({ name }) => name.value);
    types.set(node.name.value, {
      kind,
      directives: [...(known?.directives ?? []), ...(node.directives ?? [])],
      fields,
      names: [...(known?.names ?? []), ...names],
    });
  }
  const links = readLinks(document);
  return {
    types,
    directive: (specification, name) => {
      const link = links.find(({ url }) => url.startsWith(`${specification}/v`));
      return link && (link.imports.get(`@${name}`) ?? (link.namespace === name ? name : `${link.namespace}__${name}`));
    },
  };
}

interface Link {
  readonly url: string;
  readonly namespace: string;
  /** Without "@", by the name in the specification. */
  readonly imports: ReadonlyMap<string, string>;
}

/** https://specs.apollo.dev/link/v1.0/#@link */
function readLinks(document: DocumentNode): readonly Link[] {
  return document.definitions
    .flatMap((node) =>
      node.kind === Kind.SCHEMA_DEFINITION || node.kind === Kind.SCHEMA_EXTENSION ? (node.directives ?? []) : [],
    )
    .filter(({ name }) => name.value === "link")
    .map((directive) => {
      const { url, as, import: imports } = argumentsOf(directive);
      const list = (Array.isArray(imports) ? imports : []) as (string | { name: string; as?: string })[];
      return {
        url: String(url),
        namespace: typeof as === "string" ? as : (/\/(\w+)\/v[\d.]+\/?$/.exec(String(url))?.[1] ?? ""),
        imports: new Map(
          list.map((item): [string, string] => {
            const { name, as: renamed = name } = typeof item === "string" ? { name: item } : item;
            return [name, renamed.replace(/^@/, "")];
          }),
        ),
      };
    });
}

export const argumentsOf = (directive: ConstDirectiveNode): Readonly<Record<string, unknown>> =>
  Object.fromEntries((directive.arguments ?? []).map(({ name, value }) => [name.value, valueFromASTUntyped(value)]));

export const namedType = (type: TypeNode): string =>
  type.kind === Kind.NAMED_TYPE ? type.name.value : namedType(type.type);

export const hasDirective = (
  node: { readonly directives?: readonly ConstDirectiveNode[] | undefined },
  name: string | undefined,
): boolean => name !== undefined && (node.directives?.some((directive) => directive.name.value === name) ?? false);

/** The object types that a value of a type can be, itself included. */
export function objectsUnder({ types }: SubgraphTypes, name: string): readonly string[] {
  const type = types.get(name);
  if (type?.kind === "object") return [name];
  if (type?.kind === "union") return type.names;
  return [...types].flatMap(([other, { kind, names }]) => (kind === "object" && names.includes(name) ? [other] : []));
}
