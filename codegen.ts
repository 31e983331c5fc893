/** `npm run codegen`: typed documents for the operations in schema/operations, for frontends and for our own stories. */
import { codegen } from "@graphql-codegen/core";
import * as typedDocuments from "@graphql-codegen/typed-document-node";
import * as typescript from "@graphql-codegen/typescript";
import * as operationTypes from "@graphql-codegen/typescript-operations";
import { buildSchema, parse } from "graphql";
import { type GeneratedFile, graphqlFiles, readRepositoryFile, writeGenerated } from "./schema/repository";

const HEADER = "// Made by `npm run codegen` from schema/api.graphql and schema/operations. Do not edit.\n";
const CONFIG = {
  strictScalars: true,
  scalars: { DateTime: "string" },
  enumsAsTypes: true,
  immutableTypes: true,
  skipTypename: true,
  useTypeImports: true,
};

/** The types and documents of every operation, as one TypeScript file. */
export async function generateTypedDocuments(apiSdl: string): Promise<GeneratedFile> {
  const path = "schema/generated/operations.ts";
  const text = await codegen({
    filename: path,
    schema: parse(apiSdl),
    schemaAst: buildSchema(apiSdl),
    documents: graphqlFiles("schema/operations").map((location) => ({
      location,
      document: parse(readRepositoryFile(location)),
    })),
    config: CONFIG,
    plugins: [{ typescript: {} }, { operationTypes: {} }, { typedDocuments: {} }],
    pluginMap: { typescript, operationTypes, typedDocuments },
  });
  return { path, text: HEADER + text };
}

if (require.main === module) {
  generateTypedDocuments(readRepositoryFile("schema/api.graphql")).then(
    (file) => {
      writeGenerated(file);
      console.log(`Wrote ${file.path}.`);
    },
    (error: unknown) => {
      console.error(error);
      process.exitCode = 1;
    },
  );
}
