import fs from "node:fs";
import path from "node:path";

const usualPlaces = [
  "/usr/bin/chromium",
  "/usr/bin/chromium-browser",
  "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
];
const names = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"];

/** @returns the path of a browser of this machine; `CHROMIUM_PATH` wins */
export function findChromium(env: NodeJS.ProcessEnv): string | undefined {
  if (env.CHROMIUM_PATH) return env.CHROMIUM_PATH;
  const onPath = (env.PATH ?? "")
    .split(path.delimiter)
    .flatMap((folder) => names.map((name) => path.join(folder, name)));
  return [...usualPlaces, ...onPath].find((file) => fs.existsSync(file));
}
