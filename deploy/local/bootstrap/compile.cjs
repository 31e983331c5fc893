/** `node compile.cjs LIST`: compiles the sources named in LIST (JSON) into dist/, several at a time. */
const fs = require("node:fs/promises");
const path = require("node:path");
const swc = require("@swc/core");
const { outputsOf } = require("./build.cjs");

const parallel = 16;
const root = process.cwd();

async function compileOne(source) {
  const [output, mapOutput] = outputsOf(source).map((name) => path.join(root, "dist", name));
  await fs.mkdir(path.dirname(output), { recursive: true });
  if (!mapOutput) return fs.copyFile(path.join(root, source), output);
  const { code, map } = await swc.transform(await fs.readFile(path.join(root, source), "utf8"), {
    filename: path.join(root, source),
    sourceFileName: path.relative(path.dirname(output), path.join(root, source)).replaceAll("\\", "/"),
    cwd: root,
    swcrc: true,
    configFile: path.join(root, ".swcrc"),
  });
  await fs.writeFile(mapOutput, map);
  await fs.writeFile(output, `${code}//# sourceMappingURL=${path.basename(mapOutput)}\n`);
}

async function main() {
  const sources = JSON.parse(await fs.readFile(process.argv[2], "utf8"));
  const failures = [];
  const worker = async () => {
    for (let source = sources.pop(); source !== undefined; source = sources.pop()) {
      await compileOne(source).catch((error) => failures.push(explain(source, error)));
    }
  };
  await Promise.all(Array.from({ length: parallel }, worker));
  if (failures.length > 0) {
    console.error(failures.sort().join("\n"));
    process.exitCode = 1;
  }
}

/** The compiler's message shows the place; its own stack helps nobody. */
function explain(source, error) {
  return `${source}: ${error.message.split(/\n+(?:Caused by|Stack backtrace)/)[0].trim()}`;
}

void main();
