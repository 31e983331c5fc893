import {
  type ConstDirectiveNode,
  type ConstValueNode,
  type DefinitionNode,
  type DocumentNode,
  type FieldDefinitionNode,
  Kind,
  type NamedTypeNode,
} from "graphql";
import { type AccessDirective, accessDirectiveNames } from "./directive-names";
import { AUTHENTICATED, conjunction, listRule, type Rule } from "./rule";

/** What a supergraph demands of callers, by coordinate. All rules of a coordinate must hold. */
export interface AccessRules {
  /** True when the supergraph demands nothing of anybody. */
  readonly isEmpty: boolean;
  /** Rules for whoever is given a value of this type: object, interface, scalar or enum. */
  ofType(type: string): readonly Rule[];
  /** Rules of a field of an object type, over and above those of its type. */
  ofField(objectType: string, field: string): readonly Rule[];
}

const NONE: readonly Rule[] = Object.freeze([]);

interface TypeEntry {
  readonly isInterface: boolean;
  readonly rules: Rule[];
  readonly fields: Map<string, Rule[]>;
  readonly interfaces: Set<string>;
}

/**
 * Reads the access rules out of a full supergraph.
 *
 * Objects are where rules live in the end: data always belongs to an object type at run time. A rule on an interface or on an interface's field is
 * therefore given to every implementation, so that `... on User { email }` is no way around a rule written on `Node.email`
 * (GHSA-mx7m-j9xf-62hw). Composition itself writes on an interface the conjunction of the rules of its implementations; such a
 * derived rule says nothing new and is dropped, otherwise one protected implementation would close all the others.
 *
 * @throws Error when an access directive has an argument that is not a list of lists of names
 */
export function readAccessRules(supergraph: DocumentNode): AccessRules {
  const types = readTypes(supergraph, accessDirectiveNames(supergraph));
  const objects = [...types].filter(([, entry]) => !entry.isInterface);
  for (const [name, entry] of types) {
    if (!entry.isInterface) continue;
    const implementations = objects.map(([, object]) => object).filter((object) => object.interfaces.has(name));
    const ownRules = notDerived(
      entry.rules,
      implementations.map((object) => object.rules),
    );
    entry.rules.splice(0, entry.rules.length, ...ownRules);
    for (const [field, rules] of entry.fields) {
      const ownFieldRules = notDerived(
        rules,
        implementations.map((object) => object.fields.get(field) ?? []),
      );
      entry.fields.set(field, ownFieldRules);
    }
  }
  // Only now, when every interface has been compared with what its implementations were given by composition.
  for (const [, object] of objects) {
    for (const name of object.interfaces) {
      const parent = types.get(name);
      object.rules.push(...(parent?.rules ?? []));
      for (const [field, rules] of parent?.fields ?? []) {
        object.fields.set(field, [...(object.fields.get(field) ?? []), ...rules]);
      }
    }
  }
  const ofType = new Map<string, readonly Rule[]>();
  const ofField = new Map<string, readonly Rule[]>();
  for (const [name, entry] of types) {
    if (entry.rules.length > 0) ofType.set(name, distinct(entry.rules));
    if (entry.isInterface) continue;
    for (const [field, rules] of entry.fields) if (rules.length > 0) ofField.set(`${name}.${field}`, distinct(rules));
  }
  return {
    isEmpty: ofType.size === 0 && ofField.size === 0,
    ofType: (type) => ofType.get(type) ?? NONE,
    ofField: (type, field) => ofField.get(`${type}.${field}`) ?? NONE,
  };
}

function readTypes(supergraph: DocumentNode, names: ReadonlyMap<string, AccessDirective>): Map<string, TypeEntry> {
  const types = new Map<string, TypeEntry>();
  const rulesOf = (node: { readonly directives?: readonly ConstDirectiveNode[] | undefined }) =>
    (node.directives ?? []).flatMap((directive) => {
      const meaning = names.get(directive.name.value);
      return meaning ? [ruleOf(meaning, directive)] : [];
    });
  const add = (
    node: {
      readonly name: { readonly value: string };
      readonly directives?: readonly ConstDirectiveNode[] | undefined;
      readonly fields?: readonly FieldDefinitionNode[] | undefined;
      readonly interfaces?: readonly NamedTypeNode[] | undefined;
    },
    isInterface: boolean,
  ) => {
    const name = node.name.value;
    const entry: TypeEntry = types.get(name) ?? { isInterface, rules: [], fields: new Map(), interfaces: new Set() };
    types.set(name, entry);
    entry.rules.push(...rulesOf(node));
    for (const implemented of node.interfaces ?? []) entry.interfaces.add(implemented.name.value);
    for (const field of node.fields ?? []) {
      entry.fields.set(field.name.value, [...(entry.fields.get(field.name.value) ?? []), ...rulesOf(field)]);
    }
  };
  for (const node of supergraph.definitions) {
    if (isObjectTypeDefinition(node)) add(node, false);
    else if (isInterfaceTypeDefinition(node)) add(node, true);
    else if (isLeafTypeDefinition(node)) add({ name: node.name, directives: node.directives }, false);
  }
  return types;
}

const isObjectTypeDefinition = (node: DefinitionNode) =>
  node.kind === Kind.OBJECT_TYPE_DEFINITION || node.kind === Kind.OBJECT_TYPE_EXTENSION;
const isInterfaceTypeDefinition = (node: DefinitionNode) =>
  node.kind === Kind.INTERFACE_TYPE_DEFINITION || node.kind === Kind.INTERFACE_TYPE_EXTENSION;
const isLeafTypeDefinition = (node: DefinitionNode) =>
  node.kind === Kind.SCALAR_TYPE_DEFINITION ||
  node.kind === Kind.SCALAR_TYPE_EXTENSION ||
  node.kind === Kind.ENUM_TYPE_DEFINITION ||
  node.kind === Kind.ENUM_TYPE_EXTENSION;

function ruleOf(meaning: AccessDirective, directive: ConstDirectiveNode): Rule {
  switch (meaning) {
    case "authenticated":
      return AUTHENTICATED;
    case "requiresScopes":
      return listRule("scopes", nameLists(directive, "scopes"));
    case "policy":
      return listRule("policies", nameLists(directive, "policies"));
  }
}

function nameLists(directive: ConstDirectiveNode, argumentName: string): string[][] {
  const value = directive.arguments?.find(({ name }) => name.value === argumentName)?.value;
  // List input coercion: a single value stands for a list of one. https://spec.graphql.org/October2021/#sec-List.Input-Coercion
  const list = (node: ConstValueNode) => (node.kind === Kind.LIST ? node.values : [node]);
  if (value === undefined) throw new Error(`@${directive.name.value} has no argument "${argumentName}".`);
  return list(value).map((inner) =>
    list(inner).map((node) => {
      if (node.kind === Kind.STRING) return node.value;
      throw new Error(`@${directive.name.value}(${argumentName}:) must be a list of lists of names.`);
    }),
  );
}

/** What an interface demands beyond the conjunction of what its implementations demand. */
function notDerived(rules: readonly Rule[], implementations: readonly (readonly Rule[])[]): Rule[] {
  const all = implementations.flat();
  const derived = new Set([
    ...(all.includes(AUTHENTICATED) ? [AUTHENTICATED.key] : []),
    ...(["scopes", "policies"] as const).flatMap((kind) => {
      const lists = all.flatMap((rule) => (rule.kind === kind ? [rule.anyOf] : []));
      return lists.length > 0 ? [conjunction(kind, lists).key] : [];
    }),
  ]);
  return rules.filter((rule) => !derived.has(rule.key));
}

const distinct = (rules: readonly Rule[]): readonly Rule[] =>
  Object.freeze([...new Map(rules.map((rule) => [rule.key, rule])).values()]);
