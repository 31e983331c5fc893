export type DefinitionKind = "exchange" | "queue" | "binding";

/** Names may hold any character, so a key is JSON rather than words joined by something. */
export function definitionKey(kind: DefinitionKind, virtualHost: string, name: string): string {
  return definitionPrefix(kind, virtualHost) + JSON.stringify(name);
}

/** What the keys of all definitions of one kind in one virtual host begin with, and no other key does. */
export function definitionPrefix(kind: DefinitionKind, virtualHost: string): string {
  return `${JSON.stringify([kind, virtualHost])}:`;
}
