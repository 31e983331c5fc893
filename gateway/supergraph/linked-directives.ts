import { type ConstDirectiveNode, type ConstValueNode, type DocumentNode, Kind } from "graphql";
import { featureIdentity } from "./runtime-view";

/**
 * Under which names a supergraph applies directives of linked specifications. Renaming is legal in three ways:
 * `import: [{ name: "@authenticated", as: "@loggedIn" }]`, a namespace by `as: "auth"`, and the name that follows from the URL alone.
 * Where nothing links the specification, the plain names count unless another feature has taken them.
 *
 * https://specs.apollo.dev/link/v1.0/#@link
 *
 * @param specs the identity of its specification for each directive
 * @returns the directive that each name stands for
 */
export function linkedDirectives<D extends string>(
  document: DocumentNode,
  specs: Readonly<Record<D, string>>,
): ReadonlyMap<string, D> {
  const links = document.definitions
    .flatMap((node) =>
      node.kind === Kind.SCHEMA_DEFINITION || node.kind === Kind.SCHEMA_EXTENSION ? (node.directives ?? []) : [],
    )
    .filter((directive) => featureIdentity(directive) !== undefined);
  const names = new Map<string, D>();
  for (const directive of Object.keys(specs) as D[]) {
    const own = links.filter((link) => featureIdentity(link) === specs[directive]);
    for (const link of own) for (const name of namesFrom(link, directive)) names.set(name, directive);
    const takenByAnother = links.some((link) => !own.includes(link) && namesFrom(link).includes(directive));
    if (own.length === 0 && !takenByAnother) names.set(directive, directive);
  }
  return names;
}

/** The directive names that one `@link` brings in: its namespace, and what it imports. @param only keep names of this element */
function namesFrom(link: ConstDirectiveNode, only?: string): string[] {
  const argument = (name: string) => link.arguments?.find((node) => node.name.value === name)?.value;
  const specification = lastSegment(featureIdentity(link) ?? "");
  const namespace = text(argument("as")) ?? specification;
  const imports = argument("import");
  const imported = (imports?.kind === Kind.LIST ? imports.values : []).flatMap((value) => {
    const { name, as } = importOf(value);
    if (!name?.startsWith("@") || (only !== undefined && name !== `@${only}`)) return [];
    return [(as ?? name).replace(/^@/, "")];
  });
  // The namespace alone is the directive that is called like the specification.
  const plain = only === undefined || only === specification ? [namespace] : [];
  return [...plain, ...(only === undefined ? [] : [`${namespace}__${only}`]), ...imported];
}

function importOf(value: ConstValueNode): { name?: string | undefined; as?: string | undefined } {
  if (value.kind === Kind.STRING) return { name: value.value };
  if (value.kind !== Kind.OBJECT) return {};
  const field = (name: string) => text(value.fields.find((node) => node.name.value === name)?.value);
  return { name: field("name"), as: field("as") };
}

const text = (value: ConstValueNode | undefined) => (value?.kind === Kind.STRING ? value.value : undefined);

const lastSegment = (identity: string) => identity.slice(identity.lastIndexOf("/") + 1);
