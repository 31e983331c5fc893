import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { Kind, type OperationDefinitionNode, parse } from "graphql";
import type { ExampleOperation } from "./render-page";

/** A folder of examples that cannot be offered; one sentence for the operator, naming the file. */
export class ExamplesError extends Error {
  override readonly name = "ExamplesError";
}

/**
 * Reads the explorer's examples: every `.graphql` file of a folder, in alphabetical order, one named operation each. The menu says the
 * operation's name in words; its variables are offered empty.
 * @throws ExamplesError
 */
export function readExamples(folder: string): ExampleOperation[] {
  let files: string[];
  try {
    files = readdirSync(folder).filter((file) => file.endsWith(".graphql"));
  } catch (cause) {
    throw new ExamplesError(`The explorer's examples cannot be read from ${folder}.`, { cause });
  }
  return files.sort().map((file) => {
    const query = readFileSync(path.join(folder, file), "utf8");
    const operation = operationOf(query);
    if (!operation?.name) throw new ExamplesError(`${file} must hold exactly one GraphQL operation, with a name.`);
    const variables = (operation.variableDefinitions ?? []).map(({ variable }) => [variable.name.value, ""] as const);
    return {
      name: inWords(operation.name.value),
      query,
      ...(variables.length > 0 ? { variables: Object.fromEntries(variables) } : {}),
    };
  });
}

function operationOf(text: string): OperationDefinitionNode | undefined {
  try {
    const operations = parse(text, { noLocation: true }).definitions.filter(
      (definition) => definition.kind === Kind.OPERATION_DEFINITION,
    );
    return operations.length === 1 ? operations[0] : undefined;
  } catch {
    return undefined;
  }
}

/** `PlaceAnOrder` is "Place an order". */
const inWords = (name: string): string => {
  const words = name.replace(/([a-z0-9])([A-Z])/g, "$1 $2").toLowerCase();
  return words.charAt(0).toUpperCase() + words.slice(1);
};
