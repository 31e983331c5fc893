/** Part of `npm run check`: every generated and committed file is what its command makes now. */
import "reflect-metadata";
import { join } from "node:path";
import { CompositionError } from "./compose-supergraph";
import { generateManifest, ManifestError } from "./generate-manifest";
import { generateSchema } from "./generate-schema";
import { type GeneratedFile, isUpToDate, REPOSITORY_ROOT } from "./repository";

async function check(): Promise<void> {
  const { files } = await generateSchema();
  const apiSdl = files.find(({ path }) => path === "schema/api.graphql")?.text ?? "";
  const { generateTypedDocuments } = (await import(join(REPOSITORY_ROOT, "dist", "codegen.js"))) as {
    generateTypedDocuments: (apiSdl: string) => Promise<GeneratedFile[]>;
  };
  const all = [...files, generateManifest(apiSdl), ...(await generateTypedDocuments(apiSdl))];
  const stale = all.filter((file) => !isUpToDate(file));
  if (stale.length === 0) return console.log(`${all.length} generated files are up to date; the supergraph composes.`);
  for (const { path } of stale) console.error(`${path} is out of date: run "npm run codegen" and commit the result.`);
  process.exitCode = 1;
}

check().catch((error: unknown) => {
  console.error(error instanceof CompositionError || error instanceof ManifestError ? error.message : error);
  process.exitCode = 1;
});
