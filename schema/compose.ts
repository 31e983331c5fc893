/** `npm run compose`: prints the subgraphs' SDL, composes them and writes the results beside this file. */
import "reflect-metadata";
import { CompositionError } from "./compose-supergraph";
import { generateSchema } from "./generate-schema";
import { isUpToDate, writeGenerated } from "./repository";

async function compose(): Promise<void> {
  const { files, hints } = await generateSchema();
  for (const hint of hints) console.warn(`hint: ${hint}`);
  const changed = files.filter((file) => !isUpToDate(file));
  changed.forEach(writeGenerated);
  console.log(
    changed.length === 0 ? "The schema is up to date." : `Wrote ${changed.map(({ path }) => path).join(", ")}.`,
  );
}

compose().catch((error: unknown) => {
  console.error(error instanceof CompositionError ? error.message : error);
  process.exitCode = 1;
});
