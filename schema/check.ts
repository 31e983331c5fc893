/**
 * `npm run schema:check [-- <git revision>]`: compares the API with the one of a commit (default: HEAD) and holds every registered
 * operation against it. A change that breaks a registered operation fails, naming partner and operation; other breaking changes are listed.
 */
import { execFileSync } from "node:child_process";
import { buildSchema, findBreakingChanges, validate } from "graphql";
import { readOperationDocument } from "./read-operation-document";
import { graphqlFiles, readRepositoryFile, REPOSITORY_ROOT } from "./repository";

const API = "schema/api.graphql";

function check(revision: string): void {
  const current = buildSchema(readRepositoryFile(API));
  const previous = buildSchema(
    execFileSync("git", ["show", `${revision}:${API}`], { cwd: REPOSITORY_ROOT, encoding: "utf8" }),
  );
  for (const { description } of findBreakingChanges(previous, current)) console.warn(`breaking: ${description}`);

  const broken = graphqlFiles("schema/operations").flatMap((path) =>
    validate(current, readOperationDocument(path)).map((error) => `${path}: ${error.message}`),
  );
  for (const line of broken) console.error(`breaks a registered operation: ${line}`);
  if (broken.length > 0) process.exitCode = 1;
  else console.log("Every registered operation fits the schema.");
}

check(process.argv[2] ?? "HEAD");
