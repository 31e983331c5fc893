import { type DocumentNode, Kind } from "graphql";

/** Which type names stand for objects of a type, in the whole supergraph: types that clients cannot see included. */
export interface SupergraphTypes {
  /** The name itself, and for an interface or union the object types behind it. */
  namesUnder(type: string): ReadonlySet<string>;
  /**
   * Of two type names that fetches gave for one object, the one that counts: the later, unless it is only the name of an interface, which is
   * how a subgraph with an interface object names what others know better.
   */
  latestTypename(later: unknown, earlier: unknown): unknown;
  /** Whether an object is of one of the object types, as far as its type name tells. */
  mayBeOf(names: ReadonlySet<string>, typename: unknown): boolean;
}

export function readSupergraphTypes(supergraph: DocumentNode): SupergraphTypes {
  const behind = new Map<string, Set<string>>();
  const add = (abstract: string, name: string) => {
    const names = behind.get(abstract) ?? new Set();
    behind.set(abstract, names.add(name));
  };
  for (const node of supergraph.definitions) {
    if (node.kind === Kind.OBJECT_TYPE_DEFINITION || node.kind === Kind.OBJECT_TYPE_EXTENSION) {
      for (const implemented of node.interfaces ?? []) add(implemented.name.value, node.name.value);
    } else if (node.kind === Kind.UNION_TYPE_DEFINITION || node.kind === Kind.UNION_TYPE_EXTENSION) {
      for (const member of node.types ?? []) add(node.name.value, member.name.value);
    }
  }
  const isAbstract = (name: unknown) => typeof name !== "string" || behind.has(name);
  const known = new Map<string, ReadonlySet<string>>();
  return {
    namesUnder: (type) => {
      // The name of an interface is the type name that a subgraph gives for it when it knows it as an interface object.
      const names = known.get(type) ?? new Set([type, ...(behind.get(type) ?? [])]);
      known.set(type, names);
      return names;
    },
    mayBeOf: (names, typename) => isAbstract(typename) || names.has(typename as string),
    latestTypename: (later, earlier) => (isAbstract(later) && typeof earlier === "string" ? earlier : later),
  };
}
