/** `npm run codegen`: typed documents for the operations in schema/operations, for frontends and for our own stories. */
import { dirname } from "node:path";
import { codegen } from "@graphql-codegen/core";
import * as typedDocuments from "@graphql-codegen/typed-document-node";
import * as typescript from "@graphql-codegen/typescript";
import * as operationTypes from "@graphql-codegen/typescript-operations";
import { buildSchema, parse } from "graphql";
import { readOperationDocument } from "./schema/read-operation-document";
import { type GeneratedFile, graphqlFiles, readRepositoryFile, writeGenerated } from "./schema/repository";

const HEADER = "// Made by `npm run codegen` from schema/api.graphql and schema/operations. Do not edit.\n";
const OPERATIONS = "schema/operations";
const CONFIG = {
  strictScalars: true,
  scalars: { DateTime: "string" },
  enumsAsTypes: true,
  immutableTypes: true,
  skipTypename: true,
  useTypeImports: true,
};

/** The types and documents of every operation: one TypeScript file per client, since operation names are unique per client only. */
export async function generateTypedDocuments(apiSdl: string): Promise<GeneratedFile[]> {
  const schema = parse(apiSdl);
  const schemaAst = buildSchema(apiSdl);
  const byClient = new Map<string, string[]>();
  for (const path of graphqlFiles(OPERATIONS)) {
    const client = dirname(path).slice(OPERATIONS.length + 1);
    byClient.set(client, [...(byClient.get(client) ?? []), path]);
  }
  return Promise.all(
    [...byClient].map(async ([client, paths]) => {
      const path = `schema/generated/${client}.ts`;
      const text = await codegen({
        filename: path,
        schema,
        schemaAst,
        documents: paths.map((location) => ({ location, document: readOperationDocument(location) })),
        config: CONFIG,
        plugins: [{ typescript: {} }, { operationTypes: {} }, { typedDocuments: {} }],
        pluginMap: { typescript, operationTypes, typedDocuments },
      });
      return { path, text: HEADER + text };
    }),
  );
}

if (require.main === module) {
  generateTypedDocuments(readRepositoryFile("schema/api.graphql")).then(
    (files) => {
      files.forEach(writeGenerated);
      console.log(`Wrote ${files.map(({ path }) => path).join(", ")}.`);
    },
    (error: unknown) => {
      console.error(error);
      process.exitCode = 1;
    },
  );
}
