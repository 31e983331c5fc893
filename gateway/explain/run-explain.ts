import { readFile } from "node:fs/promises";
import path from "node:path";
import { ClientError } from "../../kit/errors";
import { type Environment } from "../../kit/config";
import { parseConfig } from "../config";
import { loadSupergraph } from "../supergraph/load-supergraph";
import { ExplainError } from "./explain-error";
import { explainOperation } from "./explain-operation";
import { printExplanation } from "./print-explanation";
import { readArguments } from "./read-arguments";

/** What `npm run compose` writes. */
const COMPOSED = "schema/supergraph.graphql";

/**
 * The command `npm run explain`.
 * @param options.env the environment of the gateway: its limits are those that are shown
 * @param options.load in place of `loadSupergraph`
 * @returns what is printed
 * @throws ExplainError, ConfigError or SupergraphError, each with sentences for whoever asked
 */
export async function runExplain(options: {
  argv: readonly string[];
  env: Environment;
  load?: typeof loadSupergraph;
}): Promise<string> {
  const { load = loadSupergraph } = options;
  const { file, supergraph: given, operationName, variables, json } = readArguments(options.argv);
  const source = given ?? (options.env["SUPERGRAPH_FILE"] || COMPOSED);
  const config = parseConfig({ ...options.env, SUPERGRAPH_FILE: source });
  const text = await read("file", file);
  const supergraph = await load(await read("supergraph file", source), config.subgraphs.urls, {
    limits: config.planLimits,
  });
  try {
    const explained = await explainOperation({
      supergraph,
      settings: config,
      name: file,
      text,
      operationName,
      variables,
    });
    return json ? JSON.stringify(explained, undefined, 2) : printExplanation(explained);
  } catch (error) {
    if (error instanceof ClientError) throw new ExplainError([`${file} is refused: ${error.message}`]);
    throw error;
  } finally {
    await supergraph.close();
  }
}

async function read(what: string, file: string): Promise<string> {
  try {
    return await readFile(path.resolve(file), "utf8");
  } catch (error) {
    const { code = "unknown" } = error as NodeJS.ErrnoException;
    throw new ExplainError([`The ${what} ${file} cannot be read (${code}).`]);
  }
}
