/**
 * `npm run schema:check [-- <git revision>] [--registry]`: compares the API with the one of a commit (default: HEAD) and holds every registered operation
 * against it: those of this repository, and with `--registry` those that partners call today, which may be more. A change that breaks one fails, naming
 * partner and operation; other breaking changes are listed.
 */
import { execFileSync, spawnSync } from "node:child_process";
import { buildSchema, findBreakingChanges } from "graphql";
import { findBrokenOperations } from "./find-broken-operations";
import { readCheckArguments } from "./read-check-arguments";
import { readOperationDocument } from "./read-operation-document";
import { graphqlFiles, readRepositoryFile, REPOSITORY_ROOT } from "./repository";

const API = "schema/api.graphql";

/** @returns whether every operation of the repository fits */
function checkFiles(revision: string): boolean {
  const current = buildSchema(readRepositoryFile(API));
  const previous = buildSchema(
    execFileSync("git", ["show", `${revision}:${API}`], { cwd: REPOSITORY_ROOT, encoding: "utf8" }),
  );
  for (const { description } of findBreakingChanges(previous, current)) console.warn(`breaking: ${description}`);

  const documents = graphqlFiles("schema/operations").map((path) => ({ path, document: readOperationDocument(path) }));
  const broken = findBrokenOperations(current, documents);
  for (const line of broken) console.error(`breaks a registered operation: ${line}`);
  if (broken.length === 0) console.log(`Every operation in schema/operations fits: ${documents.length}.`);
  return broken.length === 0;
}

/** The registry is the gateway's: its own command asks it. @returns whether every operation that can be called fits */
function checkRegistry(supergraph: string): boolean {
  const command = ["deploy/local/bootstrap.mjs", "partners", "operations", "check", "--supergraph", supergraph];
  return spawnSync(process.execPath, command, { cwd: REPOSITORY_ROOT, stdio: "inherit" }).status === 0;
}

function main(argv: readonly string[]): boolean {
  const { revision, supergraph } = readCheckArguments(argv);
  // Both, whatever the first one finds.
  const all = [checkFiles(revision), ...(supergraph === undefined ? [] : [checkRegistry(supergraph)])];
  return all.every(Boolean);
}

try {
  process.exitCode = main(process.argv.slice(2)) ? 0 : 1;
} catch (error) {
  console.error((error as Error).message);
  process.exitCode = 1;
}
