import { basename, dirname } from "node:path";
import { type DocumentNode, type GraphQLSchema, Kind, validate } from "graphql";

/** A document of `schema/operations/…`. */
export interface OperationDocument {
  /** `…/<client or partner>/<file>.graphql`. */
  readonly path: string;
  readonly document: DocumentNode;
}

/** @returns a line for everything that does not fit: client or partner, operation, file and place, and why */
export const findBrokenOperations = (schema: GraphQLSchema, documents: readonly OperationDocument[]): string[] =>
  documents.flatMap(({ path, document }) =>
    validate(schema, document).map(({ message, locations }) => {
      const [place] = locations ?? [];
      const where = place ? `${path}:${place.line}:${place.column}` : path;
      return `${basename(dirname(path))}, ${nameOf(document)} (${where}): ${message}`;
    }),
  );

const nameOf = ({ definitions }: DocumentNode): string =>
  definitions
    .flatMap((one) =>
      one.kind === Kind.OPERATION_DEFINITION ? [one.name?.value ?? "an operation without a name"] : [],
    )
    .join(" and ");
