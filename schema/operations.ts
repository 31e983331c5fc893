/** `npm run operations`: makes the manifest of the partners' operations from the documents in operations/partners/. */
import { generateManifest, ManifestError } from "./generate-manifest";
import { readRepositoryFile, writeGenerated } from "./repository";

try {
  const manifest = generateManifest(readRepositoryFile("schema/api.graphql"));
  writeGenerated(manifest);
  console.log(`Wrote ${manifest.path}.`);
} catch (error) {
  console.error(error instanceof ManifestError ? error.message : error);
  process.exitCode = 1;
}
