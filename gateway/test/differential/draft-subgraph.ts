import type { SubgraphSdl } from "./subgraph-facts";

export interface DraftArgument {
  readonly name: string;
  readonly type: string;
  readonly default?: string;
}

export interface DraftField {
  readonly args: readonly DraftArgument[];
  readonly type: string;
  readonly directives: Set<string>;
}

/** A type of one subgraph while it is being made. */
export interface DraftType {
  readonly kind: "type" | "interface" | "union" | "enum" | "scalar" | "input";
  readonly directives: Set<string>;
  readonly implements: Set<string>;
  readonly fields: Map<string, DraftField>;
  /** Of a union, or values of an enum. */
  readonly members: Set<string>;
}

export interface DraftSubgraph {
  readonly name: string;
  readonly types: Map<string, DraftType>;
}

const IMPORTS = [
  "@key",
  "@external",
  "@requires",
  "@provides",
  "@shareable",
  "@inaccessible",
  "@override",
  "@tag",
  "@interfaceObject",
  "@context",
  "@fromContext",
];

/** The first lines of every subgraph of this suite. */
export const FEDERATION = `extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: [${IMPORTS.map((name) => `"${name}"`).join(", ")}])\n`;

export function draftType(kind: DraftType["kind"], directives: readonly string[] = []): DraftType {
  return { kind, directives: new Set(directives), implements: new Set(), fields: new Map(), members: new Set() };
}

export function printDraft({ name, types }: DraftSubgraph): SubgraphSdl {
  return { name, sdl: FEDERATION + [...types].map(([typeName, type]) => printType(typeName, type)).join("\n") + "\n" };
}

function printType(name: string, type: DraftType): string {
  const directives = [...type.directives].map((directive) => ` ${directive}`).join("");
  const head = `${type.kind} ${name}`;
  if (type.kind === "scalar") return `${head}${directives}`;
  if (type.kind === "union") return `${head}${directives} = ${[...type.members].join(" | ")}`;
  if (type.kind === "enum") return `${head}${directives} { ${[...type.members].join(" ")} }`;
  const interfaces = type.implements.size > 0 ? ` implements ${[...type.implements].join(" & ")}` : "";
  const fields = [...type.fields].map(([fieldName, field]) => `  ${printField(fieldName, field)}`).join("\n");
  return `${head}${interfaces}${directives} {\n${fields}\n}`;
}

function printField(name: string, { args, type, directives }: DraftField): string {
  const printed = args.map((arg) => `${arg.name}: ${arg.type}${arg.default === undefined ? "" : ` = ${arg.default}`}`);
  const list = printed.length > 0 ? `(${printed.join(", ")})` : "";
  return [`${name}${list}: ${type}`, ...directives].join(" ");
}
