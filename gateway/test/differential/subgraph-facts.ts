import {
  type ConstDirectiveNode,
  type DocumentNode,
  type FieldDefinitionNode,
  Kind,
  parse,
  type SelectionSetNode,
  type TypeDefinitionNode,
  type TypeExtensionNode,
  type TypeNode,
} from "graphql";

export interface SubgraphSdl {
  readonly name: string;
  readonly sdl: string;
}

/** What a subgraph says of one field, beyond its type. */
export interface FieldFacts {
  readonly type: TypeNode;
  readonly isExternal: boolean;
  /** Moved to another subgraph for good: here it must never be asked for. */
  isOverridden: boolean;
  readonly requires: SelectionSetNode | undefined;
  readonly provides: SelectionSetNode | undefined;
  readonly overrideFrom: string | undefined;
  readonly overrideLabel: string | undefined;
  /** Arguments that the router fills from `@context`, by name: `$name { selection }`. */
  readonly contextArguments: ReadonlyMap<string, string>;
}

export interface TypeFacts {
  readonly kind: TypeDefinitionNode["kind"];
  readonly isInterfaceObject: boolean;
  readonly keys: readonly { readonly fields: SelectionSetNode; readonly resolvable: boolean }[];
  readonly fields: ReadonlyMap<string, FieldFacts>;
  /** Of a union. */
  readonly members: readonly string[];
  /** Of an object or interface. */
  readonly interfaces: readonly string[];
  /** Of an enum. */
  readonly values: readonly string[];
  /** Names given by `@context`. */
  readonly contexts: readonly string[];
}

export interface SubgraphFacts {
  readonly name: string;
  readonly sdl: string;
  readonly document: DocumentNode;
  readonly types: ReadonlyMap<string, TypeFacts>;
}

/** Reads federation directives by their plain names; renamed imports and namespaces are none of this suite's subjects. */
export function readSubgraphs(subgraphs: readonly SubgraphSdl[]): readonly SubgraphFacts[] {
  const all = subgraphs.map(({ name, sdl }) => {
    const document = parse(sdl);
    return { name, sdl, document, types: readTypes(document) };
  });
  for (const { types } of all) {
    for (const [typeName, { fields }] of types) {
      for (const [fieldName, { overrideFrom, overrideLabel }] of fields) {
        if (overrideFrom === undefined || overrideLabel !== undefined) continue;
        const moved = all
          .find(({ name }) => name === overrideFrom)
          ?.types.get(typeName)
          ?.fields.get(fieldName);
        if (moved) moved.isOverridden = true;
      }
    }
  }
  return all;
}

type Definition = TypeDefinitionNode | TypeExtensionNode;

function readTypes(document: DocumentNode): Map<string, TypeFacts> {
  const types = new Map<string, TypeFacts>();
  for (const definition of document.definitions) {
    if (!isType(definition)) continue;
    const fields = new Map<string, FieldFacts>();
    const of = definition as Partial<Record<"fields" | "types" | "interfaces" | "values", readonly unknown[]>>;
    if (/Object|Interface/.test(definition.kind)) {
      for (const field of (of.fields ?? []) as readonly FieldDefinitionNode[]) {
        if (field.kind === Kind.FIELD_DEFINITION) fields.set(field.name.value, readField(field));
      }
    }
    const names = (nodes: readonly unknown[] | undefined) =>
      ((nodes ?? []) as readonly { name: { value: string } }[]).map(({ name }) => name.value);
    const directives = definition.directives ?? [];
    types.set(definition.name.value, {
      kind: definition.kind.replace("Extension", "Definition") as TypeDefinitionNode["kind"],
      isInterfaceObject: directives.some(({ name }) => name.value === "interfaceObject"),
      keys: directives
        .filter(({ name }) => name.value === "key")
        .map((key) => ({
          fields: parseFieldSet(argument(key, "fields") as string),
          resolvable: argument(key, "resolvable") !== false,
        })),
      fields,
      members: names(of.types),
      interfaces: names(of.interfaces),
      values: definition.kind.startsWith("Enum") ? names(of.values) : [],
      contexts: directives
        .filter(({ name }) => name.value === "context")
        .map((context) => argument(context, "name") as string),
    });
  }
  return types;
}

function readField(field: FieldDefinitionNode): FieldFacts {
  const directive = (name: string) => field.directives?.find((candidate) => candidate.name.value === name);
  const fieldSet = (name: string) => {
    const found = directive(name);
    return found ? parseFieldSet(argument(found, "fields") as string) : undefined;
  };
  const override = directive("override");
  const contextArguments = new Map<string, string>();
  for (const { name, directives } of field.arguments ?? []) {
    const from = directives?.find((candidate) => candidate.name.value === "fromContext");
    if (from) contextArguments.set(name.value, argument(from, "field") as string);
  }
  return {
    type: field.type,
    isExternal: directive("external") !== undefined,
    isOverridden: false,
    requires: fieldSet("requires"),
    provides: fieldSet("provides"),
    overrideFrom: override ? (argument(override, "from") as string) : undefined,
    overrideLabel: override ? (argument(override, "label") as string | undefined) : undefined,
    contextArguments,
  };
}

/** Selections as `@key`, `@requires` and `@provides` write them: without the outer braces. */
export function parseFieldSet(fields: string): SelectionSetNode {
  const [operation] = parse(`{ ${fields} }`, { noLocation: true }).definitions;
  if (operation?.kind !== Kind.OPERATION_DEFINITION) throw new Error(`"${fields}" is no field set`);
  return operation.selectionSet;
}

/** `$context { selection }`, as `@fromContext` writes it; selections by type may stand without braces. */
export function parseContextReference(reference: string): { context: string; selections: SelectionSetNode } {
  const [, context = "", selection = ""] = /^\s*\$(\w+)\s*([\s\S]*?)\s*$/.exec(reference) ?? [];
  return { context, selections: parseFieldSet(selection.startsWith("{") ? selection.slice(1, -1) : selection) };
}

function argument(directive: ConstDirectiveNode, name: string): string | boolean | undefined {
  const value = directive.arguments?.find((candidate) => candidate.name.value === name)?.value;
  return value?.kind === Kind.STRING || value?.kind === Kind.BOOLEAN ? value.value : undefined;
}

const isType = (node: DocumentNode["definitions"][number]): node is Definition =>
  /Type(Definition|Extension)$/.test(node.kind);
