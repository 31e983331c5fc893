const { createHash } = require("node:crypto");
const fs = require("node:fs");
const path = require("node:path");
const { ExpectedError } = require("./expected-error.cjs");
const { withProgress } = require("./progress.cjs");
const { captureNode } = require("./run-node.cjs");

const rooms = ["kit", "schema", "gateway", "subgraphs", "deploy", "e2e", "bench"];
const rootFiles = ["codegen.ts"];
/** Built by its own bundler (explorer-page.cjs). */
const notOurs = new Set(["gateway/http/explorer/page", "node_modules"]);

/**
 * Compiles what changed of the TypeScript sources into dist/, keeping folders, and deletes the output of what is gone.
 *
 * dist/.build.json remembers each source by time and size, and by content hash when those differ (a fresh checkout
 * changes times, not contents). An entry is forgotten *before* its output is rewritten, so a build that is killed half
 * way is repaired by the next one.
 */
async function build(root) {
  const manifestFile = path.join(root, "dist/.build.json");
  const options = hash([
    fs.readFileSync(path.join(root, ".swcrc")),
    JSON.parse(fs.readFileSync(path.join(root, "node_modules/@swc/core/package.json"), "utf8")).version,
    fs.readFileSync(path.join(__dirname, "compile.cjs")),
  ]);
  const before = readManifest(manifestFile, options);
  // Without a memory there is no telling which outputs are stale: begin anew.
  if (!before) for (const room of rooms) fs.rmSync(path.join(root, "dist", room), { recursive: true, force: true });
  const plan = planBuild(listSources(root), before?.files ?? {}, {
    hashOf: (source) => hash([fs.readFileSync(path.join(root, source))]),
    hasOutput: (output) => fs.existsSync(path.join(root, "dist", output)),
  });

  const save = (files) => writeAtomically(manifestFile, JSON.stringify({ options, files }));
  if (plan.changed.length > 0 || plan.staleOutputs.length > 0) save(plan.unchanged);
  for (const output of plan.staleOutputs) fs.rmSync(path.join(root, "dist", output), { force: true });
  if (plan.changed.length > 0) {
    await withProgress(`Compiling ${plan.changed.length} source files`, () => compile(root, plan.changed));
  }
  if (plan.changed.length > 0 || plan.staleOutputs.length > 0 || plan.retimed) save(plan.files);
}

/**
 * What has to be done, as data.
 *
 * @param {{ source: string, mtimeMs: number, size: number }[]} sources
 * @param {Record<string, { mtimeMs: number, size: number, hash: string }>} before by source
 * @param {{ hashOf(source: string): string, hasOutput(output: string): boolean }} disk
 */
function planBuild(sources, before, { hashOf, hasOutput }) {
  const plan = { changed: [], unchanged: {}, files: {}, staleOutputs: [], retimed: false };
  for (const { source, mtimeMs, size } of sources) {
    const old = before[source];
    const sameTime = old !== undefined && old.mtimeMs === mtimeMs && old.size === size;
    const entry = { mtimeMs, size, hash: sameTime ? old.hash : hashOf(source) };
    plan.files[source] = entry;
    if (old?.hash === entry.hash && outputsOf(source).every(hasOutput)) plan.unchanged[source] = entry;
    else plan.changed.push(source);
    if (!sameTime) plan.retimed = true;
  }
  for (const source of Object.keys(before)) {
    if (!Object.hasOwn(plan.files, source)) plan.staleOutputs.push(...outputsOf(source));
  }
  return plan;
}

/** TypeScript becomes JavaScript and a source map; everything else is copied. */
function outputsOf(source) {
  return source.endsWith(".ts") ? [source.replace(/\.ts$/, ".js"), source.replace(/\.ts$/, ".js.map")] : [source];
}

function isSource(name) {
  return (name.endsWith(".ts") && !name.endsWith(".d.ts")) || name.endsWith(".cjs") || name.endsWith(".json");
}

function listSources(root) {
  const found = [];
  const add = (source) => {
    const stat = fs.statSync(path.join(root, source), { throwIfNoEntry: false });
    if (stat) found.push({ source, mtimeMs: stat.mtimeMs, size: stat.size });
  };
  const walk = (folder) => {
    for (const entry of readFolder(path.join(root, folder))) {
      const source = `${folder}/${entry.name}`;
      if (notOurs.has(source) || notOurs.has(entry.name)) continue;
      if (entry.isDirectory()) walk(source);
      else if (entry.isFile() && isSource(entry.name)) add(source);
    }
  };
  for (const file of rootFiles) add(file);
  for (const room of rooms) walk(room);
  return found;
}

/** The compiler runs in a process of its own: `npm start` goes on in ours, and the compiler's memory would stay. */
async function compile(root, sources) {
  const list = path.join(root, `dist/.compile-${process.pid}.json`);
  fs.writeFileSync(list, JSON.stringify(sources));
  try {
    const { code, output } = await captureNode([path.join(__dirname, "compile.cjs"), list], { cwd: root });
    if (code !== 0) throw new ExpectedError(`${output.trim()}\n\nThe build failed; nothing was started.`);
  } finally {
    fs.rmSync(list, { force: true });
  }
}

function readManifest(file, options) {
  try {
    const manifest = JSON.parse(fs.readFileSync(file, "utf8"));
    return manifest.options === options ? manifest : undefined;
  } catch {
    return undefined;
  }
}

function readFolder(folder) {
  try {
    return fs.readdirSync(folder, { withFileTypes: true });
  } catch (error) {
    if (error.code === "ENOENT") return [];
    throw error;
  }
}

function writeAtomically(file, content) {
  fs.mkdirSync(path.dirname(file), { recursive: true });
  fs.writeFileSync(`${file}.new`, content);
  fs.renameSync(`${file}.new`, file);
}

function hash(parts) {
  const digest = createHash("sha256");
  for (const part of parts) digest.update(part);
  return digest.digest("base64url");
}

module.exports = { build, listSources, planBuild, outputsOf, readFolder, writeAtomically, hash };
