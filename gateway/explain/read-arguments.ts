import { ExplainError } from "./explain-error";

export interface ExplainArguments {
  /** Of GraphQL operations. */
  readonly file: string;
  /** Undefined: as the configuration says, or the one that `npm run compose` writes. */
  readonly supergraph: string | undefined;
  readonly operationName: string | undefined;
  /** Undefined: none are given, and none are checked. */
  readonly variables: Readonly<Record<string, unknown>> | undefined;
  readonly json: boolean;
}

export const USAGE =
  "Usage: npm run explain -- FILE [--supergraph FILE] [--operation NAME] [--variables JSON] [--json]";

const WITH_VALUE = ["--supergraph", "--operation", "--variables"] as const;

/**
 * @param argv what follows the script's name; options also as `--name=value`
 * @throws ExplainError
 */
export function readArguments(argv: readonly string[]): ExplainArguments {
  const files: string[] = [];
  const given = new Map<string, string>();
  const problems: string[] = [];
  let json = false;
  for (let i = 0; i < argv.length; i++) {
    const argument = argv[i] ?? "";
    const [name = "", ...rest] = argument.split("=");
    if (argument === "--json") json = true;
    else if (WITH_VALUE.some((option) => option === name)) {
      const value = rest.length > 0 ? rest.join("=") : argv[++i];
      if (value === undefined || value === "") problems.push(`${name} needs a value.`);
      else given.set(name, value);
    } else if (argument.startsWith("-")) problems.push(`"${argument}" is not an option. ${USAGE}`);
    else files.push(argument);
  }
  const [file] = files;
  if (file === undefined) problems.push(`Name a file of GraphQL operations. ${USAGE}`);
  if (files.length > 1) problems.push(`Name one file, not ${files.length}.`);
  const variables = readVariables(given.get("--variables"), problems);
  if (file === undefined || problems.length > 0) throw new ExplainError(problems);
  return { file, supergraph: given.get("--supergraph"), operationName: given.get("--operation"), variables, json };
}

function readVariables(text: string | undefined, problems: string[]) {
  if (text === undefined) return undefined;
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === "object" && value !== null && !Array.isArray(value)) return value as Record<string, unknown>;
  } catch {
    // Said below.
  }
  problems.push(`--variables must be a JSON object such as '{"id": "1"}'.`);
  return undefined;
}
