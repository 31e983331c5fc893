import { createHash } from "node:crypto";
import { basename, dirname } from "node:path";
import {
  buildSchema,
  type DocumentNode,
  type GraphQLError,
  Kind,
  type OperationDefinitionNode,
  parse,
  print,
  validate,
} from "graphql";
import { checkPathTypes } from "./check-path-types";
import { checkRestBinding, methodOf } from "./check-rest-binding";
import { type GeneratedFile, graphqlFiles, readRepositoryFile } from "./repository";
import { type RestBinding, restConflict } from "./rest-path";
import { takeRestDirective } from "./take-rest-directive";

const FOLDER = "schema/operations/partners";

/** One registered operation in Apollo's manifest format; `clientName` is the partner whose it is. */
export interface ManifestOperation {
  /** SHA-256 of `body`, lower-case hex. */
  readonly id: string;
  readonly name: string;
  readonly type: OperationDefinitionNode["operation"];
  readonly body: string;
  readonly clientName: string;
  /** Where it is found over plain HTTP, when its document says so by `@rest`. */
  readonly rest?: RestBinding;
}

/** A document of an operation, and where it was found. */
export interface OperationFile {
  /** `…/<partner>/<file>.graphql`. */
  readonly path: string;
  readonly text: string;
}

/** Operations that cannot be registered; `reasons` has every one, naming file and place. */
export class ManifestError extends Error {
  override readonly name = "ManifestError";

  constructor(readonly reasons: readonly string[]) {
    super(`The partners' operations cannot be registered:\n${reasons.map((reason) => `  - ${reason}`).join("\n")}`);
  }
}

/**
 * Makes the manifest of the partners' operations: one named operation per file, valid on the API schema, names and paths unique per
 * partner. `@rest` is taken out: neither the registered text nor its id knows it.
 * @throws ManifestError
 */
export function generateManifest(
  apiSdl: string,
  files: readonly OperationFile[] = readOperationFiles(),
): GeneratedFile {
  const schema = buildSchema(apiSdl);
  const reasons: string[] = [];
  const operations = files.flatMap(({ path, text }) => {
    const refuse = (...why: readonly string[]) => reasons.push(...why.map((reason) => `${path}: ${reason}`));
    const clientName = basename(dirname(path));
    let given: DocumentNode;
    try {
      given = parse(text, { noLocation: true });
    } catch (error) {
      refuse((error as Error).message);
      return [];
    }
    const { document, path: restPath, errors } = takeRestDirective(given);
    refuse(...errors, ...validate(schema, document).map((error: GraphQLError) => error.message));
    const definitions = document.definitions.filter((definition) => definition.kind === Kind.OPERATION_DEFINITION);
    const [operation] = definitions;
    if (definitions.length !== 1 || !operation?.name) {
      refuse("it must hold exactly one operation, with a name");
      return [];
    }
    const rest = restPath === undefined ? undefined : bindingOf(operation, restPath);
    if (rest) refuse(...checkRestBinding(operation, rest), ...checkPathTypes(schema, operation, rest));
    const body = print(document);
    return [
      { ...toManifestOperation(operation.name.value, operation.operation, body, clientName), ...(rest && { rest }) },
    ];
  });
  reasons.push(...duplicates(operations), ...collisions(operations));
  if (reasons.length > 0) throw new ManifestError(reasons);
  const manifest = { format: "apollo-persisted-query-manifest", version: 1, operations };
  return { path: `${FOLDER}/manifest.json`, text: `${JSON.stringify(manifest, null, 2)}\n` };
}

const readOperationFiles = (): OperationFile[] =>
  graphqlFiles(FOLDER).map((path) => ({ path, text: readRepositoryFile(path) }));

const bindingOf = ({ operation }: OperationDefinitionNode, path: string): RestBinding => ({
  method: operation === "subscription" ? "GET" : methodOf(operation),
  path,
});

const toManifestOperation = (
  name: string,
  type: ManifestOperation["type"],
  body: string,
  clientName: string,
): ManifestOperation => ({ id: createHash("sha256").update(body).digest("hex"), name, type, body, clientName });

function duplicates(operations: readonly ManifestOperation[]): string[] {
  const seen = new Set<string>();
  return operations.flatMap(({ name, clientName }) => {
    const key = `${clientName}/${name}`;
    if (seen.has(key)) return [`${clientName} has two operations named ${name}`];
    seen.add(key);
    return [];
  });
}

function collisions(operations: readonly ManifestOperation[]): string[] {
  return operations.flatMap(({ name, clientName, rest }, index) =>
    operations.slice(index + 1).flatMap((other) => {
      const conflict = clientName === other.clientName && rest && other.rest && restConflict(rest, other.rest);
      return conflict ? [`${clientName}: ${name} and ${other.name}: ${conflict}`] : [];
    }),
  );
}
