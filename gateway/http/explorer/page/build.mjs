/**
 * Bundles the explorer page into `dist/gateway/http/explorer/assets`. Plain Node and esbuild, no network, a few seconds.
 *
 * Three things decide its shape:
 * - The page runs under `script-src 'self'; worker-src 'self'`, so Monaco's workers are files of their own (no blob:,
 *   no inline code), each one a classic script.
 * - Every file name carries the hash of its content, so all of them can be cached for ever; `manifest.json` tells the
 *   server today's names. It is written last and old files are removed after it: a gateway that is running meanwhile
 *   never sees a manifest that names a missing file.
 * - Compression happens here, once, and not per request.
 */
import { mkdir, readdir, rm, writeFile, rename } from "node:fs/promises";
import path from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { promisify } from "node:util";
import { brotliCompress, constants, gzip } from "node:zlib";
import { build } from "esbuild";

const pageDirectory = path.dirname(fileURLToPath(import.meta.url));
const repositoryRoot = path.resolve(pageDirectory, "../../../..");
const defaultOutDirectory = path.join(repositoryRoot, "dist/gateway/http/explorer/assets");

const workerEntries = {
  "worker-editor": "monaco-editor/esm/vs/editor/editor.worker.js",
  "worker-graphql": "monaco-graphql/esm/graphql.worker.js",
  "worker-json": "monaco-editor/esm/vs/language/json/json.worker.js",
};

const shared = {
  absWorkingDir: repositoryRoot,
  bundle: true,
  minify: true,
  write: false,
  metafile: true,
  platform: "browser",
  target: "es2022",
  charset: "utf8",
  legalComments: "eof",
  logLevel: "warning",
  entryNames: "[name]-[hash]",
  chunkNames: "chunk-[hash]",
  assetNames: "[name]-[hash]",
  define: { "process.env.NODE_ENV": '"production"' },
};

/**
 * @param {string} outDirectory where the files go; it is created, and whatever an earlier build left in it is removed.
 * @returns {Promise<{ files: number; bytes: number; compressedBytes: number }>} sizes of what a browser may download.
 */
export async function buildExplorerPage(outDirectory = defaultOutDirectory) {
  const [page, workers] = await Promise.all([
    build({
      ...shared,
      entryPoints: { explorer: path.join(pageDirectory, "index.jsx") },
      outdir: outDirectory,
      format: "esm",
      splitting: true,
      jsx: "automatic",
      loader: { ".ttf": "file" },
      // GraphiQL imports Prettier's parsers by names that lead to UMD files, whose exports get lost in a bundle.
      alias: {
        "prettier/parser-graphql": "prettier/plugins/graphql",
        "prettier/parser-babel": "prettier/plugins/babel",
      },
    }),
    build({ ...shared, entryPoints: workerEntries, outdir: outDirectory, format: "iife" }),
  ]);

  await mkdir(outDirectory, { recursive: true });
  const entry = pageEntry(page.metafile);
  const outputs = [...page.outputFiles, ...workers.outputFiles].filter(
    // esbuild repeats the styles of lazily loaded modules beside their chunks, though the page's own sheet has them.
    ({ path: file }) => !file.endsWith(".css") || path.basename(file) === entry.style,
  );
  const written = await Promise.all(outputs.map((file) => writeAsset(outDirectory, file)));
  const manifest = {
    ...entry,
    workers: workerNames(workers.metafile),
    files: Object.fromEntries(written.map(({ name, encodings }) => [name, { encodings }])),
  };
  await writeFile(path.join(outDirectory, "manifest.json.next"), JSON.stringify(manifest, null, 2));
  await rename(path.join(outDirectory, "manifest.json.next"), path.join(outDirectory, "manifest.json"));
  await removeOthers(outDirectory, manifest);

  return {
    files: written.length,
    bytes: written.reduce((sum, { bytes }) => sum + bytes, 0),
    compressedBytes: written.reduce((sum, { compressedBytes }) => sum + compressedBytes, 0),
  };
}

/** Writes one file and, where it is worth it, its compressed copies; fonts are compressed already. */
async function writeAsset(outDirectory, { path: filePath, contents }) {
  const name = path.basename(filePath);
  await writeFile(path.join(outDirectory, name), contents);
  if (!/\.(js|css)$/.test(name)) {
    return { name, encodings: [], bytes: contents.length, compressedBytes: contents.length };
  }
  const [br, gz] = await Promise.all([
    promisify(brotliCompress)(contents, { params: { [constants.BROTLI_PARAM_QUALITY]: 6 } }),
    promisify(gzip)(contents, { level: 7 }),
  ]);
  await Promise.all([
    writeFile(path.join(outDirectory, `${name}.br`), br),
    writeFile(path.join(outDirectory, `${name}.gz`), gz),
  ]);
  return { name, encodings: ["br", "gzip"], bytes: contents.length, compressedBytes: br.length };
}

/** Loaded by an import() as soon as the page starts. */
const startedLazily = ["monaco-graphql/esm/monaco-editor.js", "monaco-graphql/esm/lite.js"];

/** The page's script and style, and every chunk it needs at once, so that the browser can ask for all of them together. */
function pageEntry({ outputs }) {
  const outputOf = (entry) => Object.keys(outputs).find((name) => outputs[name].entryPoint?.endsWith(entry));
  const script = outputOf("page/index.jsx");
  const needed = new Set();
  const need = (name) => {
    if (needed.has(name)) return;
    needed.add(name);
    for (const { kind, path: imported } of outputs[name].imports) if (kind === "import-statement") need(imported);
  };
  [script, ...startedLazily.map(outputOf)].forEach(need);
  needed.delete(script);
  return {
    script: path.basename(script),
    style: path.basename(outputs[script].cssBundle),
    preload: [...needed].map((name) => path.basename(name)),
  };
}

function workerNames(metafile) {
  const names = Object.keys(metafile.outputs).map((output) => path.basename(output));
  const named = (prefix) => names.find((name) => name.startsWith(`${prefix}-`));
  return { editor: named("worker-editor"), graphql: named("worker-graphql"), json: named("worker-json") };
}

async function removeOthers(outDirectory, manifest) {
  const keep = new Set(["manifest.json"]);
  for (const name of Object.keys(manifest.files)) {
    for (const suffix of ["", ".br", ".gz"]) keep.add(name + suffix);
  }
  const present = await readdir(outDirectory);
  await Promise.all(
    present.filter((name) => !keep.has(name)).map((name) => rm(path.join(outDirectory, name), { recursive: true })),
  );
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) {
  const started = performance.now();
  const { files, bytes, compressedBytes } = await buildExplorerPage(process.argv[2]);
  const mebibytes = (count) => (count / 1024 / 1024).toFixed(1);
  console.log(
    `explorer page: ${files} files, ${mebibytes(bytes)} MiB (${mebibytes(compressedBytes)} MiB compressed), ` +
      `${((performance.now() - started) / 1000).toFixed(1)} s`,
  );
}
