/** Teaches a thread that tests start to run TypeScript, as @swc/jest teaches Jest: `execArgv: ["--require", thisFile]`. */
const { readFileSync } = require("node:fs");
const path = require("node:path");
const { transformSync } = require("@swc/core");

const configFile = path.join(__dirname, "../../../.swcrc");

require.extensions[".ts"] = (module, filename) => {
  const { code } = transformSync(readFileSync(filename, "utf8"), { filename, configFile, sourceMaps: false });
  module._compile(code, filename);
};
