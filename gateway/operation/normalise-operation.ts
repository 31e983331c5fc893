import {
  type DirectiveNode,
  type DocumentNode,
  type FieldNode,
  type FragmentDefinitionNode,
  getOperationAST,
  Kind,
  type NameNode,
  type OperationDefinitionNode,
  type SelectionNode,
  type SelectionSetNode,
  visit,
} from "graphql";
import { type Conditions, decideDirectives } from "./conditions";
import { withUncontestedKeys } from "./contested-keys";
import { OWN_KEY, sharedRequirements } from "./required-objects";
import type { SupergraphNames } from "./supergraph-names";

/** One operation in the form that is planned and answered, and the way back to the client's words. */
export interface NormalisedOperation {
  /** What is answered: no fragment definitions, no conditions; a field in which nothing is left to select has an empty selection set. */
  readonly operation: OperationDefinitionNode;
  /** What is planned: such a field asks for the type name, because it has a value all the same; introspection is no subgraph's. */
  readonly plannable: OperationDefinitionNode;
  /** The client's response key for a key of the plan. */
  responseKey(key: string): string;
  /** The plan's name for a variable of the client. */
  planVariable(name: string): string;
  /** The client's label for a label of the plan; undefined when the client gave none. */
  readonly labels: ReadonlyMap<string, string | undefined>;
}

const DEFER = "defer";

/** Every object inherits these; as keys of answers they are better called something else. */
const INHERITED: ReadonlySet<string> = new Set(Object.getOwnPropertyNames(Object.prototype));

/** Names that the planner, and calls that join several fetches, give to variables of their own. */
const OWN_VARIABLE = /^(representations|contextualArgument|r\d)/;

/**
 * Puts fragments in place, decides conditions, and gives names to whatever a client's names could collide with. The planner adds fields to what a
 * client asks for, keys and required fields, under their own names: a client's alias that is the name of some other
 * field therefore gets an alias of ours, and so does a field that something is required of while more is asked of it. Aliases such as `__proto__` do as well,
 * keys with several meanings (`withUncontestedKeys`), and the planner's names of variables. Every deferred fragment has a label of its own. What can be of no object, a fragment on one object type
 * within a fragment on another, is left out.
 *
 * @returns undefined when the document does not hold the operation
 */
export function normaliseOperation(
  document: DocumentNode,
  operationName: string | undefined,
  names: SupergraphNames,
  conditions: Conditions,
): NormalisedOperation | undefined {
  const chosen = getOperationAST(document, operationName);
  if (!chosen) return undefined;
  const fragments = new Map<string, FragmentDefinitionNode>();
  for (const node of document.definitions) {
    if (node.kind === Kind.FRAGMENT_DEFINITION) fragments.set(node.name.value, node);
  }
  const renamer = createRenamer(document, names);
  const labels = new Map<string, string | undefined>();
  const inPlace = new Map<string, SelectionSetNode>();

  /** @param within the object type that fragments around it are for */
  const normaliseSet = (set: SelectionSetNode, within?: string): SelectionSetNode => {
    const selections: SelectionNode[] = [];
    for (const node of set.selections) {
      const normalised = normaliseNode(node, within);
      if (normalised) selections.push(normalised);
    }
    return { kind: Kind.SELECTION_SET, selections };
  };

  const normaliseNode = (node: SelectionNode, within: string | undefined): SelectionNode | undefined => {
    const directives = decideDirectives(node.directives, conditions);
    if (!directives) return undefined;
    if (node.kind === Kind.FIELD) {
      const field = renamer.rename({ ...node, directives });
      return node.selectionSet ? { ...field, selectionSet: normaliseSet(node.selectionSet) } : field;
    }
    const fragment = node.kind === Kind.INLINE_FRAGMENT ? node : fragments.get(node.name.value);
    const on = fragment?.typeCondition?.name.value;
    const own = on !== undefined && names.objectTypes.has(on) ? on : undefined;
    // Nothing is of two types: the planner may ask for it all the same where it is deferred.
    if (own !== undefined && within !== undefined && own !== within) return undefined;
    const inner = own ?? within;
    const selectionSet =
      node.kind === Kind.INLINE_FRAGMENT ? normaliseSet(node.selectionSet, inner) : fragmentSet(node.name.value, inner);
    if (selectionSet.selections.length === 0) return undefined;
    return {
      kind: Kind.INLINE_FRAGMENT,
      ...(fragment?.typeCondition ? { typeCondition: fragment.typeCondition } : {}),
      directives: directives
        .filter(({ name }) => name.value !== DEFER || !isKnownAtOnce(selectionSet))
        .map((directive) => withOwnLabel(renamer.renameVariables(directive), labels)),
      selectionSet,
    };
  };

  /** Made once however often the fragment is spread, unless something in it is deferred: each place has labels of its own. */
  const fragmentSet = (name: string, within: string | undefined): SelectionSetNode => {
    const key = `${name} ${within ?? ""}`;
    const known = inPlace.get(key);
    if (known) return known;
    const fragment = fragments.get(name);
    if (!fragment) throw new Error(`the fragment "${name}" is not defined`);
    const before = labels.size;
    const set = normaliseSet(fragment.selectionSet, within);
    if (labels.size === before) inPlace.set(key, set);
    return set;
  };

  const operation: OperationDefinitionNode = {
    ...renamer.renameVariables({ ...chosen, selectionSet: { kind: Kind.SELECTION_SET, selections: [] } }),
    selectionSet: withUncontestedKeys(normaliseSet(chosen.selectionSet), renamer.renameKey),
  };
  return {
    operation,
    plannable: { ...operation, selectionSet: asPlanned(operation.selectionSet) },
    responseKey: (key) => renamer.keys.get(key) ?? key,
    planVariable: (name) => renamer.variables.get(name) ?? name,
    labels,
  };
}

/** Renames consistently: equal names of the client get equal names of ours, so that fields which merge still do. */
function createRenamer(document: DocumentNode, names: SupergraphNames) {
  let taken: Set<string> | undefined;
  const ours = new Map<string, string>();
  const keys = new Map<string, string>();
  const variables = new Map<string, string>();

  const newName = (name: string, kind: string): string => {
    const known = ours.get(`${kind} ${name}`);
    if (known !== undefined) return known;
    taken ??= namesIn(document);
    const stem = `own_${name.replace(/^_+/, "")}`;
    let own = stem;
    for (let i = 0; taken.has(own) || names.fieldNames.has(own); i++) own = `${stem}_${i}`;
    taken.add(own);
    ours.set(`${kind} ${name}`, own);
    return own;
  };

  const shared = sharedRequirements(document, names.requiredObjects);
  const collides = (key: string, field: string): boolean =>
    INHERITED.has(key) ||
    OWN_KEY.test(key) ||
    shared.has(key) ||
    (key !== field && (key.startsWith("__") || names.fieldNames.has(key)));

  const renameVariables = <T extends FieldNode | DirectiveNode | OperationDefinitionNode>(node: T): T =>
    visit(node, {
      Variable: (variable) => {
        if (!OWN_VARIABLE.test(variable.name.value)) return undefined;
        const name = newName(variable.name.value, "variable");
        variables.set(variable.name.value, name);
        return { ...variable, name: nameNode(name) };
      },
    }) as T;

  return {
    keys,
    variables,
    renameVariables,
    /** The field without its selection set. */
    rename: ({ selectionSet: _below, ...node }: FieldNode): FieldNode => {
      const field = node.arguments?.length ? renameVariables(node) : node;
      const key = node.alias?.value ?? node.name.value;
      if (!collides(key, node.name.value)) return field;
      const alias = newName(key, "key");
      keys.set(alias, key);
      return { ...field, alias: nameNode(alias) };
    },
    /** @param key of ours, or the client's, which something else has in another meaning */
    renameKey: (key: string, meaning: string): string => {
      const given = keys.get(key) ?? key;
      const alias = newName(given, `key for ${meaning} beside ${key}`);
      keys.set(alias, given);
      return alias;
    },
  };
}

function namesIn(document: DocumentNode): Set<string> {
  const names = new Set<string>();
  visit(document, { Name: ({ value }) => void names.add(value) });
  return names;
}

const nameNode = (value: string): NameNode => ({ kind: Kind.NAME, value });

const TYPENAME: FieldNode = { kind: Kind.FIELD, name: nameNode("__typename") };

/** The very set where there is nothing to change. */
function asPlanned(set: SelectionSetNode): SelectionSetNode {
  const selections: SelectionNode[] = [];
  let isChanged = false;
  for (const node of set.selections) {
    const planned = nodeAsPlanned(node);
    if (planned) selections.push(planned);
    isChanged ||= planned !== node;
  }
  return isChanged ? { ...set, selections } : set;
}

/** @returns undefined for what is not planned */
function nodeAsPlanned(node: SelectionNode): SelectionNode | undefined {
  if (node.kind === Kind.FRAGMENT_SPREAD) return node;
  if (node.kind === Kind.FIELD && INTROSPECTION.has(node.name.value)) return undefined;
  if (!node.selectionSet) return node;
  const selectionSet = asPlanned(node.selectionSet);
  if (selectionSet.selections.length > 0) return selectionSet === node.selectionSet ? node : { ...node, selectionSet };
  if (node.kind !== Kind.FIELD) return undefined;
  return { ...node, selectionSet: { ...selectionSet, selections: [TYPENAME] } };
}

const INTROSPECTION: ReadonlySet<string> = new Set(["__schema", "__type"]);

/**
 * Takes root fields out of fragments that always apply: the planner puts the fields of one fragment together, and a mutation's fields run in the
 * document's order. https://spec.graphql.org/October2021/#sec-Mutation
 */
export function withRootFieldsInOrder(operation: OperationDefinitionNode, rootType: string): OperationDefinitionNode {
  const flatten = (set: SelectionSetNode): readonly SelectionNode[] =>
    set.selections.flatMap((node) => {
      if (node.kind !== Kind.INLINE_FRAGMENT || node.directives?.length) return [node];
      const on = node.typeCondition?.name.value ?? rootType;
      return on === rootType ? flatten(node.selectionSet) : [node];
    });
  const { selectionSet } = operation;
  return { ...operation, selectionSet: { ...selectionSet, selections: flatten(selectionSet) } };
}

/**
 * Whether a fragment in place asks for nothing but the names of types. To put that off would save nothing, and planning it can take for ever
 * (@apollo/query-planner 2.14, `dfsRemoveRedundantEdges`).
 */
const isKnownAtOnce = ({ selections }: SelectionSetNode): boolean =>
  selections.every((node) =>
    node.kind === Kind.FIELD
      ? node.name.value === "__typename"
      : node.kind === Kind.INLINE_FRAGMENT && isKnownAtOnce(node.selectionSet),
  );

function withOwnLabel(directive: DirectiveNode, labels: Map<string, string | undefined>): DirectiveNode {
  if (directive.name.value !== DEFER) return directive;
  const given = directive.arguments?.find(({ name }) => name.value === "label")?.value;
  const label = `d${labels.size}`;
  labels.set(label, given?.kind === Kind.STRING ? given.value : undefined);
  return {
    ...directive,
    arguments: [{ kind: Kind.ARGUMENT, name: nameNode("label"), value: { kind: Kind.STRING, value: label } }],
  };
}
