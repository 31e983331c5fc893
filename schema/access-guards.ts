import { hasDirective, namedType, type SubgraphTypes } from "./subgraph-types";

const FEDERATION = "https://specs.apollo.dev/federation";
const GUARDS = ["authenticated", "requiresScopes", "policy"];

/** Which fields of a graph an access directive of any of its subgraphs guards. */
export interface AccessGuards {
  /** By a directive on the field, on its type, on an interface of that type, or on the type of its value. */
  guards(type: string, field: string): boolean;
}

export function readAccessGuards(subgraphs: readonly SubgraphTypes[]): AccessGuards {
  const guarded = new Set<string>();
  for (const { types, directive } of subgraphs) {
    const names = GUARDS.map((guard) => directive(FEDERATION, guard));
    const isGuarded = (node: Parameters<typeof hasDirective>[0]) => names.some((name) => hasDirective(node, name));
    for (const [name, type] of types) {
      if (isGuarded(type)) guarded.add(name);
      for (const [field, node] of type.fields) if (isGuarded(node)) guarded.add(`${name}.${field}`);
    }
  }
  return {
    guards: (type, field) =>
      subgraphs.some(({ types }) => {
        const holders = [type, ...(types.get(type)?.names ?? [])];
        const value = types.get(type)?.fields.get(field);
        return (
          holders.some((holder) => guarded.has(holder) || guarded.has(`${holder}.${field}`)) ||
          (value !== undefined && guarded.has(namedType(value.type)))
        );
      }),
  };
}
