import { parse } from "graphql";
import { readAccessGuards } from "./access-guards";
import { EVENT_SPECIFICATION } from "./event-specification";
import type { SubgraphSdl } from "./subgraph-sdl";
import { argumentsOf, hasDirective, readSubgraphTypes, type SubgraphType, type SubgraphTypes } from "./subgraph-types";

const FEDERATION = "https://specs.apollo.dev/federation";

/**
 * Holds every `@viewerIndependent` against the access directives of the whole graph, and against the other subgraphs that give the same
 * field: one that is the same to everyone only as one of them answers it is not the same to everyone.
 * @returns one sentence per problem, naming subgraph and field
 */
export function checkViewerIndependence(subgraphs: readonly SubgraphSdl[]): string[] {
  const read = subgraphs.map(({ name, sdl }) => ({ name, types: readSubgraphTypes(parse(sdl)) }));
  const guards = readAccessGuards(read.map(({ types }) => types));
  return read.flatMap(({ name: subgraph, types }) =>
    markedFields(types).flatMap(({ type, field }) => {
      const place = `${subgraph}: ${type}.${field}`;
      if (guards.guards(type, field)) {
        return [`${place} is @viewerIndependent, and an access directive guards it: it is not the same to everyone`];
      }
      return read
        .filter(
          ({ name, types: other }) => name !== subgraph && gives(other, type, field) && !isMarked(other, type, field),
        )
        .map(({ name }) => `${place} is @viewerIndependent, and ${name} gives the same field without saying so`);
    }),
  );
}

function markedFields(subgraph: SubgraphTypes): { type: string; field: string }[] {
  return [...subgraph.types].flatMap(([type, { fields }]) =>
    [...fields.keys()].filter((field) => isMarked(subgraph, type, field)).map((field) => ({ type, field })),
  );
}

function isMarked({ types, directive }: SubgraphTypes, type: string, field: string): boolean {
  const mark = directive(EVENT_SPECIFICATION, "viewerIndependent");
  const owner = types.get(type);
  return owner !== undefined && (hasDirective(owner, mark) || hasDirective(owner.fields.get(field) ?? {}, mark));
}

/** More than a reference: keys are the same to everyone by what they are, and external fields are given by others. */
function gives({ types, directive }: SubgraphTypes, typeName: string, field: string): boolean {
  const type = types.get(typeName);
  const node = type?.fields.get(field);
  if (!type || !node || hasDirective(node, directive(FEDERATION, "external"))) return false;
  return !keyFields(type, directive(FEDERATION, "key")).has(field);
}

const keyFields = ({ directives }: SubgraphType, key: string | undefined): ReadonlySet<string> =>
  new Set(
    directives
      .filter(({ name }) => name.value === key)
      .flatMap((directive) => String(argumentsOf(directive)["fields"]).match(/[_A-Za-z]\w*/g) ?? []),
  );
