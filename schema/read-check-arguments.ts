import { parseArgs } from "node:util";

export const USAGE = `Usage: npm run schema:check -- [<git revision>] [--registry [--supergraph FILE|URL]]
  <git revision>  what the API is compared with; HEAD without it
  --registry      holds what partners call today against the supergraph as well: PARTNERS_DATABASE_URL, or the platform that npm start runs here
  --supergraph    that supergraph; without it schema/supergraph.graphql`;

export interface CheckArguments {
  readonly revision: string;
  /** A file or URL; undefined: the registry is not asked. */
  readonly supergraph: string | undefined;
}

/** @param argv what follows the name of the script @throws Error with what is wrong and how it is used */
export function readCheckArguments(argv: readonly string[]): CheckArguments {
  const { values, positionals } = parse(argv);
  const [revision = "HEAD", ...more] = positionals;
  if (more.length > 0) throw new Error(`There is one revision to compare with.\n${USAGE}`);
  // Git would take it for an option.
  if (revision.startsWith("-")) throw new Error(`"${revision}" is no revision.\n${USAGE}`);
  const { registry = false, supergraph } = values;
  if (supergraph !== undefined && !registry) throw new Error(`--supergraph goes with --registry.\n${USAGE}`);
  return { revision, supergraph: registry ? (supergraph ?? "schema/supergraph.graphql") : undefined };
}

function parse(argv: readonly string[]) {
  try {
    const options = { registry: { type: "boolean" }, supergraph: { type: "string" } } as const;
    return parseArgs({ args: [...argv], options, allowPositionals: true });
  } catch (error) {
    throw new Error(`${(error as Error).message.split(". ")[0]}.\n${USAGE}`, { cause: error });
  }
}
