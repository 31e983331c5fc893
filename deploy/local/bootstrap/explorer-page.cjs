const fs = require("node:fs");
const path = require("node:path");
const { hash, readFolder, writeAtomically } = require("./build.cjs");
const { ExpectedError } = require("./expected-error.cjs");
const { withProgress } = require("./progress.cjs");
const { captureNode } = require("./run-node.cjs");

const page = "gateway/http/explorer/page";
const assets = "dist/gateway/http/explorer/assets";

/** Bundles the explorer page when its sources or the locked dependencies changed since the last bundle. */
async function buildExplorerPage(root) {
  const script = path.join(root, page, "build.mjs");
  if (!fs.existsSync(script)) return;
  const stampFile = path.join(root, "dist/.explorer-page.json");
  const sources = hash([...contentsOf(path.join(root, page)), fs.readFileSync(path.join(root, "package-lock.json"))]);
  if (readStamp(stampFile) === sources && readFolder(path.join(root, assets)).length > 0) return;

  fs.rmSync(stampFile, { force: true });
  const { code, output } = await withProgress("Bundling the explorer page", () => captureNode([script], { cwd: root }));
  if (code !== 0) throw new ExpectedError(`${output.trim()}\n\nThe explorer page could not be bundled.`);
  writeAtomically(stampFile, JSON.stringify({ sources }));
}

function* contentsOf(folder) {
  for (const entry of readFolder(folder).sort((a, b) => (a.name < b.name ? -1 : 1))) {
    const file = path.join(folder, entry.name);
    yield `${entry.name}\0`;
    if (entry.isDirectory()) yield* contentsOf(file);
    else yield fs.readFileSync(file);
  }
}

function readStamp(file) {
  try {
    return JSON.parse(fs.readFileSync(file, "utf8")).sources;
  } catch {
    return undefined;
  }
}

module.exports = { buildExplorerPage };
