import { createHash } from "node:crypto";
import { basename, dirname } from "node:path";
import {
  buildSchema,
  type DocumentNode,
  GraphQLError,
  Kind,
  type OperationDefinitionNode,
  parse,
  print,
  validate,
} from "graphql";
import { type GeneratedFile, graphqlFiles, readRepositoryFile } from "./repository";

const FOLDER = "schema/operations/partners";

/** One registered operation in Apollo's manifest format; `clientName` is the partner whose it is. */
export interface ManifestOperation {
  /** SHA-256 of `body`, lower-case hex. */
  readonly id: string;
  readonly name: string;
  readonly type: OperationDefinitionNode["operation"];
  readonly body: string;
  readonly clientName: string;
}

/** Operations that cannot be registered; `reasons` has every one, naming file and place. */
export class ManifestError extends Error {
  override readonly name = "ManifestError";

  constructor(readonly reasons: readonly string[]) {
    super(`The partners' operations cannot be registered:\n${reasons.map((reason) => `  - ${reason}`).join("\n")}`);
  }
}

/**
 * Makes the manifest of the partners' operations: one named operation per file, valid on the API schema, names unique per partner.
 * @throws ManifestError
 */
export function generateManifest(apiSdl: string): GeneratedFile {
  const schema = buildSchema(apiSdl);
  const reasons: string[] = [];
  const operations = graphqlFiles(FOLDER).flatMap((path) => {
    const clientName = basename(dirname(path));
    let document: DocumentNode;
    try {
      document = parse(readRepositoryFile(path), { noLocation: true });
    } catch (error) {
      reasons.push(`${path}: ${(error as Error).message}`);
      return [];
    }
    reasons.push(...validate(schema, document).map((error: GraphQLError) => `${path}: ${error.message}`));
    const definitions = document.definitions.filter((definition) => definition.kind === Kind.OPERATION_DEFINITION);
    const [operation] = definitions;
    if (definitions.length !== 1 || !operation?.name) {
      reasons.push(`${path}: it must hold exactly one operation, with a name`);
      return [];
    }
    const body = print(document);
    return [toManifestOperation(operation.name.value, operation.operation, body, clientName)];
  });
  reasons.push(...duplicates(operations));
  if (reasons.length > 0) throw new ManifestError(reasons);
  const manifest = { format: "apollo-persisted-query-manifest", version: 1, operations };
  return { path: `${FOLDER}/manifest.json`, text: `${JSON.stringify(manifest, null, 2)}\n` };
}

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
