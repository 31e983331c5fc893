import {
  type ASTNode,
  Kind,
  print,
  type SelectionNode,
  type SelectionSetNode,
  type VariableDefinitionNode,
  visit,
} from "graphql";
import type { Fetch } from "./fetch";
import { entitySelection } from "./fetch-graph";

/** Fetches of a call that ask the same of their entities: their representations travel in one list. */
export interface CallPart {
  readonly fetches: readonly Fetch[];
  /** The response key of its entities. */
  readonly alias: string;
  /** The variable that holds its representations. */
  readonly variable: string;
}

/** One request to one subgraph. */
export interface SubgraphCall {
  readonly index: number;
  readonly service: string;
  readonly kind: "query" | "mutation";
  readonly fetches: readonly Fetch[];
  /** Entities asked for; none for a fetch of root fields. */
  readonly parts: readonly CallPart[];
  /** The body up to the first variable's value, or whole when there is no variable: see `createBody`. */
  readonly query: string;
  /** The plan's variables that the query uses, without representations and context arguments. */
  readonly variables: readonly string[];
  /** Context arguments differ between entities: then the query is made for the request. */
  readonly hasContexts: boolean;
  /** Calls that must have ended before this one starts, by index. */
  readonly after: readonly number[];
  readonly part: string | undefined;
}

/**
 * Joins fetches into requests. Entity fetches of one level to one subgraph travel together, each under an alias of its own; a fetch that
 * nobody waits for is put off to a later level at which the same subgraph is asked anyway: the answer as a whole is not there before that. Root fields are never joined: a
 * mutation's order must hold, and a query's are one fetch already.
 */
export function createCalls(fetches: readonly Fetch[]): readonly SubgraphCall[] {
  const levels = levelsOf(fetches);
  const groups = new Map<string, Fetch[]>();
  for (const fetch of fetches) {
    const isAlone = !fetch.requires || fetch.contextRewrites.length > 0;
    const key = isAlone
      ? `fetch ${fetch.index}`
      : JSON.stringify([levels.get(fetch), fetch.service, fetch.part ?? null, isUnderMutation(fetch)]);
    groups.set(key, [...(groups.get(key) ?? []), fetch]);
  }
  const all = [...groups.values()];
  const indexOf = new Map(all.flatMap((group, index) => group.map((fetch) => [fetch, index] as const)));
  return all.map((group, index) => {
    const [first] = group;
    if (!first) throw new Error("a call without a fetch");
    const parts = first.requires ? createParts(group) : [];
    const { text, operationName, variables } = first.requires ? entitiesQuery(parts) : rootQuery(first);
    const known = new Set(group.flatMap((fetch) => [...fetch.known].flatMap((other) => indexOf.get(other) ?? [])));
    known.delete(index);
    return {
      index,
      service: first.service,
      kind: first.kind === "mutation" ? "mutation" : "query",
      fetches: group,
      parts,
      query: `"query":${JSON.stringify(text)}${operationName ? `,"operationName":${JSON.stringify(operationName)}` : ""}`,
      variables,
      hasContexts: first.contextRewrites.length > 0,
      after: [...known],
      part: first.part,
    };
  });
}

/** What comes between two mutations must not wait for, nor be moved behind, the second. */
const isUnderMutation = (fetch: Fetch): number => [...fetch.known].filter(({ kind }) => kind === "mutation").length;

function levelsOf(fetches: readonly Fetch[]): ReadonlyMap<Fetch, number> {
  const levels = new Map<Fetch, number>();
  for (const fetch of fetches) {
    levels.set(fetch, Math.max(-1, ...[...fetch.known].map((other) => levels.get(other) ?? 0)) + 1);
  }
  for (const fetch of fetches) {
    if (!fetch.requires || fetches.some(({ known }) => known.has(fetch))) continue;
    const later = fetches.find(
      (other) =>
        other !== fetch &&
        other.requires &&
        other.service === fetch.service &&
        other.part === fetch.part &&
        isUnderMutation(other) === isUnderMutation(fetch) &&
        (levels.get(other) ?? 0) > (levels.get(fetch) ?? 0),
    );
    if (later) levels.set(fetch, levels.get(later) ?? 0);
  }
  return levels;
}

const asksTheSame = (a: Fetch, b: Fetch): boolean =>
  print(entitySelection(a.operation)) === print(entitySelection(b.operation)) &&
  JSON.stringify([a.requires, a.inputRewrites, a.outputRewrites]) ===
    JSON.stringify([b.requires, b.inputRewrites, b.outputRewrites]);

function createParts(fetches: readonly Fetch[]): readonly CallPart[] {
  const groups: Fetch[][] = [];
  for (const fetch of fetches) {
    const same = groups.find(([first]) => first && asksTheSame(first, fetch));
    if (same) same.push(fetch);
    else groups.push([fetch]);
  }
  return groups.length === 1
    ? [{ fetches, alias: "_entities", variable: "representations" }]
    : groups.map((group, i) => ({ fetches: group, alias: `_e${i}`, variable: `r${i}` }));
}

function rootQuery({ node }: Fetch) {
  return { text: node.operation, operationName: node.operationName, variables: node.variableUsages ?? [] };
}

function entitiesQuery(parts: readonly CallPart[]) {
  const firsts = parts.flatMap(({ fetches }) => fetches.slice(0, 1));
  const usages = [...new Set(firsts.flatMap(({ node }) => node.variableUsages ?? []))];
  const [only] = firsts;
  if (parts.length === 1 && only) {
    const contexts = new Set(only.contextRewrites.map(({ renameKeyTo }) => renameKeyTo));
    return { ...rootQuery(only), variables: usages.filter((name) => !contexts.has(name)) };
  }
  const definitions = new Map<string, string>();
  for (const { operation } of firsts) {
    for (const definition of operation.variableDefinitions ?? []) {
      const name = definition.variable.name.value;
      if (name !== "representations") definitions.set(name, print(definition));
    }
  }
  const parameters = [...parts.map(({ variable }) => `$${variable}:[_Any!]!`), ...definitions.values()].join(",");
  const fields = parts.map(({ alias, variable }, i) => {
    const set = firsts[i] && entitySelection(firsts[i].operation);
    return `${alias}:_entities(representations:$${variable})${set ? compact(set) : ""}`;
  });
  return { text: `query(${parameters}){${fields.join(" ")}}`, operationName: undefined, variables: usages };
}

const compact = (node: ASTNode): string => print(node).replace(/\n\s*/g, " ");

/**
 * The query for entities whose context arguments differ: one alias for each set of arguments, each with variables of its own.
 * @param sets how many sets there are
 */
export function contextQuery(fetch: Fetch, sets: number): string {
  const names = new Set(fetch.contextRewrites.map(({ renameKeyTo }) => renameKeyTo));
  const definitions = fetch.operation.variableDefinitions ?? [];
  const isOwn = ({ variable }: VariableDefinitionNode) =>
    names.has(variable.name.value) || variable.name.value === "representations";
  const rename = <T extends ASTNode>(node: T, i: number): T =>
    visit(node, {
      Variable: (variable) =>
        names.has(variable.name.value) || variable.name.value === "representations"
          ? { ...variable, name: { ...variable.name, value: `${variable.name.value}_${i}` } }
          : undefined,
    }) as T;
  const [field] = fetch.operation.selectionSet.selections;
  if (field?.kind !== Kind.FIELD) throw new Error("the planner gave an entity fetch without entities");
  const variableDefinitions: VariableDefinitionNode[] = definitions.filter((definition) => !isOwn(definition));
  const selections: SelectionNode[] = [];
  for (let i = 0; i < sets; i++) {
    variableDefinitions.push(...definitions.filter(isOwn).map((definition) => rename(definition, i)));
    selections.push({ ...rename(field, i), alias: { kind: Kind.NAME, value: `_e${i}` } });
  }
  const selectionSet: SelectionSetNode = { kind: Kind.SELECTION_SET, selections };
  return print({ ...fetch.operation, name: undefined, variableDefinitions, selectionSet });
}
