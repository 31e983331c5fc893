import type { QueryPlanSelectionNode } from "@apollo/query-planner";
import type { Position, Source } from "../layout/position";
import type { Site } from "../layout/site";
import type { SupergraphTypes } from "../layout/supergraph-types";
import type { Fetch } from "../plan/fetch";
import { mergeInto } from "./merged";
import { rewriteData } from "./rewrite-data";
import { asObject, type ExecutionState, type JsonObject, noteLack } from "./state";
import { createTold, Missing, type Told, valuesOf } from "./told";

/**
 * Writes the representation of one object, the general case: nested requirements whose objects may be known to several fetches, type
 * conditions inside of them, input rewrites.
 *
 * A subgraph is told what others said, and null where one of them said null. Where nobody said anything it is not asked, however deep
 * inside of what it requires that is: `book: null` for a book that is there, but that the subgraph of its title does not know, would be
 * computed from as if there were none. So the representation is left out as a whole, and why is noted in the state.
 *
 * @param place the object's class
 * @param parts what the object's sources say, in the order in which they were named
 * @returns undefined when something that is required is missing
 */
export type Projection = (
  state: ExecutionState,
  place: number,
  typename: unknown,
  parts: readonly (JsonObject | undefined)[],
) => string | undefined;

/** @param sources of the site's objects */
export function createProjection(
  fetch: Fetch,
  site: Site,
  sources: readonly Source[],
  siteOf: ReadonlyMap<Fetch, Site>,
  types: SupergraphTypes,
): Projection {
  const { requires = [], inputRewrites, known } = fetch;

  const { join, findLack } = createTold((other) => known.has(other), siteOf);

  const project = (
    state: ExecutionState,
    position: Position,
    told: readonly Told[],
    typename: unknown,
    selections: readonly QueryPlanSelectionNode[],
  ): Record<string, unknown> | Missing => {
    const result: Record<string, unknown> = {};
    for (const node of selections) {
      if (node.kind === "InlineFragment") {
        const { typeCondition } = node;
        if (typeCondition !== undefined && !types.namesUnder(typeCondition).has(String(typename))) continue;
        const part = project(state, position, told, typename, node.selections);
        if (part instanceof Missing) return part;
        mergeInto(result, part);
        continue;
      }
      const { name, alias: key = name } = node;
      if (key === "__typename" && typename !== undefined) {
        result[key] = typename;
        continue;
      }
      const values = valuesOf(told, key);
      if (values.length === 0) return new Missing();
      const found = values.filter(({ value }) => value !== null);
      const value = node.selections?.length
        ? projectAll(state, position.at(key), found, node.selections)
        : (found.at(-1)?.value ?? null);
      if (value instanceof Missing) return value;
      result[name] = value;
    }
    return result;
  };

  /** @param values what the sources say of one field, none of it null */
  const projectAll = (
    state: ExecutionState,
    position: Position,
    values: readonly Told[],
    selections: readonly QueryPlanSelectionNode[],
  ): unknown => {
    const first = values[0]?.value;
    if (Array.isArray(first)) {
      const all = first.map((_, i) => {
        const items = values.map(({ source, value }) => ({ source, value: (value as readonly unknown[])[i] }));
        const found = items.filter(({ value }) => value !== null && value !== undefined);
        return projectAll(state, position.at("@"), found, selections);
      });
      return all.find((item) => item instanceof Missing) ?? all;
    }
    const objects = values.filter(({ value }) => asObject(value) !== undefined);
    if (objects.length === 0) return null;
    const told = join(state, position, objects);
    const typename = valuesOf(told, "__typename").reduce<unknown>(
      (earlier, { value }) => types.latestTypename(value, earlier),
      undefined,
    );
    const object = project(state, position, told, typename, selections);
    if (!(object instanceof Missing) || object.lack) return object;
    return new Missing(findLack(state, position, objects));
  };

  return (state, place, typename, parts) => {
    if (typeof typename !== "string") return undefined;
    const told = sources.map((source, i) => ({ source, value: parts[i] }));
    const representation = project(state, site.position, told, typename, requires);
    if (representation instanceof Missing) {
      if (representation.lack) noteLack(state, { fetch, place }, representation.lack);
      return undefined;
    }
    if (!Object.hasOwn(representation, "__typename")) return undefined;
    rewriteData(representation, inputRewrites, types);
    return JSON.stringify(representation);
  };
}
