import type { Position, Source } from "../layout/position";
import type { Site } from "../layout/site";
import type { SupergraphTypes } from "../layout/supergraph-types";
import type { Fetch, ResponsePath } from "../plan/fetch";
import { createContextValues, type Level } from "../run/context-values";
import { asObject, either, elementOf, type ExecutionState, SiteState } from "../run/state";
import { createTold } from "../run/told";
import { type Held, identity, knowing, readLatest, readTypename } from "./held";
import { createNames, evaluate, own, quote, readKey } from "./source-text";

/** Finds the objects at a site and sorts them into classes. Whatever the site's fetches wait for must have ended. */
export type Walk = (state: ExecutionState) => SiteState;

/** One function for each site: nested loops over the answers, down to the site's position. */
export function compileWalks(
  root: Position,
  sites: readonly Site[],
  siteOf: ReadonlyMap<Fetch, Site>,
  types: SupergraphTypes,
): readonly Walk[] {
  return sites.map((site) => {
    const contexts = site.fetches.flatMap((fetch) => fetch.contextRewrites);
    const { text, levels } = createWalkText(root, site, siteOf, contexts.length > 0);
    const known = site.fetches[0]?.known;
    const told = createTold((fetch) => known?.has(fetch) === true, siteOf);
    const contextValues = createContextValues(contexts, levels, told);
    const { latestTypename, mayBeOf } = types;
    const conditions = site.fetches[0]?.types;
    const scope = {
      SiteState,
      asObject,
      either,
      latestTypename,
      mayBeOf,
      own,
      keyOf,
      elementOf,
      contextValues,
      conditions,
    };
    return evaluate<Walk>(`return ${text};`, scope);
  });
}

/** @returns the levels of the way to the site's objects as well, which `contextValues` is given the objects of */
function createWalkText(
  root: Position,
  site: Site,
  siteOf: ReadonlyMap<Fetch, Site>,
  hasContexts: boolean,
): { text: string; levels: readonly Level[] } {
  const name = createNames("v");
  const first = site.fetches[0] as Fetch;
  const isKnown = ({ fetch }: Source) => first.known.has(fetch);
  const passed = new Set<Site>();
  const levels: Level[] = [];
  const addLevel = (position: Position, held: readonly Held[]) =>
    levels.push({ position, sources: held.map(({ source }) => source) });

  /** Adds to the sources of an object those known fetches that join at its position. */
  const join = (position: Position, held: readonly Held[], isWanted: (source: Source) => boolean) => {
    const classes = new Map<Site, string>();
    const joined: Held[] = [];
    let code = "";
    for (const source of position.joined) {
      const other = siteOf.get(source.fetch);
      if (!other || other === site || !isKnown(source) || !isWanted(source)) continue;
      let found = classes.get(other);
      if (found === undefined) {
        found = name();
        classes.set(other, found);
        passed.add(other);
        code += `const ${found}=s${other.index}===undefined?-1:s${other.index}.locate(${identity(other, held)});`;
      }
      const variable = name();
      code += `const ${variable}=${found}<0?undefined:asObject(state.entities[${source.fetch.index}]?.[${found}]);`;
      joined.push({ source, variable, isCertain: false });
    }
    return { code, classes, held: [...held, ...joined] };
  };

  /** The condition that the type of an object at the position has to fulfil; undefined where there is none. */
  const typeCondition = ({ path }: Position, typename: string): string | undefined =>
    first.types.has(path.length) ? `mayBeOf(conditions.get(${path.length}),${typename})` : undefined;

  /** @param above the sources of the objects on the way, nearest last, one entry for each key of the path */
  const finish = (held: readonly Held[], above: readonly (readonly Held[])[]): string => {
    const isBeside = ({ fetch }: Source) => site.beside.includes(siteOf.get(fetch) as Site);
    // A context can be set by the very object that is asked about.
    const beside = join(site.position, held, hasContexts ? () => true : isBeside);
    addLevel(site.position, beside.held);
    const isOneType = site.types?.size === 1;
    const decisive = [
      ...site.keys.flatMap((key) => {
        const all = knowing(held, key);
        return isLeafKey(held, key)
          ? [`keyOf(${readLatest(held, key)})`]
          : all.map(({ variable, isCertain }) => `keyOf(${readKey(variable, key, isCertain)})`);
      }),
      ...site.beside.map((other) => beside.classes.get(other) ?? "-1"),
      ...(hasContexts ? ["JSON.stringify(x.given)"] : []),
    ];
    // One key of one type is the common case, and needs no text to be put together.
    const [only] = site.keys;
    const isSimple = isOneType && only !== undefined && decisive.length === 1 && isLeafKey(held, only);
    const key = site.isDeep
      ? identity(site, held)
      : isSimple
        ? readLatest(held, only)
        : [isOneType || !site.types ? `""` : "t", ...decisive].join(`+"\\u0001"+`);
    const isOfType = site.types ? [...site.types].map((type) => `t===${quote(type)}`).join("||") : "true";
    const condition = typeCondition(site.position, "t");
    const isAsked = condition ? `(${isOfType})&&${condition}` : isOfType;
    const variableOf = (source: Source) => held.find((one) => one.source === source)?.variable ?? "undefined";
    return [
      beside.code,
      `const t=${readTypename(beside.held)};let c=-1;if(${isAsked}){`,
      hasContexts ? `const x=contextValues(state,[${[...above, beside.held].map(objectsText).join(",")}]);` : "",
      `const k=${key};c=classes.get(k);if(c===undefined){c=site.size++;classes.set(k,c);`,
      ...site.base.map((source, i) => `f${i}.push(${variableOf(source)});`),
      ...site.beside.map((other, i) => `b${i}.push(${beside.classes.get(other) ?? "-1"});`),
      hasContexts ? "site.contexts.push(x);" : "",
      `}}objects.push(${identity(site, held)});found.push(c);`,
    ].join("");
  };

  const step = (
    position: Position,
    held: readonly Held[],
    rest: ResponsePath,
    above: readonly (readonly Held[])[],
  ): string => {
    const [key, ...further] = rest;
    if (key === undefined) return finish(held, above);
    const next = position.at(key);
    const sources = next.base.filter(isKnown);
    const isList = further[0] === "@";
    const under = (parents: readonly Held[], read: (parent: Held) => string) => {
      const children = sources.flatMap((source) => {
        const parent = parents.find((one) => one.source.fetch === source.fetch);
        return parent ? [{ source, variable: name(), isCertain: false, parent }] : [];
      });
      const code = children.map(({ variable, parent }) => {
        const value = read(parent);
        return `const ${variable}=${isList ? value : `asObject(${value})`};`;
      });
      const isFound = children.map(({ variable }) => `${variable}!==undefined`).join("||") || "false";
      const [only] = children;
      const certain: Held[] = children.length === 1 && only ? [{ ...only, isCertain: true }] : children;
      return { code: code.join(""), isFound, held: certain };
    };
    if (key !== "@") {
      const isOnTheWay = ({ fetch }: Source) => sources.some((source) => source.fetch === fetch);
      const isTyped = first.types.has(position.path.length);
      // A context can be set by any object above, whoever gives its value; and anybody may know its type.
      const here = join(position, held, hasContexts || isTyped ? () => true : isOnTheWay);
      addLevel(position, here.held);
      const below = under(here.held, ({ variable, isCertain }) => readKey(variable, key, isCertain));
      const rest = step(next, below.held, further, [...above, here.held]);
      const condition = typeCondition(position, readTypename(here.held));
      const code = `${below.code}if(${below.isFound}){${rest}}`;
      return `${here.code}${condition ? `if(${condition}){${code}}` : code}`;
    }
    const index = name();
    const length = name();
    const lengths = held.map(({ variable }) => `Array.isArray(${variable})?${variable}.length:`).join("");
    const elements = under(held, ({ variable }) => `elementOf(${variable},${index})`);
    const body = `${elements.code}if(${elements.isFound}){${step(next, elements.held, further, above)}}`;
    return `for(let ${index}=0,${length}=${lengths}0;${index}<${length};${index}++){${body}}`;
  };

  const start = root.base.filter(isKnown).map((source) => ({ source, variable: name(), isCertain: false }));
  const body = step(root, start, site.position.path, []);
  const text = [
    "(state)=>{const site=new SiteState(),classes=new Map(),objects=site.objects,found=site.classes;",
    ...site.base.map((_, i) => `const f${i}=[];site.firsts.push(f${i});`),
    ...site.beside.map((_, i) => `const b${i}=[];site.beside.push(b${i});`),
    ...[...passed].map(({ index }) => `const s${index}=state.sites[${index}];s${index}?.rewind();`),
    ...start.map(({ source, variable }) => `const ${variable}=state.roots[${source.fetch.index}];`),
    body,
    "return site;}",
  ].join("");
  return { text, levels };
}

const isLeafKey = (held: readonly Held[], key: string) =>
  knowing(held, key).every(({ source }) => source.tree.fields.get(key)?.fields.size === 0);

const objectsText = (held: readonly Held[]) => `[${held.map(({ variable }) => variable).join(",")}]`;

/** Tells values of required fields apart, whatever their type. */
function keyOf(value: unknown): string {
  if (typeof value === "string") return `s${value}`;
  return value === undefined ? "u" : JSON.stringify(value);
}
