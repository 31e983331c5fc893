import { type DocumentNode, Kind, type OperationDefinitionNode, parse } from "graphql";
import { methodOf } from "../../../schema/check-rest-binding";
import type { RestBinding } from "../../../schema/rest-path";

/** An operation that somebody hands in to be registered. */
export interface DraftOperation {
  /** Slug. */
  readonly partner: string;
  /** Canonical. */
  readonly id: string;
  readonly name: string;
  readonly type: "query" | "mutation" | "subscription";
  /** Without `@rest`. */
  readonly body: string;
  readonly document: DocumentNode;
  readonly definition: OperationDefinitionNode;
  /** Declared; undefined leaves it at `/ops/<name>`. */
  readonly rest: RestBinding | undefined;
}

/** Why something cannot be registered. */
export interface RegistrationProblem {
  readonly partner?: string | undefined;
  /** Name, or id where there is no name. */
  readonly operation?: string | undefined;
  /** In the operation's text. */
  readonly place?: { readonly line: number; readonly column: number } | undefined;
  /** The end of a sentence, without its full stop. */
  readonly message: string;
}

export function describeProblem({ partner, operation, place, message }: RegistrationProblem): string {
  const where = place && `line ${place.line}, column ${place.column}`;
  return [partner, operation, where].filter((part) => part !== undefined).join(", ") + `: ${message}`;
}

/** The text holds one operation, and that under a name. @returns undefined when it does not @throws GraphQLError when it is not GraphQL */
export function readOperationText(
  body: string,
): { document: DocumentNode; definition: OperationDefinitionNode; name: string } | undefined {
  const document = parse(body);
  const found = onlyOperation(document);
  return found && { document, ...found };
}

export function onlyOperation(document: DocumentNode) {
  const operations = document.definitions.filter((definition) => definition.kind === Kind.OPERATION_DEFINITION);
  const [definition] = operations;
  return operations.length === 1 && definition?.name ? { definition, name: definition.name.value } : undefined;
}

/** Where an operation is found that declares no path. */
export const ownPath = (type: DraftOperation["type"], name: string): RestBinding | undefined =>
  type === "subscription" ? undefined : { method: methodOf(type), path: `/ops/${name}` };
