import type { QueryPlanSelectionNode } from "@apollo/query-planner";
import type { Position } from "../layout/position";
import type { Site } from "../layout/site";
import type { SupergraphTypes } from "../layout/supergraph-types";
import type { Fetch } from "../plan/fetch";
import { createProjection } from "../run/project-representation";
import { asObject, either, type ExecutionState, type SiteState } from "../run/state";
import { type Held, readLatest, readTypename } from "./held";
import { createNames, evaluate, own, quote } from "./source-text";
import { writeValue } from "./write-json";

/**
 * Writes one representation for each class of a site that is to be asked. Equal ones are written once.
 *
 * @param index where each distinct representation's text stands in the list that is sent
 * @returns by class: the representation's place in that list, -1 when the class cannot be asked because something required is missing
 */
export type Represent = (state: ExecutionState, site: SiteState, index: Map<string, number>) => readonly number[];

export function compileRepresentations(
  fetch: Fetch,
  site: Site,
  siteOf: ReadonlyMap<Fetch, Site>,
  types: SupergraphTypes,
): Represent {
  if (!fetch.requires) throw new Error("a fetch of root fields has no representations");
  const { requires } = fetch;
  const name = createNames("v");
  let code = "";
  const held: Held[] = site.base.map((source, i) => {
    const variable = name();
    code += `const ${variable}=site.firsts[${i}][c];`;
    return { source, variable, isCertain: site.base.length === 1 };
  });
  for (const source of joinedBefore(fetch, site.position)) {
    const other = siteOf.get(source.fetch);
    const beside = other ? site.beside.indexOf(other) : -1;
    if (other !== site && beside < 0) continue;
    const variable = name();
    const at = other === site ? "c" : `site.beside[${beside}][c]`;
    code += `const ${variable}=asObject(state.entities[${source.fetch.index}]?.[${at}]);`;
    held.push({ source, variable, isCertain: false });
  }
  code += `const t=${readTypename(held)};`;

  const flat = flatRequirements(requires);
  const { latestTypename } = types;
  const project = createProjection(
    fetch,
    site,
    held.map(({ source }) => source),
    siteOf,
    types,
  );
  const scope = { asObject, either, latestTypename, own, writeValue, project };
  if (flat && !site.isDeep && fetch.inputRewrites.length === 0) {
    code += "let r;";
    for (const { type, keys } of flat) {
      const values = keys.map(({ key, to }) => ({ key, to, variable: name() }));
      const reads = values.map(({ key, variable }) => `const ${variable}=${readLatest(held, key)};`).join("");
      const isComplete = values.map(({ variable }) => `${variable}!==undefined`).join("&&") || "true";
      const text = values.map(({ to, variable }) => `+${quote(`,${quote(to)}:`)}+writeValue(${variable})`).join("");
      const holds = [...types.namesUnder(type)].map((under) => `t===${quote(under)}`).join("||");
      code += `if(${holds}){${reads}if(${isComplete})r=${quote(`{"__typename":`)}+writeValue(t)${text}+"}";}`;
    }
  } else {
    const parts = held.map(({ variable }) => variable).join(",");
    code += `const r=project(state,c,t,[${parts}]);`;
  }
  return evaluate<Represent>(
    `return (state,site,index)=>{const n=site.size,places=new Array(n);for(let c=0;c<n;c++){${code}` +
      `if(r===undefined)places[c]=-1;else{let i=index.get(r);if(i===undefined){i=index.size;index.set(r,i);}places[c]=i;}}return places;}`,
    scope,
  );
}

const joinedBefore = (fetch: Fetch, position: Position) =>
  position.joined.filter((source) => fetch.known.has(source.fetch));

interface RequiredKey {
  /** In answers. */
  readonly key: string;
  /** In the representation. */
  readonly to: string;
}

/**
 * Requirements without nesting, at most one for each type condition.
 * @returns undefined when there are others
 */
function flatRequirements(requires: readonly QueryPlanSelectionNode[]) {
  const found = new Map<string, RequiredKey[]>();
  for (const node of requires) {
    if (node.kind !== "InlineFragment" || node.typeCondition === undefined) return undefined;
    const keys: RequiredKey[] = [];
    for (const field of node.selections) {
      if (field.kind !== "Field" || field.selections?.length) return undefined;
      const { name: to, alias: key = to } = field;
      if (key !== "__typename") keys.push({ key, to });
    }
    const known = found.get(node.typeCondition);
    if (known && JSON.stringify(known) !== JSON.stringify(keys)) return undefined;
    found.set(node.typeCondition, keys);
  }
  return [...found].map(([type, keys]) => ({ type, keys }));
}
