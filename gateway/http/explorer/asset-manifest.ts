import { readFile, stat } from "node:fs/promises";
import path from "node:path";
import { z } from "zod";

/** Nothing with a separator or a leading dot: a manifest cannot name a file outside its directory. */
const assetName = z.string().regex(/^[A-Za-z0-9_][A-Za-z0-9_.-]*$/);

const manifestSchema = z.object({
  script: assetName,
  style: assetName,
  preload: z.array(assetName),
  workers: z.object({ editor: assetName, graphql: assetName, json: assetName }),
  files: z.record(assetName, z.object({ encodings: z.array(z.enum(["br", "gzip"])) })),
});

/** What `page/build.mjs` wrote: today's file names, and which compressed copies lie beside them. */
export type AssetManifest = z.infer<typeof manifestSchema>;

/**
 * A reader of `manifest.json` that reads it again only when the file has changed, so that a page built while the
 * gateway runs is served at once.
 *
 * @returns a function; it gives `undefined` while the assets are not built, and throws on a manifest that is not ours.
 */
export function createManifestReader(assetsDirectory: string): () => Promise<AssetManifest | undefined> {
  const file = path.join(assetsDirectory, "manifest.json");
  let known: { modifiedMs: number; manifest: AssetManifest } | undefined;

  return async () => {
    try {
      const { mtimeMs } = await stat(file);
      if (known?.modifiedMs !== mtimeMs) {
        known = { modifiedMs: mtimeMs, manifest: manifestSchema.parse(JSON.parse(await readFile(file, "utf8"))) };
      }
      return known.manifest;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
      throw error;
    }
  };
}
